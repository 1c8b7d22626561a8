/**
 * The people of the trading unit and of its dealers: they read where a case stands from the hub's own API and do what is
 * asked of them, after the time that people take. They sign what they send like any other caller.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { cityBank, dealers, factor, funder, unit, warehouse, type Dealer } from './world.ts';

const pollMs = 150;
const hourMs = 3_600_000;
/** How long a dealer keeps its goods pledged before it repays. */
const holdMs = 5 * 24 * hourMs;
/** So many of them look at once ... */
const atOnce = 4;
/** ... and in a second: a crowd takes turns, and leaves the hub time for its work. */
const looksPerSecondMax = 25;

/** What is sent instead of what they would send; nothing, when they leave it out. */
type Change = (usual: Record<string, unknown>) => object | undefined;

export type Part = 'register' | 'documents' | 'apply' | 'release';
export type Changes = Readonly<Partial<Record<Part, Change>>>;

interface Watched {
  readonly orderNo: string;
  readonly dealer: Dealer;
  /** What was done already, with the business instant at which it becomes due. */
  readonly done: Set<string>;
  readonly dueMs: Map<string, number>;
  /** They know what they do next, and when: until then they need not look. */
  restUntilMs: number;
  readonly changes: Changes;
}

/** What the hub tells a caller of its case; only what is used here. */
interface CaseView {
  readonly case: string;
  readonly state: string;
  readonly needs?: readonly string[];
  readonly invitation?: string;
  readonly application?: { readonly no: string; readonly state: string };
  readonly loan?: { readonly state: string };
  /** None, where the loan rests on credit alone. */
  readonly pledge?: { readonly state: string };
  readonly order?: { readonly total: string };
}

export interface TradersOptions {
  /** Address of the hub. */
  readonly hub: string;
  readonly clock: Clock;
  readonly secretOf: (caller: string) => string;
  /** How often each of them looks where its case stands. */
  readonly lookMs?: number;
}

export class Traders {
  readonly #options: TradersOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: TradersOptions) {
    this.#options = options;
  }

  /** Plays unit and dealer for this order, but for what is changed. False when nobody here is that customer. */
  adopt(orderNo: string, customerNo: string, changes: Changes = {}): boolean {
    const dealer = dealers.find((d) => Number(d.sapNo) === Number(customerNo));
    if (!dealer) return false;
    if (!this.#watched.has(orderNo))
      this.#watched.set(orderNo, { orderNo, dealer, done: new Set(), dueMs: new Map(), restUntilMs: 0, changes });
    this.#schedule();
    return true;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#stopped || this.#timer || this.#watched.size === 0) return;
    this.#timer = setTimeout(() => {
      void this.#round().finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, this.#options.lookMs ?? pollMs);
  }

  async #round(): Promise<void> {
    const nowMs = this.#options.clock.now().getTime();
    const awake = [...this.#watched].filter(([, { restUntilMs }]) => restUntilMs <= nowMs);
    const most = Math.ceil((looksPerSecondMax * (this.#options.lookMs ?? pollMs)) / 1_000);
    const looking = awake.slice(0, most).map(([orderNo, watched]) => {
      // To the end of the row.
      this.#watched.delete(orderNo);
      this.#watched.set(orderNo, watched);
      return watched;
    });
    const next = async (): Promise<void> => {
      // The hub is down or busy: they look again.
      for (let one = looking.shift(); one; one = looking.shift()) await this.#look(one).catch(() => undefined);
    };
    await Promise.all(Array.from({ length: atOnce }, next));
  }

  async #look(watched: Watched): Promise<void> {
    const view = await this.#read('unit', `/v1/cases?order=${encodeURIComponent(watched.orderNo)}`);
    if (!view) return;
    if (view.state !== 'open') {
      this.#watched.delete(watched.orderNo);
      return;
    }
    const needs = new Set(view.needs);
    if (needs.has('portal.registered') && view.invitation)
      await this.#when(watched, 'register', 2 * hourMs, () => this.#register(watched, view));
    if (needs.has('portal.documentsSubmitted'))
      await this.#when(watched, 'documents', 3 * hourMs, () => this.#handInDocuments(watched, view));
    if (needs.has('portal.applicationSubmitted'))
      await this.#when(watched, 'apply', 2 * hourMs, () => this.#apply(watched, view));
    if (view.loan?.state === 'ACTIVE' && view.application)
      await this.#when(watched, 'release', holdMs, () =>
        view.pledge ? this.#release(watched, view) : this.#repay(watched, view),
      );
  }

  /** Once, and not before people have had time for it. */
  async #when(watched: Watched, what: string, afterMs: number, act: () => Promise<void>): Promise<void> {
    const now = this.#options.clock.now().getTime();
    if (watched.done.has(what)) return;
    const dueMs = watched.dueMs.get(what) ?? now + afterMs;
    watched.dueMs.set(what, dueMs);
    if (now < dueMs) {
      watched.restUntilMs = dueMs;
      return;
    }
    await act();
    watched.done.add(what);
  }

  #register({ dealer, changes }: Watched, view: CaseView): Promise<void> {
    return this.#send(callerOf(dealer), '/v1/registrations', changes.register, {
      invitationCode: view.invitation,
      caseNo: view.case,
      uscc: dealer.uscc,
      name: dealer.name,
      legalRep: { name: dealer.legalRep.name, idNo: dealer.legalRep.idNo },
      agent: {
        name: dealer.agent.name,
        idNo: dealer.agent.idNo,
        phone: dealer.agent.phone,
        cardNo: dealer.agent.cardNo,
      },
      account: dealer.account,
      // Each by its name: whoever of them is asked may be told.
      consents: [funder, cityBank, factor].map(({ name }) => ({ purpose: 'financing', recipient: name })),
    });
  }

  #handInDocuments({ changes }: Watched, view: CaseView): Promise<void> {
    return this.#send('unit', '/v1/project-documents', changes.documents, {
      caseNo: view.case,
      contractNo: `HT-${view.case}`,
      signedOn: this.#options.clock.now().toISOString().slice(0, 10),
      warehouse: { code: warehouse.code, name: warehouse.name, uscc: warehouse.uscc },
      seller: { name: unit.name, uscc: unit.uscc, account: unit.account },
      supervision: {
        agreementNo: `JG-${view.case}`,
        principals: [funder, cityBank].map(({ name, uscc }) => ({ name, uscc })),
        supervisor: { name: warehouse.name, uscc: warehouse.uscc },
      },
      documents: [
        paper('purchaseContract', '采购合同', view.case),
        paper('supervisionAgreement', '三方监管协议', view.case),
      ],
    });
  }

  /** Seventy per cent of what the order costs, cut to the yuan. */
  #apply({ dealer, changes }: Watched, view: CaseView): Promise<void> {
    const fen = BigInt((view.order?.total ?? '0.00').replace('.', ''));
    const yuan = (fen * 70n) / 10_000n;
    return this.#send(callerOf(dealer), '/v1/applications', changes.apply, {
      applicationNo: view.case.replace('CASE-', 'AP'),
      caseNo: view.case,
      borrowerUscc: dealer.uscc,
      amount: `${yuan}.00`,
      currency: 'CNY',
      tenorDays: 90,
      purpose: '支付钢材采购货款',
      documents: [paper('invoice', '增值税发票', view.case), paper('ownershipProof', '货权证明', view.case)],
    });
  }

  #release({ dealer, changes }: Watched, view: CaseView): Promise<void> {
    return this.#send(callerOf(dealer), '/v1/releases', changes.release, {
      releaseNo: view.case.replace('CASE-', 'RL'),
      caseNo: view.case,
      applicationNo: view.application?.no,
      borrowerUscc: dealer.uscc,
      picker: { name: dealer.picker.name, idNo: dealer.picker.idNo, vehicle: dealer.picker.vehicle },
    });
  }

  #repay({ dealer, changes }: Watched, view: CaseView): Promise<void> {
    return this.#send(callerOf(dealer), '/v1/loan-repayments', changes.release, {
      requestNo: view.case.replace('CASE-', 'HK'),
      caseNo: view.case,
      applicationNo: view.application?.no,
      borrowerUscc: dealer.uscc,
    });
  }

  async #send(caller: string, path: string, change: Change | undefined, usual: Record<string, unknown>): Promise<void> {
    const body = change ? change(usual) : usual;
    if (body === undefined) return;
    const text = JSON.stringify(body);
    const answer = await this.#fetch(caller, path, {
      method: 'POST',
      body: text,
      id: `msg_${createHash('sha256')
        .update(path + text)
        .digest('hex')
        .slice(0, 32)}`,
    });
    if (answer.status >= 300)
      process.stderr.write(`the hub refused ${path} of ${caller}: ${(await answer.text()).slice(0, 1_000)}\n`);
    // A refusal is said once; what cannot be read now is tried again by the caller of this.
    if (answer.status >= 500) throw new Error(`the hub answered ${answer.status}`);
  }

  async #read(caller: string, path: string): Promise<CaseView | undefined> {
    const answer = await this.#fetch(caller, path, { method: 'GET', body: '', id: `msg_${randomUUID()}` });
    return answer.status === 200 ? ((await answer.json()) as CaseView) : undefined;
  }

  #fetch(caller: string, path: string, message: { method: string; body: string; id: string }): Promise<Response> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const secret = Buffer.from(this.#options.secretOf(caller).replace(/^whsec_/, ''), 'base64');
    const signature = createHmac('sha256', secret)
      .update(`${message.id}.${timestamp}.${message.body}`)
      .digest('base64');
    return fetch(this.#options.hub + path, {
      method: message.method,
      headers: {
        'content-type': 'application/json',
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
        'x-lianshu-caller': caller,
      },
      ...(message.method === 'POST' ? { body: message.body } : {}),
      signal: AbortSignal.timeout(10_000),
    });
  }
}

function callerOf(dealer: Dealer): string {
  return `dealer-${Number(dealer.sapNo)}`;
}

function paper(type: string, name: string, caseNo: string): object {
  return { type, name, sha256: createHash('sha256').update(`${type} ${caseNo}`).digest('hex') };
}
