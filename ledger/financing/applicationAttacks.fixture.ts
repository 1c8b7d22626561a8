/** For tests: attacks on applications, locks on assets, and attempts at funders. */
import type { Attack, Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { move, type Tx } from '../lifecycle.ts';
import { factoring, late, onCheck, onIndex, onTrigger, spot } from './attacking.fixture.ts';
import { factoringAt, type Factoring } from './factoring.fixture.ts';
import { planAttempt } from './routing.ts';

const application = (changes: string) => (f: { applicationNo: string }) =>
  `update application set ${changes} where no = '${f.applicationNo}'`;
const lock = (key: string, applicationNo: string, financed = 'null', rate = 'null') =>
  `insert into asset_lock (asset_key, application_no, financed, advance_rate) values ('${key}', '${applicationNo}', ${financed}, ${rate})`;

/** Of a confirmed receivable, for an application of the same borrower. */
const lockFor = (financed: string) => async (the: Books) => {
  const [free, other] = [await factoringAt(the, 'confirmed'), await factoringAt(the, 'applied')];
  const text = lock(`receivable:${free.receivableNo}`, other.applicationNo, financed, '0.8');
  return (tx: Tx) => tx.query(text);
};

const push = async (tx: Tx, applicationNo: string, funder: string, position: number) => {
  const no = `${applicationNo}-${position}`;
  await planAttempt(tx, { no, applicationNo, funder, position, explained: {} }, actor);
  await move(tx, 'route_attempt', no, 'push', actor);
  return no;
};
const pushing = (work: (tx: Tx, f: Factoring, the: Books) => Promise<unknown>) =>
  factoring(
    'applied',
    (f, the): Work =>
      (tx) =>
        work(tx, f, the),
  );

export const applicationAttacks: readonly Attack[] = [
  onCheck(
    'application',
    'order_has_seller',
    'CONTRACT_VIOLATED',
    spot('applied', application(`product = 'CREDIT', order_no = null`)),
  ),
  onCheck(
    'application',
    'application_has_basis',
    'CONTRACT_VIOLATED',
    spot('applied', application('order_no = null, seller_no = null')),
  ),
  onCheck(
    'application',
    'factoring_is_told',
    'CONTRACT_VIOLATED',
    factoring('applied', application('disclosed = null')),
  ),
  onTrigger(
    'application',
    'application_fits',
    'more than the order costs', // I-04
    'LIMIT_INSUFFICIENT',
    spot('applied', application('amount = 4081700.01')),
  ),
  onTrigger(
    'application',
    'application_fits',
    'more than is unpaid of the order', // I-04
    'LIMIT_INSUFFICIENT',
    spot(
      'applied',
      (deal) =>
        `update trade_order set paid = total - 100 where order_no = '${deal.orderNo}'; ${application('amount = 100.01')(deal)}`,
    ),
  ),
  onTrigger(
    'application',
    'application_fits',
    'another product than it names',
    'CONTRACT_VIOLATED',
    factoring('applied', application(`product = 'CREDIT'`)),
  ),
  late(
    onTrigger(
      'application',
      'application_within_assets',
      'more than its receivables bear', // I-03
      'LIMIT_INSUFFICIENT',
      factoring('applied', application('amount = amount + 0.01')),
    ),
  ),
  late(
    onTrigger(
      'asset_lock',
      'application_keeps_assets',
      'a receivable taken away', // I-03
      'LIMIT_INSUFFICIENT',
      factoring(
        'decided',
        (f) => `update asset_lock set released_at = hub_now() where application_no = '${f.applicationNo}'`,
      ),
    ),
  ),
  onCheck(
    'asset_lock',
    'asset_key_of_a_kind', // I-05
    'CONTRACT_VIOLATED',
    factoring('applied', (f) => lock('boat:1', f.applicationNo)),
  ),
  onCheck(
    'application',
    'funder_before_decision', // I-30
    'ILLEGAL_TRANSITION',
    factoring('decided', application('funder_id = null')),
  ),
  onTrigger(
    'application',
    'application_funder_open',
    'somebody who finances nothing',
    'NO_FUNDER_AVAILABLE',
    factoring(
      'applied',
      (f) => `${application('funder_id = null')(f)}; ${application(`funder_id = '${f.debtor}'`)(f)}`,
    ),
  ),
  onCheck(
    'asset_lock',
    'share_of_receivable',
    'CONTRACT_VIOLATED',
    factoring(
      'applied',
      ({ applicationNo: no }) =>
        `insert into asset_lock (asset_key, application_no, share_of) values ('invoice:1', '${no}', '${no}')`,
    ),
  ),
  onTrigger('asset_lock', 'asset_lock_fits', 'more shares than are locked', 'LIMIT_INSUFFICIENT', async (the) => {
    const [whole, other] = [await factoringAt(the, 'decided'), await factoringAt(the, 'applied')]; // I-03
    const text = `insert into asset_lock (asset_key, application_no, financed, advance_rate, share_of)
      values ('receivable:${whole.receivableNo}', '${other.applicationNo}', 1, 0.8, '${whole.applicationNo}')`;
    return (tx) => tx.query(text);
  }),
  onCheck('asset_lock', 'receivable_lock_has_terms', 'CONTRACT_VIOLATED', lockFor('0')),
  onTrigger(
    'asset_lock',
    'asset_lock_fits',
    'more than is confirmed times the rate',
    'LIMIT_INSUFFICIENT',
    lockFor('880000.01'),
  ), // I-03
  onTrigger('asset_lock', 'asset_lock_fits', 'a receivable of somebody else', 'NOT_ALLOWED', async (the) => {
    const [free, other] = [await factoringAt(the, 'confirmed'), await the.at('applied')];
    return (tx) => tx.query(lock(`receivable:${free.receivableNo}`, other.applicationNo, '1', '0.8'));
  }),
  onTrigger(
    'asset_lock',
    'asset_lock_fits',
    'another asset', // I-05
    'NOT_ALLOWED',
    factoring(
      'applied',
      (f) => `update asset_lock set asset_key = 'order:1/2' where application_no = '${f.applicationNo}'`,
    ),
  ),
  onTrigger(
    'asset_lock',
    'asset_lock_fits',
    'given back under a loan', // I-05
    'NOT_ALLOWED',
    factoring(
      'ready',
      (f) => `${application(`state = 'DISBURSED'`)(f)};
        update asset_lock set released_at = hub_now() where application_no = '${f.applicationNo}'`,
    ),
  ),
  onTrigger(
    'asset_lock',
    'asset_lock_stays',
    'a lock that never was', // I-05
    'NOT_ALLOWED',
    factoring('applied', (f) => `delete from asset_lock where application_no = '${f.applicationNo}'`),
  ),
  onCheck(
    'route_attempt',
    'attempt_elsewhere', // I-31
    'NOT_ALLOWED',
    pushing((tx, f) => push(tx, f.applicationNo, f.creditor, 1)),
  ),
  onCheck(
    'route_attempt',
    'approved_has_terms',
    'CONTRACT_VIOLATED',
    pushing(async (tx, f) => move(tx, 'route_attempt', await push(tx, f.applicationNo, f.funder, 1), 'approve', actor)),
  ),
  onIndex(
    'attempt_in_flight_once',
    'FUNDER_INFLIGHT_EXISTS',
    pushing(async (tx, f) => {
      await push(tx, f.applicationNo, f.funder, 1);
      await push(tx, f.applicationNo, f.others[0], 2);
    }),
  ),
  onIndex('funder_in_flight_once', 'FUNDER_INFLIGHT_EXISTS', async (the) => {
    const [one, two] = [await factoringAt(the, 'applied'), await factoringAt(the, 'drafted')];
    return async (tx) => {
      await push(tx, one.applicationNo, one.funder, 1);
      await push(tx, two.applicationNo, two.funder, 1);
    };
  }),
];
