/**
 * For tests: how isolation is attacked. A party looks at tables in which others have rows and it has none, with its policy in
 * place and with one that lets everything through.
 */
import { Failure } from '../../contracts/failures.ts';
import type { Assault, Attack, Work } from '../attack.fixture.ts';
import type { Books } from '../fixture.ts';
import { become } from './asParty.ts';
import { fieldSets } from './fieldSets.ts';
import { installFieldSets } from './install.ts';
import { relations, type Relation } from './relations.ts';

/** In which a case of `ledger/fixture.ts` leaves rows. The rest is attacked in `policies.test.ts`. */
const filled =
  'cases case_party party party_role bank_account sign_authority consent verification trade_order application asset_lock envelope envelope_signer registration stock_lot stock_movement warehouse_receipt receipt_item pledge pledge_item release_order release_item payment loan loan_entry repayment evidence'.split(
    ' ',
  );

/** A company of no case, and of no rows. */
const stranger = '00000000-0000-4000-8000-000000000000';

function look(table: string, party: string, relation: Relation): Work {
  return async (tx) => {
    await become(tx, { party, relation });
    const column = fieldSets[table]?.[relation]?.split(' ')[0] ?? 'nothing';
    const found = await tx.query(`select ${column} from ${table} limit 1`);
    if (found.rowCount === 0) throw new Failure('NOT_FOUND', { detail: `${party} finds nothing in ${table}` });
  };
}

const readerOf = (table: string): Relation => relations.find((relation) => fieldSets[table]?.[relation]) ?? 'borrower';

export const isolationAttacks: readonly Attack[] = filled.map((table) => ({
  name: `${table}_party`,
  code: 'NOT_FOUND',
  drop: `drop policy ${table}_party on ${table}; create policy ${table}_party on ${table} for select to lianshu_edge using (true)`,
  prepare: async (the) => {
    await the.at('closed');
    await installFieldSets(the.store);
    return look(table, stranger, readerOf(table));
  },
}));

export const isolationAssaults: readonly Assault[] = [
  {
    invariant: 'I-30',
    title: 'a funder and a stranger look at the same case at once',
    without: [
      'alter table application disable row level security',
      'alter table loan no force row level security',
      'drop policy application_party on application',
      'drop policy loan_hub on loan',
    ],
    prepare: async (the: Books) => {
      await the.at('closed');
      await installFieldSets(the.store);
      return [look('application', the.funder, 'funder'), look('application', stranger, 'funder')];
    },
  },
];
