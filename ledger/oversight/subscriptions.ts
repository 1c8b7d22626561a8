/**
 * Telling the parties (订阅): limits, alerts, loans, collateral. What happened is written for each subscriber in the transaction in
 * which it happened; sending is somebody else's (`takeDue`, `readEvents`).
 *
 * Invariants: a party hears of cases in which it takes part, a funder of those that it finances, and nobody else. It is told the
 * columns that its relation may read of the row in question (`fieldSets`): a trading unit hears that a limit was frozen, not how much it is.
 */
import { Failure } from '../../contracts/failures.ts';
import type { EventKind } from '../../contracts/portal/subscriptions.ts';
import type { Store } from '../../store/store.ts';
import { fieldSets } from '../isolation/fieldSets.ts';
import type { Relation } from '../isolation/relations.ts';

type Tx = Parameters<Parameters<Store['tx']>[0]>[0];

export interface PartyEvent {
  readonly kind: EventKind;
  /** Number of the limit, alert, loan or pledge; the case's own, of what is about no other row. */
  readonly no: string;
  /** A stable word, told to whoever may read the state of the row. */
  readonly reason?: string;
}

interface Subject {
  readonly table: string;
  readonly columns: readonly string[];
  /** The cases that it is about: rows of party, capacity, case and the funder that finances the case. */
  readonly parties: string;
  readonly hears: readonly Relation[];
}

const ofApplications = (which: string) =>
  `select c.party_id party, c.capacity, c.case_id "caseId", a.funder_id financer from application a
     join case_party c on c.case_id = a.case_id where ${which}`;
const lenders = ['borrower', 'unit', 'funder'] as const;

const subjects: Readonly<Record<string, Subject>> = {
  limit: {
    table: 'credit_limit',
    columns: ['no', 'total', 'reserved', 'used', 'available', 'currency', 'state', 'as_of'],
    // A limit is of a party at a funder; a trading unit hears of it through the cases that drew on it.
    parties: `${ofApplications('a.no = $1 or a.no in (select application_no from limit_movement where limit_no = $1)')}
      union all select l.party_id, 'BORROWER', null, l.funder_id from credit_limit l where l.no = $1
      union all select l.funder_id, 'FUNDER', null, l.funder_id from credit_limit l where l.no = $1`,
    hears: lenders,
  },
  loan: {
    table: 'loan',
    columns: ['no', 'application_no', 'principal', 'balance', 'currency', 'maturity', 'state'],
    parties: ofApplications('a.no = (select application_no from loan where no = $1)'),
    hears: lenders,
  },
  collateral: {
    table: 'pledge',
    columns: ['no', 'application_no', 'receipt_no', 'state'],
    parties: ofApplications('a.no = (select application_no from pledge where no = $1)'),
    hears: ['borrower', 'unit', 'funder', 'keeper'],
  },
  alert: {
    table: 'alert',
    columns: ['no', 'type', 'level', 'subject', 'case_id', 'metric', 'measured', 'threshold', 'deadline', 'state'],
    parties: ofApplications('a.case_id = (select case_id from alert where no = $1)'),
    hears: lenders,
  },
  feedback: { table: 'cases', columns: ['id'], parties: ofApplications('a.case_id = $1'), hears: lenders },
};

/** In which relation a capacity of a case takes part: as `edge_capacities` of the database says. */
const relationOf: Readonly<Partial<Record<string, Relation>>> = {
  BUYER: 'borrower',
  BORROWER: 'borrower',
  PLEDGOR: 'borrower',
  CREDITOR: 'borrower',
  SELLER: 'unit',
  FUNDER: 'funder',
  PLEDGEE: 'funder',
  KEEPER: 'keeper',
  SUPERVISOR: 'keeper',
  DEBTOR: 'core',
};

/** For whoever subscribed and takes part, in the transaction that changes the books. */
export async function tellParties(tx: Tx, event: PartyEvent): Promise<void> {
  const subject = subjects[event.kind.split('.')[0] ?? ''];
  if (!subject) throw new Error(`nobody hears of ${event.kind}`);
  const wished = await tx.query('select from event_subscription where active and $1 = any(kinds) limit 1', [
    event.kind,
  ]);
  if (wished.rowCount === 0) return;
  const row = await rowOf(tx, subject, event.no);
  for (const { party, relation, caseId } of await audience(tx, subject, event.no)) {
    const columns = fieldSets[subject.table]?.[relation]?.split(' ') ?? [];
    const data = Object.fromEntries(Object.entries(row).filter(([name]) => columns.includes(name)));
    const reason = event.reason !== undefined && columns.includes('state') ? { reason: event.reason } : {};
    await tx.query(
      `insert into party_event (caller, channel, party_id, kind, case_id, body, due_at)
       select s.caller, s.channel, s.party_id, $3, $4, $5, case s.channel when 'WEBHOOK' then clock_timestamp() end
         from event_subscription s where s.active and s.party_id = $1 and s.relation = $2 and $3 = any(s.kinds)`,
      [party, relation, event.kind, caseId, JSON.stringify({ case: caseId, ...data, ...reason })],
    );
  }
}

async function rowOf(tx: Tx, { table, columns }: Subject, no: string): Promise<Record<string, unknown>> {
  const pairs = columns.map((column) => `'${column}', ${column}::text`).join(', ');
  const found = await tx.query<{ row: Record<string, unknown> }>(
    `select jsonb_strip_nulls(jsonb_build_object(${pairs})) "row" from ${table} where ${columns[0]} = $1`,
    [no],
  );
  return found.rows[0]?.row ?? {};
}

interface Listener {
  readonly party: string;
  readonly relation: Relation;
  readonly caseId: string | null;
}

async function audience(tx: Tx, { parties, hears }: Subject, no: string): Promise<readonly Listener[]> {
  const found = await tx.query<{ party: string; capacity: string; caseId: string | null; financer: string | null }>(
    `select * from (${parties}) p order by "caseId" nulls last`,
    [no],
  );
  const listeners = new Map<string, Listener>();
  for (const { party, capacity, caseId, financer } of found.rows) {
    const relation = relationOf[capacity];
    if (!relation || !hears.includes(relation) || (relation === 'funder' && party !== financer)) continue;
    const key = `${party} ${relation}`;
    if (!listeners.has(key)) listeners.set(key, { party, relation, caseId });
  }
  return [...listeners.values()];
}

/** What is told of a move of the books, by entity and the state that it reached. */
const toldOf: Readonly<Record<string, Readonly<Record<string, EventKind>>>> = {
  credit_limit: {
    FROZEN: 'limit.frozen',
    REDUCED: 'limit.changed',
    ACTIVE: 'limit.restored',
    EXPIRED: 'limit.ended',
    CANCELLED: 'limit.ended',
  },
  loan: {
    ACTIVE: 'loan.active',
    DUE: 'loan.due',
    OVERDUE: 'loan.overdue',
    SETTLED: 'loan.settled',
    EXTENDED: 'loan.changed',
    REVERSED: 'loan.changed',
    DEFAULTED: 'loan.changed',
    DISPOSING: 'loan.changed',
    WRITTEN_OFF: 'loan.changed',
  },
  alert: {
    OPEN: 'alert.opened',
    ESCALATED: 'alert.escalated',
    RESOLVED: 'alert.resolved',
    FALSE_POSITIVE: 'alert.resolved',
  },
  pledge: {
    EFFECTIVE: 'collateral.effective',
    PARTIALLY_RELEASED: 'collateral.changed',
    DISPOSING: 'collateral.changed',
    CANCELLED: 'collateral.changed',
    RELEASED: 'collateral.released',
  },
};

/** Called by the one writer of states: no flow has to think of it. The first row of a limit is told when it is granted something. */
export async function tellMove(tx: Tx, entity: string, id: string, from: string, to: string): Promise<void> {
  const kind = toldOf[entity]?.[to];
  if (kind !== undefined && !(entity === 'credit_limit' && (from === '' || from === 'APPROVED')))
    await tellParties(tx, { kind, no: id });
}

export interface Wish {
  readonly channel: 'POLL' | 'WEBHOOK';
  readonly kinds: readonly EventKind[];
  readonly url?: string | undefined;
}

/** One for each road; the same road again takes the place of the earlier. @throws Failure CONTRACT_VIOLATED, NOT_ALLOWED */
export async function subscribe(
  tx: Tx,
  caller: string,
  { party, relation }: { readonly party: string; readonly relation: Relation },
  { channel, kinds, url }: Wish,
): Promise<void> {
  if ((channel === 'WEBHOOK') !== (url !== undefined))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'a webhook, and nothing else, has an address' });
  await tx.query(
    `insert into event_subscription (caller, channel, party_id, relation, kinds, url, active) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (caller, channel) do update set party_id = excluded.party_id, relation = excluded.relation,
       kinds = excluded.kinds, url = excluded.url, active = excluded.active, at = hub_now()`,
    [caller, channel, party, relation, kinds, url ?? null, kinds.length > 0],
  );
}

export async function subscriptionsOf(store: Store, caller: string): Promise<readonly object[]> {
  const found = await store.pool.query<object>(
    'select channel, kinds, url, at from event_subscription where caller = $1 and active order by channel',
    [caller],
  );
  return found.rows;
}
