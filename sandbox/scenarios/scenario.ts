/**
 * A scenario (场景): one story of the business, played against a running hub and its counterparties, with what must be true
 * afterwards in the books, at the counterparties and in the evidence. Each is told alone and can be run alone.
 */
import type { EffectLine } from '../effects.ts';
import type { Changes } from '../traders.ts';

/** The flows of the business, by their numbers in the domain's tables. */
export const flowTitles = {
  F1: { zh: '入驻与实名', en: 'onboarding' },
  F2: { zh: '信用融资', en: 'credit financing' },
  F3: { zh: '现货质押', en: 'spot pledge' },
  F4: { zh: '未来货权转电子仓单', en: 'future goods to receipt' },
  F5: { zh: '换货、补货、部分解押', en: 'substitution, top-up, partial release' },
  F6: { zh: '保理确权', en: 'factoring' },
  F7: { zh: '还款与解押', en: 'repayment and release' },
  F8: { zh: '盯市与追加', en: 'mark to market' },
  F9: { zh: '货准', en: 'stock reconciliation' },
  F10: { zh: '日终对账', en: 'daily reconciliation' },
  F11: { zh: '逾期', en: 'overdue' },
  F12: { zh: '贷后反馈', en: 'post-loan feedback' },
  F13: { zh: '多资方路由', en: 'routing to funders' },
} as const;

export type FlowNo = keyof typeof flowTitles;

export interface Scenario {
  /** `<folder>/<what happens>`, in kebab case: `spot-pledge/no-ownership-proof`. */
  readonly name: string;
  readonly flow: FlowNo;
  /** Rows of the flow's table whose failure this plays, such as `F3.6`; none: the happy path. */
  readonly failures: readonly string[];
  readonly title: { readonly zh: string; readonly en: string };
  /** @throws when something is not as it must be */
  readonly play: (stage: Stage) => Promise<void>;
}

/** Real time in which something must come true, unless a scenario says otherwise. Never a measure: only an end to waiting. */
export const patienceMs = 60_000;

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface Task {
  readonly id: string;
  readonly case: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly payload: unknown;
  readonly payloadHash: string;
  readonly roles: readonly string[];
}

/** What a scenario can do and see. */
export interface Stage {
  /** The secret that a caller shares with the hub. */
  secretOf(caller: string): string;
  /** Business time. */
  now(): Date;
  /** Business date of today in Shanghai. */
  today(): string;
  /** A number that no other scenario of this home has: six digits. */
  readonly unique: () => string;
  /** Moves business time of hub and counterparties: `30d`, `2h`, `15m`. What becomes due on the way happens. */
  advance(period: string): Promise<void>;

  /** Posts a command to the hub's API as this caller, signed. Any answer is an answer. */
  send(caller: string, path: string, body: object): Promise<Answer>;
  /** As `send`. @throws unless the hub took it */
  command(caller: string, path: string, body: object): Promise<Answer>;
  read(caller: string, path: string): Promise<Answer>;
  /** As an operator of the installation, over its own edge. Any answer is an answer. */
  post(path: string, body: object): Promise<Answer>;

  /** An order in the unit's SAP, which pushes it to the hub. Nobody acts for unit or dealer unless `people` does. Returns its number. */
  placeOrder(wish?: {
    readonly dealer?: string;
    readonly material?: string;
    readonly quantity?: string;
    readonly salesOrganization?: string;
  }): Promise<string>;
  /** From now on unit and dealer play their parts for this order, but for what is changed. */
  people(orderNo: string, changes?: Changes, dealer?: string): void;
  /** The case of an order, once it has one. */
  caseOf(orderNo: string): Promise<string>;
  /** One of a counterparty's people acts, such as `place` at `sap-s4`. */
  act(system: string, act: string, args?: object): Promise<unknown>;
  /** The next requests of that operation meet this fault (docs/sandbox.md). */
  fault(system: string, fault: string, how?: { readonly operation?: string; readonly times?: number }): Promise<void>;
  clearFaults(system: string): Promise<void>;
  /** What a counterparty really did, by its own log. */
  effects(system: string, kind?: string): readonly EffectLine[];
  /** What a counterparty remembers. */
  memory(system: string): Promise<Record<string, unknown>>;

  /** Open tasks of the hub's people. */
  tasks(caseNo?: string): Promise<readonly Task[]>;
  /** Waits for a task of that case whose English title contains the words; this person then decides. */
  decide(
    caseNo: string,
    title: string,
    by: {
      readonly person: string;
      readonly role?: string;
      readonly decision?: 'approved' | 'rejected';
      readonly reason?: string;
    },
  ): Promise<void>;

  /** Rows of the books. */
  rows<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** The one value of the one row. */
  value(sql: string, values?: readonly unknown[]): Promise<unknown>;
  /** Waits until it is true. @throws naming what was waited for and what was last seen */
  until(what: string, holds: () => Promise<boolean>, limitMs?: number): Promise<void>;
  /** Waits for the case to be in that state; what became of its runs is said when it is not. */
  caseEnds(caseNo: string, state: string, limitMs?: number): Promise<void>;
  /** @throws naming both when they are not deeply equal */
  same(what: string, actual: unknown, expected: unknown): void;
  /** Kinds of evidence of a case, such as `N04`, in their order. */
  evidence(caseNo: string): Promise<string[]>;
}
