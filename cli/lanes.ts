/** `lianshu lanes`: the roads to the external systems of the running hub, and what an operator does to them. */
import { userInfo } from 'node:os';
import { runningHub } from './running.ts';

export interface LanesOptions {
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
  readonly json?: boolean | undefined;
  readonly concurrency?: string | undefined;
  readonly rate?: string | undefined;
  readonly 'rate-per-ms'?: string | undefined;
  readonly 'ramp-per-s'?: string | undefined;
  /** `09:00-17:00`, or `none`. */
  readonly hours?: string | undefined;
  readonly 'every-day'?: boolean | undefined;
}

interface LaneRow {
  readonly system: string;
  readonly state: string;
  readonly held: number;
  readonly heldSince?: string | null;
  readonly concurrency?: number | null;
  readonly rate?: number | null;
  readonly ratePerMs?: number;
  readonly hours?: { readonly opens: string; readonly closes: string } | null;
  readonly paused?: { readonly by: string; readonly why: string } | null;
}

const acts: ReadonlySet<string | undefined> = new Set(['pause', 'resume', 'set']);

export async function lanes(positionals: readonly string[], options: LanesOptions): Promise<number> {
  const [verb, system] = positionals;
  if (verb === undefined) {
    const { url } = await runningHub();
    const answer = (await ask(`${url}/v1/lanes`, 'GET')) as { lanes: LaneRow[] };
    process.stdout.write(options.json ? `${JSON.stringify(answer, null, 2)}\n` : answer.lanes.map(line).join(''));
    return 0;
  }
  if (!acts.has(verb)) throw new Error(`没有该操作 no such act: ${verb}. One of: pause, resume, set`);
  if (system === undefined) throw new Error('哪个系统？ of which system? for example: lanes pause bank --reason 对账');
  if (options.reason === undefined) throw new Error('请说明原因 say why: --reason "..."');
  const { url } = await runningHub();
  const body = {
    by: options.by ?? userInfo().username,
    reason: options.reason,
    ...(verb === 'set' ? settingsOf(options) : {}),
  };
  const lane = (await ask(`${url}/v1/lanes/${encodeURIComponent(system)}/${verb}`, 'POST', body)) as LaneRow;
  process.stdout.write(options.json ? `${JSON.stringify(lane, null, 2)}\n` : line(lane));
  return 0;
}

function settingsOf(options: LanesOptions): object {
  const { concurrency, rate, hours } = options;
  const [opens, closes] = hours === 'none' ? [null, null] : (hours?.split('-') ?? []);
  const given = {
    concurrency: limit(concurrency),
    rate: limit(rate),
    ratePerMs: limit(options['rate-per-ms']),
    rampPerS: limit(options['ramp-per-s']),
    opens,
    closes,
    everyDay: options['every-day'],
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function limit(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`不是整数 not a whole number: ${text} (or: none)`);
  return Number(text);
}

function line(lane: LaneRow): string {
  const { system, state, held, paused, concurrency, rate, ratePerMs, hours } = lane;
  const parts = [
    held > 0 ? `held ${held} since ${lane.heldSince ?? ''}` : '',
    paused ? `by ${paused.by}: ${paused.why}` : '',
    concurrency ? `x${concurrency}` : '',
    rate ? `${rate}/${ratePerMs} ms` : '',
    hours ? `${hours.opens}-${hours.closes}` : '',
  ];
  return `${system.padEnd(20)} ${state.padEnd(8)} ${parts.filter((part) => part !== '').join('  ')}`.trimEnd() + '\n';
}

async function ask(url: string, method: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as unknown;
  const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
  throw new Error(detail ?? title ?? text);
}
