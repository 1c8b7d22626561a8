/**
 * For tests: worlds that share no company. Each one has a row in every table of business data, and whatever text it holds
 * carries the mark of those whose it is: `⟦A⟧` for the parties of its case, `⟦A.dealer⟧` for its dealer alone. The rows are
 * made from the catalogue, without the rules of the books, so that a new table and a new column are in it by themselves.
 */
import { createHash } from 'node:crypto';
import type { Tx } from '../lifecycle.ts';
import { closedTables, fieldSets } from './fieldSets.ts';
import type { Relation } from './relations.ts';

export const members = ['dealer', 'unit', 'funder', 'keeper', 'core', 'rival'] as const;
export type Member = (typeof members)[number];

/** In which relation each one reads. The rival is a funder that was asked before, and may subscribe to the offer. */
export const relationOf: Readonly<Record<Member, Relation>> = {
  dealer: 'borrower',
  unit: 'unit',
  funder: 'funder',
  keeper: 'keeper',
  core: 'core',
  rival: 'funder',
};

export const worldNames = ['A', 'B', 'C'] as const;
export type World = (typeof worldNames)[number];

/** The id that stands for a text: the same one each time, so that rows can refer to each other. */
const idOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
export const partyId = (world: World, member: Member): string => idOf(`party ${world} ${member}`);

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  /** `table.column` that it refers to. */
  readonly refers: string | null;
}

/** What one row has beside what follows from the catalogue. `label`: whose its text is; default: of the case. */
interface Row {
  readonly label?: string;
  /** Tells it apart from the first row of the table. */
  readonly suffix?: string;
  /** Its whole numbers. */
  readonly no?: number;
  readonly set?: (world: World) => Readonly<Record<string, unknown>>;
}

/** One row for each party. */
const perParty = [
  'party',
  'party_role',
  'party_certificate',
  'bank_account',
  'sign_authority',
  'consent',
  'disclosure',
  'verification',
  'envelope_signer',
];

/** Which party stands in a column of that name. */
const memberIn: Readonly<Record<string, Member>> = {
  ...Object.fromEntries(
    'party_id borrower_id buyer_id owner_id pledgor_id depositor_id holder_id creditor_id endorser_id signer_party_id'
      .split(' ')
      .map((name) => [name, 'dealer']),
  ),
  unit_id: 'unit',
  inviter_id: 'unit',
  funder_id: 'funder',
  pledgee_id: 'funder',
  assignee_id: 'funder',
  endorsee_id: 'funder',
  recipient_id: 'funder',
  keeper_id: 'keeper',
  supervisor_id: 'keeper',
  issuer_id: 'keeper',
  maker_party_id: 'keeper',
  debtor_id: 'core',
  seller_id: 'dealer',
};

/** Texts that mean the same wherever they stand, without a foreign key that says so. */
const sameEverywhere: Readonly<Record<string, string>> = {
  case_id: 'cases.id',
  warehouse: 'project.warehouse',
  seller_no: 'project.seller_no',
  order_no: 'trade_order.order_no',
  lot_no: 'stock_lot.lot_no',
  application_no: 'application.no',
};

const mark = (text: string, label: string): string => `${text}⟦${label}⟧`;
/** Whose account it is, its case knows; but of a rival nobody. */
const accountOf = (world: World, member: Member): string =>
  mark(`bank_account.account_no.${member}`, member === 'rival' ? `${world}.rival` : world);

/** Tables whose rows the policies tell apart by more than the names of their columns. */
const rowsOf: Readonly<Record<string, readonly Row[]>> = {
  case_party: (
    ['BUYER dealer', 'SELLER unit', 'FUNDER funder', 'KEEPER keeper', 'DEBTOR core', 'FUNDER rival'] as const
  ).map((text) => {
    const [capacity, member] = text.split(' ') as [string, Member];
    return { set: (world) => ({ capacity, party_id: partyId(world, member) }) };
  }),
  trade_contract: [
    { set: (world) => ({ buyer_id: partyId(world, 'core') }) },
    { suffix: '2', set: (world) => ({ seller_id: partyId(world, 'unit') }) },
  ],
  trade_contract_version: [
    {},
    { suffix: '2', set: (world) => ({ contract_id: idOf(mark('trade_contract.id2', world)) }) },
  ],
  invoice: [
    { set: (world) => ({ buyer_id: partyId(world, 'core') }) },
    { suffix: '2', set: (world) => ({ seller_id: partyId(world, 'unit') }) },
  ],
  assignment_notice: [
    { set: () => ({ state: 'SENT' }) },
    { label: 'lending', suffix: '2', set: () => ({ state: 'HELD' }) }, // Silent: the debtor does not know.
  ],
  receivable_certificate: [
    { set: (world) => ({ issuer_id: partyId(world, 'core') }) },
    { suffix: '2', set: (world) => ({ issuer_id: partyId(world, 'core'), holder_id: partyId(world, 'funder') }) },
  ],
  asset_lock: [{ set: (world) => ({ asset_key: `receivable:${mark('receivable.no', world)}` }) }],
  asset_offer: [
    { label: 'offer', set: (world) => ({ visible_to: [partyId(world, 'funder'), partyId(world, 'rival')] }) },
    { label: 'borrowing', suffix: '2', set: (world) => ({ visible_to: [partyId(world, 'funder')], state: 'DRAFT' }) },
  ],
  ...Object.fromEntries(
    ['route_attempt', 'subscription', 'credit_limit'].map((table) => [
      table,
      [{}, { label: 'rival', suffix: '2', set: (world: World) => ({ funder_id: partyId(world, 'rival') }) }],
    ]),
  ),
  pledge: [{ set: (world) => ({ receipt_no: mark('warehouse_receipt.no', world) }) }],
  payment: [
    { set: (world) => ({ payee_account: accountOf(world, 'unit') }) },
    { label: 'lending', suffix: '2', set: (world) => ({ payee_account: accountOf(world, 'funder') }) },
  ],
  registration: [
    {},
    {
      label: 'borrowing',
      suffix: '2',
      set: (world) => ({ subscription_no: mark('subscription.no2', `${world}.rival`) }),
    },
  ],
};

const partyRows: readonly Row[] = members.map((member) => ({
  label: member,
  suffix: `.${member}`,
  set: (world) => ({
    id: partyId(world, member),
    party_id: partyId(world, member),
    account_no: accountOf(world, member),
  }),
}));

/** Fills an empty database. Its books keep no rule any more: it is for reading only. */
export async function makeWorlds(tx: Tx): Promise<void> {
  await tx.query(`set local session_replication_role = replica;
    do $$ declare c record; begin
      for c in select conrelid::regclass::text as tab, conname from pg_constraint where contype = 'c' and conrelid <> 0 and connamespace = 'public'::regnamespace
      loop execute format('alter table %s drop constraint %I', c.tab, c.conname); end loop;
      for c in select indexrelid::regclass::text as name from pg_index join pg_class t on t.oid = indrelid
        where indisunique and indpred is not null and t.relnamespace = 'public'::regnamespace
      loop execute format('drop index %s', c.name); end loop;
    end $$`);
  const columns = Map.groupBy(await columnsOf(tx), (column) => column.table);
  let no = 0;
  for (const world of worldNames)
    for (const table of [...Object.keys(fieldSets), ...Object.keys(closedTables)]) {
      const rows = perParty.includes(table) ? partyRows : (rowsOf[table] ?? [{}]);
      for (const row of rows) await insert(tx, columns.get(table) ?? [], { ...row, no: (no += 1) }, world);
    }
}

async function columnsOf(tx: Tx): Promise<readonly Column[]> {
  const found = await tx.query<Column>(
    `select c.relname "table", a.attname "name", coalesce(nullif(t.typbasetype, 0), t.oid)::regtype::text || case when t.typtype = 'd' then ' domain' else '' end "type",
       (select f.confrelid::regclass || '.' || r.attname from pg_constraint f
          join pg_attribute r on r.attrelid = f.confrelid and r.attnum = f.confkey[array_position(f.conkey, a.attnum)]
          where f.contype = 'f' and not f.condeferrable and f.conrelid = c.oid and a.attnum = any (f.conkey) and f.confrelid <> c.oid limit 1) refers
     from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
       and a.attgenerated = '' and a.attidentity = ''`,
  );
  const byKey = new Map(found.rows.map((column) => [`${column.table}.${column.name}`, column]));
  const rootOf = (key: string): string => {
    const column = byKey.get(key);
    const means = column?.refers ?? (column && sameEverywhere[column.name]);
    return means === undefined || means === null || means === key ? key : rootOf(means);
  };
  return found.rows.map((column) => ({ ...column, refers: column.refers && rootOf(column.refers) }));
}

async function insert(tx: Tx, columns: readonly Column[], row: Row, world: World): Promise<void> {
  const table = columns[0]?.table ?? '';
  const set = row.set?.(world) ?? {};
  const values = columns.map((column) =>
    column.name in set && !isLoose(table, column.name) ? set[column.name] : valueOf(column, row, world),
  );
  const places = columns.map((_, i) => `$${i + 1}`).join(', ');
  await tx.query(`insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${places})`, values);
}

/** `id` of a party's row is the party's only in `party` itself. */
const isLoose = (table: string, column: string): boolean => column === 'id' && table !== 'party';

function valueOf({ table, name, type, refers }: Column, row: Row, world: World): unknown {
  const label = row.label === undefined ? world : `${world}.${row.label}`;
  const member = memberIn[name];
  if (type === 'uuid') {
    if (member !== undefined) return partyId(world, member);
    return idOf(refers === null ? mark(`${table}.${name}${row.suffix ?? ''}`, label) : mark(refers, world));
  }
  if (refers === 'bank_account.account_no') return accountOf(world, 'unit');
  const means = refers ?? sameEverywhere[name];
  if (type === 'text' && means !== undefined)
    return mark(means, means.startsWith('asset_offer.') ? `${world}.offer` : world);
  const canary = mark(`${table}.${name}${row.suffix ?? ''}`, label);
  return byType(type, canary, row.no ?? 1);
}

function byType(type: string, canary: string, no: number): unknown {
  if (type === 'text') return canary;
  if (type === 'text domain') return 'CNY';
  if (type === 'text[]') return [canary];
  if (type === 'uuid[]') return [];
  if (type === 'jsonb') return JSON.stringify({ said: canary });
  if (type === 'bytea') return Buffer.from(canary);
  if (type === 'boolean') return true;
  if (type === 'date' || type.startsWith('timestamp')) return '2026-11-22';
  if (/^(integer|smallint|bigint)/.test(type)) return no;
  if (type.startsWith('numeric')) return 1;
  if (type === 'xid8') return String(no);
  throw new Error(`no value for the type ${type}`);
}
