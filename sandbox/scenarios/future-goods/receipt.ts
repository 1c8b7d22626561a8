/** F4 steps 6 and 7, when what comes is too little, or does not become a receipt. */
import type { Scenario } from '../scenario.ts';
import {
  becomes,
  sendBack,
  endorse,
  ends,
  open,
  payBack,
  places,
  stateOf,
  toWarehouse,
  type FutureCase,
} from './play.ts';

export const short: Scenario = {
  name: 'future-goods/short',
  flow: 'F4',
  failures: ['F4.6'],
  title: {
    zh: '到货短少，卖方退款后转仓单',
    en: 'less arrives than was sent: the seller pays back before the conversion',
  },
  async play(stage) {
    const it = await open(stage, 0, { quantity: '1000.013', amount: (seventy) => seventy });
    const lots = await toWarehouse(it);
    await becomes(it, 'REFUNDING');
    const where = await places(it);
    stage.same(
      'the units',
      { received: where['received'], whole: where['whole'], short: where['short'] !== '0.000' },
      { received: lots[0]?.quantity, whole: 'true', short: true },
    );
    await payBack(it, '400000.00');
    await endorse(it, lots);
    await ends(it, 'future-delivery', 'converted');
    const carried = await stage.value(
      'select pledge_exposure(p.no) <= pledge_value(p.no) * p.pledge_rate from pledge p join application a on a.no = p.application_no where a.case_id = $1',
      [it.caseNo],
    );
    stage.same('what is owed is carried', carried, true);
  },
};

export const lowGrade: Scenario = {
  name: 'future-goods/low-grade',
  flow: 'F4',
  failures: ['F4.6'],
  title: {
    zh: '质检降级，卖方不退，买方追加保证金',
    en: 'of a lower grade: the seller does not pay, the buyer lays cash beside the goods',
  },
  async play(stage) {
    const it = await open(stage, 0);
    const lots = await toWarehouse(it, { lowerPrice: '2000.00' });
    await becomes(it, 'REFUNDING');
    await stage.advance('6d');
    await becomes(it, 'RECEIVED');
    await stage.command('funder', '/v1/margin-entries', {
      entryNo: `BZ-${it.caseNo}`,
      reference: it.caseNo,
      amount: '600000.00',
      currency: 'CNY',
      statementRef: `BZST-${it.caseNo}`,
    });
    await endorse(it, lots);
    await ends(it, 'future-delivery', 'converted');
    const books = await stage.rows(
      `select i.price::text, m.amount::text, pledge_exposure(p.no) <= pledge_value(p.no) * p.pledge_rate carried
       from pledge p join pledge_item i on i.pledge_no = p.no join margin_entry m on m.pledge_no = p.no join application a on a.no = p.application_no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('price, cash and cover', books, [{ price: '2000.00', amount: '600000.00', carried: true }]);
  },
};

const unsecuredLoans = async ({ stage, caseNo }: FutureCase): Promise<string[]> => {
  const found = await stage.rows<{ state: string }>(
    `select al.state from alert al join loan l on l.no = al.subject join application a on a.no = l.application_no where a.case_id = $1 and al.type = 'MARGIN_CALL'`,
    [caseNo],
  );
  return found.map(({ state }) => state);
};

const receipts = ({ stage, caseNo }: FutureCase) =>
  stage.value(
    `select count(distinct r.receipt_no)::int from receipt_item r join stock_lot l using (lot_no) join future_move m on m.document_no = l.goods_receipt_no
     where m.future_no like '%' || $1`,
    [caseNo.replace('CASE-', '')],
  );

export const notEndorsed: Scenario = {
  name: 'future-goods/not-endorsed',
  flow: 'F4',
  failures: ['F4.7'],
  title: {
    zh: '客户未背书，转仓单中断，敞口标记',
    en: 'the dealer does not endorse: the case stays in conversion, the exposure flagged',
  },
  async play(stage) {
    const it = await open(stage, 1);
    const lots = await toWarehouse(it);
    await becomes(it, 'IN_CONVERSION');
    await stage.advance('6d');
    await stage.until('the flag', async () => (await unsecuredLoans(it)).includes('OPEN'));
    stage.same('receipts', await receipts(it), 0);
    stage.same('the right', await stateOf(it), 'IN_CONVERSION');
    await stage.decide(it.caseNo, 'the conversion is interrupted', { person: 'ops-lin', role: 'operator' });
    await endorse(it, lots);
    await ends(it, 'future-delivery', 'converted');
    stage.same('the flag', await unsecuredLoans(it), ['RESOLVED']);
    stage.same('receipts', await receipts(it), 1);
  },
};

export const notAmended: Scenario = {
  name: 'future-goods/not-amended',
  flow: 'F4',
  failures: ['F4.7'],
  title: {
    zh: '登记变更被退回，转仓单未完成',
    en: 'the registry sends the amendment back: no pledge, no second receipt',
  },
  async play(stage) {
    const it = await open(stage, 1);
    const lots = await toWarehouse(it);
    await becomes(it, 'IN_CONVERSION');
    await endorse(it, lots);
    const requestNo = it.caseNo.replace('CASE-', 'RA');
    await sendBack(stage, requestNo, async () => (await unsecuredLoans(it)).includes('OPEN'));
    const books = await stage.rows(
      `select f.state, f.unsecured_since is not null unsecured, p.state pledge, r.state receipt from future_goods f join application a on a.no = f.application_no
       join pledge p on p.application_no = a.no join warehouse_receipt r on r.no = p.receipt_no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('what stands', books, [
      { state: 'IN_CONVERSION', unsecured: true, pledge: 'CONTROLLED', receipt: 'PLEDGE_PENDING' },
    ]);
    stage.same('the units', (await places(it))['received'], it.quantity);
    await stage.decide(it.caseNo, 'the conversion is interrupted', { person: 'ops-lin', role: 'operator' });
    await ends(it, 'future-delivery', 'converted');
    stage.same('receipts', await receipts(it), 1);
    stage.same('the flag', await unsecuredLoans(it), ['RESOLVED']);
  },
};
