/**
 * What a trading unit or a dealer is told of its case: where it stands, and what is asked of whom. Read as that party, with
 * the rights of its relation: whatever these queries forgot to ask, row-level security asks.
 */
import type { Store } from '../../store/store.ts';
import { asParty, type Reader } from '../isolation/asParty.ts';
import { fieldSets } from '../isolation/fieldSets.ts';
import type { Relation } from '../isolation/relations.ts';
import type { Tx } from '../lifecycle.ts';

/** Which columns of which row are told, under which name. What is not in the relation's field set is left out. */
const told = {
  order: {
    row: 'trade_order t where t.case_id = $1',
    table: 'trade_order',
    columns: { no: 'order_no', total: 'total::text', currency: 'currency' },
  },
  application: {
    row: 'application t where t.case_id = $1 order by t.no desc',
    table: 'application',
    columns: {
      no: 'no',
      state: 'state',
      amount: 'amount::text',
      approvedAmount: 'approved_amount::text',
      rate: 'rate::text',
      validTo: 'valid_to',
    },
  },
  loan: {
    row: 'loan t join application a on a.no = t.application_no where a.case_id = $1',
    table: 'loan',
    columns: { no: 'no', state: 'state', principal: 'principal::text', balance: 'balance::text', maturity: 'maturity' },
  },
  pledge: {
    row: 'pledge t join application a on a.no = t.application_no where a.case_id = $1',
    table: 'pledge',
    columns: { no: 'no', state: 'state', receiptNo: 'receipt_no' },
  },
  /** What is asked of them now. */
  told: { row: 'cases t where t.id = $1 and t.advice is not null', table: 'cases', columns: { advice: 'advice' } },
} as const;

/** Nothing of a case in which the caller takes no part. */
export async function tellCase(store: Store, caseId: string, caller: string): Promise<object> {
  const reader = await readerOf(store, caller);
  if (!reader) return {};
  const business = await asParty(store, reader, (tx) => readCase(tx, caseId, reader.relation));
  if (!business) return {};
  // What is waited for is the engine's to know.
  const needs = await store.pool.query<{ needs: string[] }>(
    `select coalesce(array_agg(distinct split_part(w.key, ':', 1)), '{}') needs from wait w join run r on r.id = w.run_id
     where r.case_id = $1 and w.key like 'portal.%'`,
    [caseId],
  );
  const all = { needs: needs.rows[0]?.needs ?? [], ...business };
  // What is not there yet is left out.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

export async function readsCase(store: Store, caseId: string, caller: string): Promise<boolean> {
  const reader = await readerOf(store, caller);
  if (!reader) return false;
  const found = await asParty(store, reader, (tx) => tx.query('select 1 from cases where id = $1', [caseId]));
  return found.rowCount === 1;
}

/** As what a caller of the hub's API reads. An upstream seller and the operator take no part in a case by themselves. */
const relationOf: Readonly<Partial<Record<string, Relation>>> = {
  unit: 'unit',
  dealer: 'borrower',
  supplier: 'borrower',
  core: 'core',
  funder: 'funder',
  keeper: 'keeper',
};

/** The party for which a caller speaks, whether or not it takes part in any case; and in which relation it would. */
export async function partyOfCaller(
  store: Store,
  caller: string,
): Promise<{ party: string; uscc?: string; relation: Relation | undefined } | undefined> {
  const named = await store.pool.query<{ role: string; party: string | null }>(
    'select role, party_id party from caller where id = $1',
    [caller],
  );
  const party = named.rows[0]?.party ?? (await dealerOf(store, caller));
  if (party === undefined) return undefined;
  const known = await store.pool.query<{ uscc: string | null }>('select uscc from party where id = $1', [party]);
  const uscc = known.rows[0]?.uscc;
  return { party, ...(uscc ? { uscc } : {}), relation: relationOf[named.rows[0]?.role ?? ''] };
}

/** Which party a caller speaks for: as the installation says; `dealer-<no>` for the one company that the ERP knows by that number. */
async function readerOf(store: Store, caller: string): Promise<Reader | undefined> {
  const named = await store.pool.query<{ role: string; party: string | null }>(
    'select role, party_id party from caller where id = $1',
    [caller],
  );
  const relation = relationOf[named.rows[0]?.role ?? ''];
  const party = named.rows[0]?.party ?? (await dealerOf(store, caller));
  return relation && party ? { party, relation } : undefined;
}

async function dealerOf(store: Store, caller: string): Promise<string | undefined> {
  const dealer = /^dealer-(.+)$/s.exec(caller)?.[1];
  if (dealer === undefined) return undefined;
  const found = await store.pool.query<{ party: string }>(
    `select distinct party_id party from party_ref where value = $1 and system in (select systems ->> 'erp' from project) limit 2`,
    [dealer],
  );
  const [only, another] = found.rows;
  return only && !another ? only.party : undefined;
}

async function readCase(tx: Tx, caseId: string, relation: Relation): Promise<Record<string, unknown> | undefined> {
  const found = await tx.query<Record<string, unknown>>(queryFor(relation), [caseId]);
  return found.rows[0];
}

function queryFor(relation: Relation): string {
  const parts = Object.entries(told).map(([name, { row, table, columns }]) => {
    const fields = Object.entries(columns).filter(([, column]) =>
      mayRead(relation, table, column.replace('::text', '')),
    );
    const pairs = fields.map(([as, column]) => `'${as}', t.${column}`).join(', ');
    return fields.length === 0
      ? `null "${name}"`
      : `(select jsonb_build_object(${pairs}) from ${row} limit 1) "${name}"`;
  });
  const code = `(select code from invitation where case_id = $1 and state in ('SENT', 'OPENED') and expires_at > hub_now() limit 1) invitation`;
  return `select ${[mayRead(relation, 'invitation', 'code') ? code : 'null invitation', ...parts].join(', ')} from cases where id = $1`;
}

const mayRead = (relation: Relation, table: string, column: string): boolean =>
  fieldSets[table]?.[relation]?.split(' ').includes(column) ?? false;
