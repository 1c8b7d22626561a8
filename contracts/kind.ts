/**
 * What one kind of external system promises, whatever the vendor: its operations (the hub calls), its notices (the
 * system tells), each with a canonical contract. Adapters implement it, flows call it, the engine reads from it how
 * each operation may be repeated.
 */
import { Type, type Static, type TSchema } from 'typebox';
import { contract, strict, type Contract } from './contract.ts';
import { ShortText } from './canonical/primitives.ts';

export interface Label {
  readonly zh: string;
  readonly en: string;
}

/**
 * What an operation does to the world:
 * - `read`:  nothing; may be repeated freely.
 * - `write`: something that can be repeated harmlessly under the same key, or queried.
 * - `money`: moves value or goods; its intent is committed before a byte leaves, an unknown outcome is only queried.
 */
export type Effect = 'read' | 'write' | 'money';

export interface Operation<Q extends TSchema = TSchema, A extends TSchema = TSchema> {
  /** `<kind>.<operation>`: the Moleculer action. */
  readonly name: string;
  readonly request: Contract<Q>;
  readonly response: Contract<A>;
  readonly effect: Effect;
  readonly label: Label;
  /** The operation (`<kind>.<operation>`) that tells what became of an earlier request of this one. */
  readonly query: string | undefined;
  /** The number under which the counterparty knows the request: what is queried. Unique per instruction, never reused. */
  readonly numberOf: ((request: Static<Q>) => string) | undefined;
  /** Whether the counterparty promises that the same number twice has one effect. Otherwise an unfound request goes to people. */
  readonly idempotent: boolean;
  /** Business time after which "not found" may be believed (twice, reliability.md 2.1). */
  readonly settleMs: number;
}

/**
 * What a notice tells about an instruction that the hub gave earlier, by the notice's own key. Where it contradicts what
 * was settled, people are shown: `happened` against a refusal, `refused` against a confirmation.
 */
export interface Report<M extends TSchema> {
  /** `<kind>.<operation>`. */
  readonly operation: string;
  /** Undefined: this message says nothing about whether the instruction took effect. */
  readonly verdict: (message: Static<M>) => 'happened' | 'refused' | undefined;
}

export interface Notice<M extends TSchema = TSchema> {
  /** `<kind>.<notice>`. */
  readonly name: string;
  readonly contract: Contract<M>;
  readonly label: Label;
  /** The business number that a waiting run knows. */
  readonly keyOf: (message: Static<M>) => string;
  /** What makes this fact this fact, whatever road it came by: the same id twice is one fact. */
  readonly idOf: (message: Static<M>) => string;
  readonly reports: Report<M> | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- contracts of any schema; each stays typed where it is defined
type AnyOperations = Record<string, OperationSpec<any, any>>;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
type AnyNotices = Record<string, NoticeSpec<any>>;

export interface Kind<O extends AnyOperations = AnyOperations, N extends AnyNotices = AnyNotices> {
  readonly name: string;
  readonly operations: {
    readonly [K in keyof O]: O[K] extends OperationSpec<infer Q, infer A> ? Operation<Q, A> : never;
  };
  readonly notices: { readonly [K in keyof N]: N[K] extends NoticeSpec<infer M> ? Notice<M> : never };
}

interface OperationSpec<Q extends TSchema, A extends TSchema> {
  readonly request: Contract<Q>;
  readonly response: Contract<A>;
  readonly effect: Effect;
  readonly label: Label;
  readonly query?: string;
  readonly numberOf?: (request: Static<Q>) => string;
  readonly idempotent?: boolean;
  readonly settleMs?: number;
}

export interface NoticeSpec<M extends TSchema> {
  readonly contract: Contract<M>;
  readonly label: Label;
  readonly keyOf: (message: Static<M>) => string;
  readonly idOf: (message: Static<M>) => string;
  /** `operation` without the kind. */
  readonly reports?: Report<M>;
}

/** Types the parts of one operation against each other. */
export function operation<Q extends TSchema, A extends TSchema>(spec: OperationSpec<Q, A>): OperationSpec<Q, A> {
  return spec;
}

export function notice<M extends TSchema>(spec: NoticeSpec<M>): NoticeSpec<M> {
  return spec;
}

export function kind<O extends AnyOperations, N extends AnyNotices>(
  name: string,
  operations: O,
  notices: N,
): Kind<O, N> {
  const full = {
    name,
    operations: Object.fromEntries(
      Object.entries(operations).map(([key, spec]) => [
        key,
        {
          ...spec,
          name: `${name}.${key}`,
          query: spec.query === undefined ? undefined : `${name}.${spec.query}`,
          numberOf: spec.numberOf,
          idempotent: spec.idempotent ?? spec.effect === 'read',
          settleMs: spec.settleMs ?? 60_000,
        },
      ]),
    ),
    notices: Object.fromEntries(
      Object.entries(notices).map(([key, spec]) => [
        key,
        {
          ...spec,
          name: `${name}.${key}`,
          reports: spec.reports && { ...spec.reports, operation: `${name}.${spec.reports.operation}` },
        },
      ]),
    ),
  };
  return full as unknown as Kind<O, N>;
}

/** Every query asks by the number of the earlier request... */
export const QueryByNumber = contract('common/query-by-number', strict({ no: ShortText }));

/**
 * ...and gets the earlier request's answer, a refusal, "still under way", or "never heard of it".
 * `notFound` is a fact about the moment, not a verdict: the engine asks again before it believes it.
 */
export function enquiry<A extends TSchema>(response: Contract<A>) {
  return contract(
    `${response.name}/enquiry`,
    Type.Union([
      strict({ outcome: Type.Literal('confirmed'), response: response.schema }),
      strict({ outcome: Type.Literal('refused'), code: ShortText, detail: Type.String({ maxLength: 500 }) }),
      strict({ outcome: Type.Literal('pending') }),
      strict({ outcome: Type.Literal('notFound') }),
    ]),
  );
}
