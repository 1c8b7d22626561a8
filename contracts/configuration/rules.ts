/**
 * Rule sets (规则集) as people agree on them: admission scorecards, funder routing, alert lines, and what a product requires
 * (documents, signers, registrations). Written for json-rules-engine, of which a rule set may use what stands here and nothing
 * else. Numbers are decimal strings and are compared exactly.
 */
import { Type, type Static } from 'typebox';
import { contract, strict } from '../contract.ts';

const Name = Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,63}$', maxLength: 64 });
const Decimal = Type.String({ pattern: '^-?(0|[1-9]\\d{0,17})(\\.\\d{1,9})?$', maxLength: 30 });
const Value = Type.Union([
  Decimal,
  Type.Boolean(),
  Type.Array(Type.String({ maxLength: 100 }), { maxItems: 200 }),
  Type.String({ maxLength: 100 }),
]);

/** How a fact is compared: `atLeast` … by number, `is` … by text or truth, `among` with a list, `isKnown` whatever it is. */
export const operators = [
  'atLeast',
  'above',
  'atMost',
  'below',
  'is',
  'isNot',
  'among',
  'notAmong',
  'isKnown',
] as const;

const Condition = strict({
  fact: Name,
  operator: Type.Enum(operators),
  value: Value,
});
const conditions = Type.Array(Condition, { minItems: 1, maxItems: 50 });

/** What follows when a rule holds. */
const Consequence = Type.Union([
  /** The case is refused, with a reason for people. */
  strict({ type: Type.Literal('refuse'), params: strict({ reason: Type.String({ minLength: 1, maxLength: 200 }) }) }),
  /** So many points more or less. */
  strict({ type: Type.Literal('points'), params: strict({ points: Decimal }) }),
  /** Something must be there: a document, a signer, a registration. */
  strict({ type: Type.Literal('require'), params: strict({ what: Name }) }),
  /** An alert of that level. */
  strict({
    type: Type.Literal('alert'),
    params: strict({
      level: Type.Enum(['INFO', 'WARN', 'CALL', 'DISPOSE']),
    }),
  }),
]);

const Rule = strict({
  name: Name,
  /** For people: shown where a decision is explained. */
  title: Type.String({ minLength: 1, maxLength: 200 }),
  conditions: Type.Union([strict({ all: conditions }), strict({ any: conditions })]),
  event: Consequence,
});

/** A rule set. `facts`: what it looks at; one that is not told is unknown, and then a rule that asks for it does not hold. */
export const RuleSetBody = contract(
  'configuration/rules',
  strict({
    title: Type.String({ minLength: 1, maxLength: 200 }),
    purpose: Type.Enum(['ADMISSION', 'ROUTING', 'ALERT', 'REQUIREMENT']),
    facts: Type.Array(Name, { minItems: 1, maxItems: 200, uniqueItems: true }),
    /** Facts without which nothing can be decided: one of them unknown refers the case to people. */
    needs: Type.Array(Name, { maxItems: 200, uniqueItems: true }),
    /** Points below which the case is refused; ADMISSION only. */
    passPoints: Type.Optional(Decimal),
    rules: Type.Array(Rule, { minItems: 1, maxItems: 500 }),
  }),
);

export type RuleSet = Static<typeof RuleSetBody.schema>;
