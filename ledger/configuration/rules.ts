/**
 * Decisions by rules (规则决策): a rule set in force, what it was told, what followed, and why, kept for good. The rules are run
 * by json-rules-engine; numbers are compared as exact decimals.
 */
import { Decimal } from 'decimal.js';
import { Engine, type RuleResult } from 'json-rules-engine';
import type { operators, RuleSet } from '../../contracts/configuration/rules.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';
import { inForce, type ConfigurationId } from './configuration.ts';

/** Decimal strings, texts, truth. What is not known is left out, never guessed. */
export type Facts = Readonly<Record<string, string | boolean>>;

export interface Reason {
  readonly rule: string;
  readonly title: string;
  readonly held: boolean;
  readonly conditions: readonly {
    readonly fact: string;
    readonly operator: string;
    readonly value: unknown;
    /** Absent: unknown. */
    readonly told?: string | boolean;
    readonly held: boolean;
  }[];
}

export interface Outcome {
  /** `refer`: a fact that is needed is unknown; people decide. */
  readonly outcome: 'pass' | 'refuse' | 'refer';
  /** Sum of the points of the rules that held, as a decimal. */
  readonly points: string;
  readonly requires: readonly string[];
  readonly alerts: readonly ('INFO' | 'WARN' | 'CALL' | 'DISPOSE')[];
  readonly refusals: readonly string[];
  readonly why: readonly Reason[];
}

const unknown = Symbol('unknown');
type Told = string | boolean | typeof unknown;
type Test = (told: string | boolean, value: unknown) => boolean;

const decimalPattern = /^-?\d{1,18}(\.\d{1,9})?$/;
const byNumber =
  (holds: (comparison: number) => boolean): Test =>
  (told, value) =>
    typeof told === 'string' && decimalPattern.test(told) && holds(new Decimal(told).cmp(String(value)));
const among: Test = (told, value) => Array.isArray(value) && value.includes(told);

const tests: Readonly<Record<(typeof operators)[number], Test>> = {
  atLeast: byNumber((c) => c >= 0),
  above: byNumber((c) => c > 0),
  atMost: byNumber((c) => c <= 0),
  below: byNumber((c) => c < 0),
  is: (told, value) => told === value,
  isNot: (told, value) => told !== value,
  among,
  notAmong: (told, value) => Array.isArray(value) && !value.includes(told),
  isKnown: () => true,
};

/** Pure: the same rules and facts give the same outcome. @throws Failure CONTRACT_VIOLATED for a fact that the set does not know */
export async function evaluate(rules: RuleSet, facts: Facts): Promise<Outcome> {
  const strangers = Object.keys(facts).filter((name) => !rules.facts.includes(name));
  if (strangers.length > 0)
    throw new Failure('CONTRACT_VIOLATED', { detail: `the rules do not know the facts ${strangers.join(', ')}` });
  const engine = new Engine([], { allowUndefinedFacts: false });
  for (const [name, holds] of Object.entries(tests))
    engine.addOperator(name, (told: Told, value: unknown) => told !== unknown && holds(told, value));
  for (const rule of rules.rules) engine.addRule({ ...rule, priority: 1 });
  const told = Object.fromEntries(rules.facts.map((name) => [name, facts[name] ?? unknown]));
  const { results, failureResults } = await engine.run(told);
  const held = new Map([...results, ...failureResults].map((result) => [result.name, result]));
  return conclude(
    rules,
    facts,
    rules.rules.map((rule) => explain(rule, held.get(rule.name))),
  );
}

function conclude(rules: RuleSet, facts: Facts, why: readonly Reason[]): Outcome {
  const followed = rules.rules.filter((_, i) => why[i]?.held).map(({ event }) => event);
  const points = followed
    .reduce((sum, event) => (event.type === 'points' ? sum.plus(event.params.points) : sum), new Decimal(0))
    .toFixed();
  const refusals = followed.flatMap((event) => (event.type === 'refuse' ? [event.params.reason] : []));
  if (rules.passPoints !== undefined && new Decimal(points).lt(rules.passPoints))
    refusals.push(`${points} points of ${rules.passPoints}`);
  const isUnknown = rules.needs.some((name) => facts[name] === undefined);
  return {
    outcome: refusals.length > 0 ? 'refuse' : isUnknown ? 'refer' : 'pass',
    points,
    requires: [...new Set(followed.flatMap((event) => (event.type === 'require' ? [event.params.what] : [])))],
    alerts: followed.flatMap((event) => (event.type === 'alert' ? [event.params.level] : [])),
    refusals,
    why,
  };
}

/** As the engine found it: condition by condition, with what it was told. */
function explain(rule: RuleSet['rules'][number], result: RuleResult | undefined): Reason {
  const stated = 'all' in rule.conditions ? rule.conditions.all : rule.conditions.any;
  const found = result?.conditions as unknown as { all?: Found[]; any?: Found[] } | undefined;
  const answers = found?.all ?? found?.any ?? [];
  return {
    rule: rule.name,
    title: rule.title,
    held: result?.result === true,
    conditions: stated.map(({ fact, operator, value }, i) => {
      const told = answers[i]?.factResult;
      const known = typeof told === 'string' || typeof told === 'boolean' ? { told } : {};
      return { fact, operator, value, ...known, held: answers[i]?.result === true };
    }),
  };
}

interface Found {
  readonly factResult?: unknown;
  readonly result?: boolean;
}

/**
 * Decides by the version in force and keeps the decision.
 * @throws Failure NOT_FOUND when no such rules are in force
 */
export async function decideByRules(
  tx: Tx,
  code: string,
  subject: string,
  facts: Facts,
  caseId?: string,
): Promise<Outcome & { readonly rulesId: ConfigurationId }> {
  const { id, body } = await inForce(tx, 'RULES', code);
  const outcome = await evaluate(body, facts);
  await tx.query(
    `insert into decision (case_id, subject, rules_id, inputs, outcome, points, requires, why) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      caseId ?? null,
      subject,
      id,
      JSON.stringify(facts),
      outcome.outcome,
      outcome.points,
      JSON.stringify(outcome.requires),
      JSON.stringify(outcome.why),
    ],
  );
  return { ...outcome, rulesId: id };
}
