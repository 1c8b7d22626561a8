/**
 * What became of a case, by what others wrote down: the counterparties' own logs, the doorman's list of what the hub
 * acknowledged, the journal and the books.
 */
import { createHash } from 'node:crypto';
import { overheadBytes } from '../../store/sealing/envelope.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import { places } from '../../store/sealing/places.ts';
import { verifyBooks } from '../../ledger/invariants.ts';
import type { Store } from '../../store/store.ts';
import type { Acknowledged } from './doorman.ts';
import type { EffectLine } from './effects.ts';

export interface Finding {
  readonly verdict: 'lost' | 'duplicated' | 'stuck' | 'broken';
  readonly what: string;
}

/** What an undisturbed case leaves behind. */
export interface Reference {
  /** `<twin> <kind>` and how often. */
  readonly effects: ReadonlyMap<string, number>;
  /** `<system> <operation>`: the kinds of the counterparty's log that stand under the number of the instruction. */
  readonly kindsOf: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Evidence {
  readonly caseId: string;
  /** Of this case's time, from all counterparties. */
  readonly effects: readonly EffectLine[];
  readonly acknowledged: readonly Acknowledged[];
}

/**
 * A collection that settles on the day after its quote is followed by another, of a day's interest: how many there are is the
 * calendar's. There is one at least, and each is an instruction of the books (`claimed`, `unclaimed`).
 */
const mayRepeat: ReadonlySet<string> = new Set(['clearing-cpcn collected', 'bank-open posted']);

/**
 * What by its contract may be asked for again freely (`read`): a text message, of which its vendor knows no number of ours, and a
 * time stamp, of which one more is one more proof. That each happens at least as often is asked of them, too.
 */
const repeatedFreely: ReadonlySet<string> = new Set(['notify-sms sent', 'evidence-tsa stamped']);

export async function referenceOf(store: Store, { caseId, effects }: Evidence): Promise<Reference> {
  const kindsOf = new Map<string, Set<string>>();
  for (const { system, operation, number } of await confirmed(store, caseId)) {
    const kinds = effects.filter((line) => line.twin === system && line.number === number).map((line) => line.kind);
    kindsOf.set(`${system} ${operation}`, new Set(kinds));
  }
  return { effects: counted(effects), kindsOf };
}

export async function judge(store: Store, evidence: Evidence, reference: Reference): Promise<Finding[]> {
  const findings = await Promise.all([
    endings(store, evidence.caseId),
    holes(store, evidence.caseId),
    unsettled(store, evidence.caseId),
    unkept(store, evidence.acknowledged),
    claimed(store, evidence, reference),
    unclaimed(store, evidence),
    books(store),
  ]);
  return [...findings.flat(), ...repeated(evidence.effects), ...differing(evidence.effects, reference)];
}

/** Effects that a counterparty had more than once under one number. */
export function repeated(effects: readonly EffectLine[]): Finding[] {
  const seen = new Set<string>();
  return effects.flatMap(({ twin, kind, number }) => {
    const line = `${twin} ${kind} ${number}`;
    if (seen.has(line) && !repeatedFreely.has(`${twin} ${kind}`))
      return [{ verdict: 'duplicated', what: `${line} happened again` } as const];
    seen.add(line);
    return [];
  });
}

function differing(effects: readonly EffectLine[], reference: Reference): Finding[] {
  const had = counted(effects);
  return [...new Set([...had.keys(), ...reference.effects.keys()])].flatMap((kind): Finding[] => {
    const is = had.get(kind) ?? 0;
    const usual = reference.effects.get(kind) ?? 0;
    const should = mayRepeat.has(kind) ? Math.min(usual, 1) : usual;
    if (is < should) return [{ verdict: 'lost', what: `${kind}: ${is} times instead of ${should}` }];
    if (is > should && !mayRepeat.has(kind) && !repeatedFreely.has(kind))
      return [{ verdict: 'duplicated', what: `${kind}: ${is} times instead of ${should}` }];
    return [];
  });
}

async function endings(store: Store, caseId: string): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ state: string; live: number; problem: string | null }>(
    `select c.state, (select count(*)::int from run where case_id = c.id) live,
       (select string_agg(problem, '; ') from run where case_id = c.id) problem from cases c where c.id = $1`,
    [caseId],
  );
  const { state = 'unknown', live = 0, problem } = rows[0] ?? {};
  if (state === 'released' && live === 0) return [];
  return [{ verdict: 'stuck', what: `${state}, ${live} runs live${problem ? `: ${problem}` : ''}` }];
}

async function holes(store: Store, caseId: string): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ run_id: string; n: number; low: number; high: number }>(
    `select run_id, count(*)::int n, min(seq) low, max(seq) high from journal
     where run_id in (select id from run where case_id = $1 union all select id from run_done where case_id = $1)
     group by run_id having min(seq) <> 0 or max(seq) <> count(*) - 1`,
    [caseId],
  );
  return rows.map(({ run_id, n, low, high }) => ({
    verdict: 'lost',
    what: `the journal of run ${run_id} has ${n} entries from ${low} to ${high}`,
  }));
}

async function unsettled(store: Store, caseId: string): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ operation: string; number: string | null; state: string; detail: string }>(
    `select operation, number, state, coalesce(detail, '') detail from effect where case_id = $1 and state <> 'confirmed'`,
    [caseId],
  );
  return rows.map(({ operation, number, state, detail }) => ({
    verdict: 'stuck',
    what: `${operation} ${number ?? ''} is ${state}: ${detail}`,
  }));
}

/** What the hub answered with 2xx and does not have: raw, as it came, or by the id under which it was sent. */
async function unkept(store: Store, acknowledged: readonly Acknowledged[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, body, caller, id } of acknowledged) {
    const signed = path.startsWith('/v1/');
    const found = signed
      ? await store.pool.query('select 1 from request where caller = $1 and key = $2', [caller ?? '', id ?? ''])
      : { rowCount: (await isKept(store, path.split('/')[2]?.split('?')[0] ?? '', body)) ? 1 : 0 };
    if (found.rowCount === 0) {
      const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
      findings.push({ verdict: 'lost', what: `acknowledged and not kept: ${path} ${id ?? ''} (${hash})` });
    }
  }
  return findings;
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
async function claimed(store: Store, { caseId, effects }: Evidence, reference: Reference): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { system, operation, number } of await confirmed(store, caseId)) {
    const kinds = reference.kindsOf.get(`${system} ${operation}`) ?? new Set();
    for (const kind of kinds) {
      if (effects.some((line) => line.twin === system && line.kind === kind && line.number === number)) continue;
      findings.push({ verdict: 'lost', what: `${operation} ${number} is confirmed, ${system} has no ${kind} of it` });
    }
  }
  return findings;
}

/** What a counterparty did that may happen more than once, and the books know of no instruction. */
async function unclaimed(store: Store, { caseId, effects }: Evidence): Promise<Finding[]> {
  const known = new Set((await confirmed(store, caseId)).map(({ system, number }) => `${system} ${number}`));
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

async function confirmed(
  store: Store,
  caseId: string,
): Promise<{ system: string; operation: string; number: string }[]> {
  const { rows } = await store.pool.query<{ system: string; operation: string; number: string }>(
    "select system, operation, number from effect where case_id = $1 and state = 'confirmed' and number is not null",
    [caseId],
  );
  return rows;
}

function counted(effects: readonly EffectLine[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { twin, kind } of effects) times.set(`${twin} ${kind}`, (times.get(`${twin} ${kind}`) ?? 0) + 1);
  return times;
}
