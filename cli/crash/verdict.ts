/**
 * What became of a story, by what others wrote down: the counterparties' own logs, the doorman's list of what the hub
 * acknowledged, the journal and the books. The database is the story's own, so all of it is looked at.
 */
import { createHash } from 'node:crypto';
import { evidence } from '../../contracts/evidence/evidence.ts';
import { identity } from '../../contracts/identity/identity.ts';
import { notify } from '../../contracts/notify/notify.ts';
import { overheadBytes } from '../../store/sealing/envelope.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import { places } from '../../store/sealing/places.ts';
import { verifyBooks } from '../../ledger/invariants.ts';
import type { Store } from '../../store/store.ts';
import type { Acknowledged } from './doorman.ts';
import type { EffectLine } from './effects.ts';
import type { Played } from './story.ts';
import type { World } from './world.ts';

export interface Finding {
  readonly verdict: 'lost' | 'duplicated' | 'stuck' | 'broken';
  readonly what: string;
}

/** What a story leaves behind when nobody disturbs it. */
export interface Reference {
  /** `<twin> <kind>` and how often: least of all, and most of what the calendar did not ask for (`ordinary`). */
  readonly effects: ReadonlyMap<string, Range>;
  /** `<system> <operation>`: the kinds of the counterparty's log that stand under the number of the instruction. */
  readonly kindsOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Effects that are not settled, and runs that wait for people: stories end when they have told enough. */
  readonly open: number;
  readonly attention: number;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * A collection that settles on the day after its quote is followed by another, of a day's interest: how many there are is the
 * calendar's. There is one at least, and each is an instruction of the books (`claimed`, `unclaimed`).
 */
const mayRepeat: ReadonlySet<string> = new Set(['clearing-cpcn collected', 'bank-open posted']);

/**
 * What by its contract may be asked for again freely (`read`), as it leaves a line in a counterparty's log: messages to people, of which
 * their carriers know no number of ours, a time stamp, of which one more is one more proof, and a look at a result. That each happens
 * at least as often is asked of them, too.
 */
const askedFreely: readonly (readonly [line: string, operation: { readonly effect: string }])[] = [
  ['notify-sms sent', notify.operations.sendSms],
  ['notify-smtp mailed', notify.operations.sendMail],
  ['notify-wecom posted', notify.operations.postGroup],
  ['identity-faceid looked', identity.operations.readFaceCheck],
  ['evidence-tsa stamped', evidence.operations.stamp],
];
const repeatedFreely: ReadonlySet<string> = new Set(
  askedFreely.filter(([, { effect }]) => effect === 'read').map(([line]) => line),
);

/** @param before of the same story, if there is one: then both are within what is usual */
export async function referenceOf(world: World, before?: Reference): Promise<Reference> {
  const { store } = world;
  const effects = world.effects();
  const kindsOf = new Map(before?.kindsOf);
  for (const { system, operation, number } of await confirmed(store)) {
    const kinds = effects.filter((line) => line.twin === system && line.number === number).map((line) => line.kind);
    const key = `${system} ${operation}`;
    // What stands under every number of it: goods that were locked are not always unlocked under the same.
    const earlier = kindsOf.get(key);
    kindsOf.set(key, new Set(earlier ? kinds.filter((kind) => earlier.has(kind)) : kinds));
  }
  const had = counted(effects);
  const own = counted(await ordinary(store, effects));
  const kinds = new Set([...had.keys(), ...(before?.effects.keys() ?? [])]);
  const range = (kind: string): Range => {
    const [all, most] = [had.get(kind) ?? 0, own.get(kind) ?? 0];
    if (!before) return { least: all, most };
    const earlier = before.effects.get(kind) ?? { least: 0, most: 0 };
    return { least: Math.min(earlier.least, all), most: Math.max(earlier.most, most) };
  };
  const [open, attention] = await Promise.all([unsettled(store), inTrouble(store)]);
  return {
    effects: new Map([...kinds].map((kind) => [kind, range(kind)])),
    kindsOf,
    open: Math.max(open.length, before?.open ?? 0),
    attention: Math.max(attention.length, before?.attention ?? 0),
  };
}

export async function judge(world: World, played: Played, reference: Reference): Promise<Finding[]> {
  const { store } = world;
  const effects = world.effects();
  const findings = await Promise.all([
    holes(store),
    unsettled(store).then((open) => beyond(open, reference.open)),
    inTrouble(store).then((runs) => beyond(runs, reference.attention)),
    unkept(store, world.doorman.acknowledged),
    claimed(store, effects, reference),
    unclaimed(store, effects),
    books(store),
  ]);
  const ending: Finding[] = played.why === undefined ? [] : [{ verdict: 'stuck', what: played.why }];
  return [...ending, ...findings.flat(), ...repeated(effects)];
}

/** Effects that a counterparty had more than once under one number. */
function repeated(effects: readonly EffectLine[]): Finding[] {
  const seen = new Set<string>();
  return effects.flatMap(({ twin, kind, number }) => {
    const line = `${twin} ${kind} ${number}`;
    if (seen.has(line) && !repeatedFreely.has(`${twin} ${kind}`))
      return [{ verdict: 'duplicated', what: `${line} happened again` } as const];
    seen.add(line);
    return [];
  });
}

/** What happened more or less often than when nobody disturbs. */
export async function differing(world: World, reference: Reference): Promise<Finding[]> {
  const effects = world.effects();
  const had = counted(effects);
  const own = counted(await ordinary(world.store, effects));
  return [...new Set([...had.keys(), ...reference.effects.keys()])].flatMap((kind): Finding[] => {
    const [is, unasked] = [had.get(kind) ?? 0, own.get(kind) ?? 0];
    const { least, most } = reference.effects.get(kind) ?? { least: 0, most: 0 };
    const should = mayRepeat.has(kind) ? Math.min(least, 1) : least;
    if (is < should) return [{ verdict: 'lost', what: `${kind}: ${is} times instead of ${should}` }];
    if (unasked > most && !mayRepeat.has(kind) && !repeatedFreely.has(kind))
      return [{ verdict: 'duplicated', what: `${kind}: ${unasked} times instead of ${most}` }];
    return [];
  });
}

/** Of what a story leaves open undisturbed, so many are usual. */
function beyond(findings: readonly Finding[], usual: number): readonly Finding[] {
  return findings.length > usual ? findings : [];
}

async function inTrouble(store: Store): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ flow: string; problem: string }>(
    'select flow, problem from run where state = 4',
  );
  return rows.map(({ flow, problem }) => ({ verdict: 'stuck', what: `${flow}: ${problem}` }));
}

async function holes(store: Store): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ run_id: string; n: number; low: number; high: number }>(
    `select run_id, count(*)::int n, min(seq) low, max(seq) high from journal
     group by run_id having min(seq) <> 0 or max(seq) <> count(*) - 1`,
  );
  return rows.map(({ run_id, n, low, high }) => ({
    verdict: 'lost',
    what: `the journal of run ${run_id} has ${n} entries from ${low} to ${high}`,
  }));
}

async function unsettled(store: Store): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ operation: string; number: string | null; state: string; detail: string }>(
    `select operation, number, state, coalesce(detail, '') detail from effect where state in ('intent', 'unknown')`,
  );
  return rows.map(({ operation, number, state, detail }) => ({
    verdict: 'stuck',
    what: `${operation} ${number ?? ''} is ${state}: ${detail}`,
  }));
}

/** What the hub answered with 2xx and does not have: raw, as it came, by the id under which it was sent, or as a vote of its own people. */
async function unkept(store: Store, acknowledged: readonly Acknowledged[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const message of acknowledged) {
    if (await stands(store, message)) continue;
    const hash = createHash('sha256').update(message.body).digest('hex').slice(0, 16);
    findings.push({
      verdict: 'lost',
      what: `acknowledged and not kept: ${message.path} ${message.id ?? ''} (${hash})`,
    });
  }
  return findings;
}

async function stands(store: Store, { path, body, caller, id }: Acknowledged): Promise<boolean> {
  if (!path.startsWith('/v1/')) return isKept(store, path.split('/')[2]?.split('?')[0] ?? '', body);
  if (caller !== undefined) {
    const found = await store.pool.query('select 1 from request where caller = $1 and key = $2', [caller, id ?? '']);
    return found.rowCount === 1;
  }
  const [, task] = /^\/v1\/tasks\/([^/]+)\/decide$/.exec(path) ?? [];
  // A pause of a lane or a jump of time is no message.
  if (task === undefined) return true;
  const { by } = JSON.parse(body.toString()) as { by: string };
  const found = await store.pool.query(
    'select 1 from task_vote where task_id = $1 and lower(btrim(person)) = lower(btrim($2))',
    [task, by],
  );
  return found.rowCount === 1;
}

async function isKept(store: Store, system: string, body: Uint8Array): Promise<boolean> {
  const alike = await store.pool.query<{ id: string; no: number; request: Buffer }>(
    `select e.id, p.no, p.request from exchange e join exchange_part p on p.exchange_id = e.id
     where e.direction = 'in' and e.system = $1 and length(p.request) = $2`,
    [system, body.length + overheadBytes],
  );
  const sealing = await sealingOf(store.pool);
  for (const { id, no, request } of alike.rows)
    if ((await sealing.open(places.partRequest, [id, no], request)).equals(body)) return true;
  return false;
}

/** What the books call confirmed and the counterparty knows nothing of. */
async function claimed(store: Store, effects: readonly EffectLine[], reference: Reference): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { system, operation, number } of await confirmed(store)) {
    const kinds = reference.kindsOf.get(`${system} ${operation}`) ?? new Set();
    for (const kind of kinds) {
      if (effects.some((line) => line.twin === system && line.kind === kind && line.number === number)) continue;
      findings.push({ verdict: 'lost', what: `${operation} ${number} is confirmed, ${system} has no ${kind} of it` });
    }
  }
  return findings;
}

/** What a counterparty did that may happen more than once, and the books know of no instruction. */
async function unclaimed(store: Store, effects: readonly EffectLine[]): Promise<Finding[]> {
  const known = new Set((await confirmed(store)).map(({ system, number }) => `${system} ${number}`));
  return effects
    .filter(({ twin, kind, number }) => mayRepeat.has(`${twin} ${kind}`) && !known.has(`${twin} ${number}`))
    .map(({ twin, kind, number }) => ({ verdict: 'lost', what: `${twin} ${kind} ${number} stands in no books` }));
}

async function books(store: Store): Promise<Finding[]> {
  const verdicts = await verifyBooks(store);
  return verdicts.flatMap(({ id, statement, offenders }) =>
    offenders.map((offender) => ({ verdict: 'broken' as const, what: `${id} (${statement}): ${offender}` })),
  );
}

async function confirmed(store: Store): Promise<{ system: string; operation: string; number: string }[]> {
  const { rows } = await store.pool.query<{ system: string; operation: string; number: string }>(
    "select system, operation, number from effect where state = 'confirmed' and number is not null",
  );
  return rows;
}

/**
 * Without what the clock had ordered: told under kills, a story takes more days of business, and what is due on them is done, each once
 * (`repeated`). Work that somebody ordered by hand is the story's own.
 */
async function ordinary(store: Store, effects: readonly EffectLine[]): Promise<readonly EffectLine[]> {
  const { rows } = await store.pool.query<{ system: string; number: string }>(
    `select e.system, e.number from effect e join cases c on c.id = e.case_id
     where e.number is not null and exists (select from signal where notice = 'hub.due' and key = 'hub.due:' || c.key)`,
  );
  const ordered = new Set(rows.map(({ system, number }) => `${system} ${number}`));
  return effects.filter(({ twin, number }) => !ordered.has(`${twin} ${number}`));
}

function counted(effects: readonly EffectLine[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { twin, kind } of effects) times.set(`${twin} ${kind}`, (times.get(`${twin} ${kind}`) ?? 0) + 1);
  return times;
}
