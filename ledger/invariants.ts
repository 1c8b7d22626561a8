/**
 * What must never be, re-checked on a live database: each row that a query returns breaks the rule. Most of them cannot
 * come about, because a constraint or a guard refuses them; this is the second look that an auditor takes.
 */
import { verifyChain } from '../contracts/evidence/chain.ts';
import type { Store } from '../store/store.ts';
import { verifyEvidenceLog } from './evidence/verify.ts';
import { partiesInvariants } from './parties/invariants.ts';
import { configurationInvariants } from './configuration/invariants.ts';
import { tradeInvariants } from './trade/invariants.ts';
import { financingInvariants } from './financing/invariants.ts';
import { goodsInvariants } from './goods/invariants.ts';
import { moneyInvariants } from './money/invariants.ts';
import { oversightInvariants } from './oversight/invariants.ts';
import { hubInvariants } from './hubInvariants.ts';
import type { Invariant } from './invariant.ts';

export const invariants: readonly Invariant[] = [
  ...partiesInvariants,
  ...configurationInvariants,
  ...tradeInvariants,
  ...financingInvariants,
  ...goodsInvariants,
  ...moneyInvariants,
  ...oversightInvariants,
  ...hubInvariants,
].toSorted((a, b) => a.id.localeCompare(b.id));

export interface Verdict {
  readonly id: string;
  readonly statement: string;
  /** As `enforcedBy` of the invariant, with what and where in the database: `constraint limit_sufficient on credit_limit`. */
  readonly enforcedBy: readonly string[];
  /** What breaks it; empty when it holds. */
  readonly offenders: readonly string[];
}

/** Asks every invariant of a live database. A protection that is not there breaks its invariant, too. */
export async function verifyBooks(store: Store): Promise<Verdict[]> {
  const places = await placesOf(store);
  const verdicts: Verdict[] = [];
  for (const { sql, enforcedBy, ...invariant } of invariants) {
    const found = await store.pool.query({ text: sql, rowMode: 'array' });
    const offenders = (found.rows as unknown[][]).map((row) => String(row[0]));
    if (invariant.id === 'I-27') {
      offenders.push(...(await brokenChains(store)).map((id) => `evidence of ${id}`));
      offenders.push(...(await verifyEvidenceLog(store)));
    }
    const missing = enforcedBy.filter((name) => !name.includes(':') && !places.has(name));
    verdicts.push({
      ...invariant,
      enforcedBy: enforcedBy.map((name) => places.get(name) ?? name),
      offenders: [...offenders, ...missing.map((name) => `${name} is not in the database`)],
    });
  }
  return verdicts;
}

/** Where each protection stands in this database. */
async function placesOf(store: Store): Promise<ReadonlyMap<string, string>> {
  const found = await store.pool.query<{ name: string; place: string }>(
    `select conname "name", 'constraint ' || conname || ' on ' || coalesce(nullif(conrelid::regclass::text, '-'), contypid::regtype::text) place
       from pg_constraint where connamespace = 'public'::regnamespace
     union all select c.relname, 'unique index ' || c.relname || ' on ' || i.indrelid::regclass from pg_index i join pg_class c on c.oid = i.indexrelid
       where i.indisunique and c.relnamespace = 'public'::regnamespace
     union all select tgname, 'trigger ' || tgname || ' on ' || tgrelid::regclass from pg_trigger where not tgisinternal and tgenabled <> 'D'
     union all select polname, 'policy ' || polname || ' on ' || polrelid::regclass from pg_policy`,
  );
  return new Map(found.rows.map(({ name, place }) => [name, place]));
}

async function brokenChains(store: Store): Promise<string[]> {
  const found = await store.pool.query<{
    case_id: string;
    node: string;
    business_key: string;
    payload: unknown;
    at: string;
    sha256: string;
    sm3: string;
  }>('select case_id, node, business_key, payload, at, sha256, sm3 from evidence order by case_id, no');
  const anchors = await store.pool.query<{ case_id: string; upto: number; head_sha256: string }>(
    'select case_id, upto, head_sha256 from anchor',
  );
  const broken = [...Map.groupBy(found.rows, (row) => row.case_id)].flatMap(([caseId, rows]) => {
    const verdict = verifyChain(
      rows.map(({ sha256, sm3 }, i) => ({ seq: i + 1, sha256, sm3 })),
      rows.map((row) => ({ node: row.node, businessKey: row.business_key, payload: row.payload, at: row.at })),
    );
    const lost = anchors.rows.filter(
      (anchor) => anchor.case_id === caseId && rows[anchor.upto - 1]?.sha256 !== anchor.head_sha256,
    );
    return verdict.ok && lost.length === 0 ? [] : [caseId];
  });
  return broken;
}
