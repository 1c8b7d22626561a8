/** What `lianshu start` draws: on stderr, so that stdout stays for the one document that a program reads. */
import { releaseSteps, pledgeSteps } from '../flows/steps.ts';
import type { CaseReport } from './report.ts';

const names = new Map([...pledgeSteps, ...releaseSteps].map((step) => [step.no, step]));
const total = names.size;

export class Screen {
  readonly #json: boolean;
  readonly #live: boolean;
  /** What each case waits for, by its letter. */
  readonly #waits = new Map<string, string>();
  #status = '';

  constructor(json: boolean) {
    this.#json = json;
    this.#live = process.stderr.isTTY && !json;
  }

  say(who: string, what: string): void {
    this.#line(`${this.#dim(pad(who, 16))}${what}`);
  }

  begin(tag: string, orderNo: string, dealer: string, url: string): void {
    this.#line(`${this.#bold(`${tag} 现货质押 spot pledge`)}  订单 order ${orderNo}  ${dealer}  ${this.#dim(url)}`);
  }

  step(tag: string, step: { no: number; party: string; ms: number }): void {
    const about = names.get(step.no);
    const bar = `${String(step.no).padStart(2)}/${total}`;
    this.#line(
      `${tag} ${this.#green('✓')} ${bar}  ${pad(about?.name.zh ?? '', 26)}${pad(about?.name.en ?? '', 40)}${pad(step.party, 18)}${String(step.ms).padStart(6)} ms`,
    );
  }

  waiting(tag: string, what: string): void {
    if (what === '') this.#waits.delete(tag);
    else this.#waits.set(tag, what);
    const status = [...this.#waits].map(([whose, wait]) => `${whose} ${wait}`).join('   ');
    if (!this.#live || status === this.#status) return;
    this.#status = status;
    process.stderr.write(`\r\u001b[2K  ${this.#dim(`… ${status}`)}`);
  }

  end(tag: string, report: CaseReport, businessTime: string): void {
    this.#waits.delete(tag);
    const { effects, invariants } = report;
    this.#line(
      `${tag} ${report.state === 'released' ? this.#green('■ 已解押 released') : `■ ${report.state}`}  ${report.exchanges} 条报文 messages · ` +
        `${effects.confirmed} 项外部动作 effects · 未知 unknown ${effects.unknown} · 校验 invariants ${invariants.checked}, 违反 broken ${invariants.broken} · 业务时间 ${businessTime}`,
    );
  }

  #line(text: string): void {
    if (this.#json) {
      if (text !== '') process.stderr.write(`${text}\n`);
      return;
    }
    if (this.#live && this.#status !== '') process.stderr.write('\r\u001b[2K');
    this.#status = '';
    process.stderr.write(`${text}\n`);
  }

  #colour(code: number, text: string): string {
    return this.#live && process.env['NO_COLOR'] === undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
  #dim(text: string): string {
    return this.#colour(2, text);
  }
  #bold(text: string): string {
    return this.#colour(1, text);
  }
  #green(text: string): string {
    return this.#colour(32, text);
  }
}

/** Chinese characters are two columns wide. */
function pad(text: string, columns: number): string {
  const width = [...text].reduce((sum, c) => sum + ((c.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1), 0);
  return text + ' '.repeat(Math.max(1, columns - width));
}
