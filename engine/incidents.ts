/**
 * Incidents (异常事件): evidence against what was settled. A callback, a poll and a file are witnesses of one outcome; the
 * first decides, and a later one that says otherwise is kept and shown to people. It never changes a state by itself.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
import type { Notice } from '../contracts/kind.ts';
import type { Store } from '../store/store.ts';
import { digestOf } from './acts/digest.ts';
import type { Tx } from './flow.ts';
import { openedFact } from './sealed.ts';

export type IncidentKind =
  /** A fact says that what was settled as refused has happened, or the other way round. */
  | 'lateEvidence'
  /** A fact that was taken comes again under its id with another content. */
  | 'factContradicted'
  /** A run was ended while the outcome of this effect was not known. */
  | 'abandonedEffect';

export interface NewIncident {
  readonly kind: IncidentKind;
  readonly run?: string | undefined;
  readonly case?: string | undefined;
  readonly effectKey?: string | undefined;
  readonly signalKey?: string | undefined;
  readonly exchange?: string | undefined;
  readonly detail: string;
  /** What makes two sightings one incident. */
  readonly about: readonly string[];
}

export interface Incident {
  readonly id: string;
  readonly kind: IncidentKind;
  readonly run: string | null;
  readonly case: string | null;
  readonly effectKey: string | null;
  readonly signalKey: string | null;
  readonly exchange: string | null;
  readonly detail: string;
  readonly at: Date;
  readonly closedBy: string | null;
  readonly closedReason: string | null;
  readonly closedAt: Date | null;
}

/** What a notice tells about an earlier instruction of the hub. */
export type Reports = Pick<Notice, 'reports'>['reports'];
export type ReportsOf = (notice: string) => Reports;

interface Fact {
  readonly notice: string;
  readonly key: string;
  readonly id: string;
  readonly message: unknown;
  readonly exchange?: string | undefined;
}

const detailCharsMax = 1_000;
const listMax = 200;

/** True when it is new: the same evidence twice is one incident. */
export async function openIncident(tx: Pick<Tx, 'query'>, incident: NewIncident): Promise<boolean> {
  const fingerprint = createHash('sha256')
    .update([incident.kind, ...incident.about].join('\0'))
    .digest('hex');
  const opened = await tx.query(
    `insert into incident (id, kind, run_id, case_id, effect_key, signal_key, exchange_id, detail, fingerprint)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (fingerprint) do nothing`,
    [
      randomUUID(),
      incident.kind,
      incident.run ?? null,
      incident.case ?? null,
      incident.effectKey ?? null,
      incident.signalKey ?? null,
      incident.exchange ?? null,
      incident.detail.slice(0, detailCharsMax),
      fingerprint,
    ],
  );
  return opened.rowCount === 1;
}

export async function incidents(store: Store, which: 'open' | 'all' = 'open'): Promise<Incident[]> {
  const found = await store.pool.query<Incident>(
    `select id, kind, run_id run, case_id "case", effect_key "effectKey", signal_key "signalKey", exchange_id exchange,
       detail, at, closed_by "closedBy", closed_reason "closedReason", closed_at "closedAt"
     from incident where $1 or closed_at is null order by at desc limit ${listMax}`,
    [which === 'all'],
  );
  return found.rows;
}

/** @throws Failure NOT_FOUND when there is no such incident or it is closed */
export async function closeIncident(store: Store, id: string, by: string, reason: string): Promise<void> {
  const closed = await store.pool.query(
    'update incident set closed_by = $2, closed_reason = $3, closed_at = hub_now() where id = $1 and closed_at is null',
    [id, by, reason],
  );
  if (closed.rowCount !== 1) throw new Failure('NOT_FOUND', { detail: 'there is no open incident of this id' });
}

/** A fact came again under its id: the same content is nothing new, another content is a contradiction. */
export async function compareAgain(tx: Pick<Tx, 'query'>, key: string, fact: Fact): Promise<void> {
  const found = await tx.query<{ body: Buffer; taken_by: string | null }>(
    'select body, taken_by from signal where key = $1 and id = $2',
    [key, fact.id],
  );
  const first = found.rows[0];
  if (!first) return;
  const told = digestOf(fact.message);
  if (digestOf(await openedFact(tx, { key, id: fact.id, body: first.body })) === told) return;
  await openIncident(tx, {
    kind: 'factContradicted',
    run: first.taken_by ?? undefined,
    signalKey: key,
    exchange: fact.exchange,
    detail: `${fact.notice} ${fact.id} came again with other content; the first is kept`,
    about: [key, fact.id, told],
  });
}

/** A new fact that reports on an instruction whose outcome was settled otherwise. */
export async function compareWithEffect(
  tx: Pick<Tx, 'query'>,
  key: string,
  fact: Fact,
  reports: Reports,
): Promise<void> {
  const verdict = reports?.verdict(fact.message);
  if (!reports || verdict === undefined) return;
  const against = verdict === 'happened' ? 'refused' : 'confirmed';
  const found = await tx.query<{ key: string; run_id: string; case_id: string; system: string; detail: string | null }>(
    'select key, run_id, case_id, system, detail from effect where operation = $1 and number = $2 and state = $3',
    [reports.operation, fact.key, against],
  );
  for (const effect of found.rows) {
    await openIncident(tx, {
      kind: 'lateEvidence',
      run: effect.run_id,
      case: effect.case_id,
      effectKey: effect.key,
      signalKey: key,
      exchange: fact.exchange,
      detail:
        `${fact.notice} says that ${reports.operation} ${fact.key} ${verdict === 'happened' ? 'happened' : 'did not happen'}; ` +
        `it was settled as ${against}${effect.detail === null ? '' : ` (${effect.detail})`}`,
      about: [effect.key, verdict],
    });
  }
}
