/** Books against books: what differs between hub and funder, warehouse and ERP is a break until the next comparison agrees. */
import type { Scenario, Stage } from '../scenario.ts';
import { lent, repayAll } from '../overdue/story.ts';

const base = { flow: 'F10' } as const;
const project = 'XM-SPOT-PLEDGE';

async function compare(stage: Stage): Promise<string> {
  const on = stage.today();
  await stage.command('operator', '/v1/due', { what: 'reconciliation', scope: project, on });
  let said: unknown;
  await stage.until('the comparison', async () => {
    said = await stage.value("select outcome from run_done where flow = 'reconciliation' and key = $1", [
      `reconciliation/${project}/${on}`,
    ]);
    return said !== undefined;
  });
  return String(said);
}

interface Shown {
  readonly no: string;
  readonly kind: string;
  readonly subject: string;
  readonly difference: string;
  readonly owner: string;
  readonly ageDays: number;
}

/** As an operator sees them. */
async function breaksAbout(stage: Stage, subject: string): Promise<Shown[]> {
  const { body } = await stage.read('operator', '/v1/breaks');
  return ((body['breaks'] ?? []) as Shown[]).filter((one) => one.subject === subject);
}

export const loanBook: Scenario = {
  ...base,
  name: 'settlement/loan-book-differs',
  failures: ['F10.4', 'F10.5'],
  title: { zh: '资金方借据余额不符', en: 'the funder’s book shows another balance: a break, until both agree again' },
  async play(stage) {
    const loan = await lent(stage);
    await compare(stage);
    stage.same('breaks of the loan', await breaksAbout(stage, loan.loanNo), []);
    const balance = String(await stage.value('select balance::text from loan where no = $1', [loan.loanNo]));
    await stage.act('bank-open', 'adjust', { loanNo: loan.funderLoanNo, balance: '1000000.00' });
    await stage.advance('1d');
    stage.same('the comparison', await compare(stage), 'breaks');
    const [found] = await breaksAbout(stage, loan.loanNo);
    stage.same(
      'the break',
      { kind: found?.kind, owner: found?.owner, difference: found?.difference },
      { kind: 'LOAN', owner: 'FND', difference: `BALANCE: ${balance} here, 1000000.00 with the funder` },
    );
    await stage.act('bank-open', 'adjust', { loanNo: loan.funderLoanNo, balance });
    await stage.advance('1d');
    await compare(stage);
    stage.same('open breaks', await breaksAbout(stage, loan.loanNo), []);
    stage.same('the break is', await stage.value('select state from recon_case where no = $1', [found?.no]), 'CLOSED');
    await repayAll(stage, loan);
    await stage.caseEnds(loan.caseNo, 'released');
  },
};

export const stockBook: Scenario = {
  ...base,
  name: 'settlement/pledged-lot-unlocked',
  failures: ['F10.4', 'F10.5'],
  title: { zh: '质押批次在仓库短少', en: 'a pledged lot is short in the warehouse: a break of the warehouse' },
  async play(stage) {
    const loan = await lent(stage, 1);
    const [item] = await stage.rows<{ lot: string; warehouse: string }>(
      `select i.lot_no lot, s.warehouse from pledge_item i join pledge p on p.no = i.pledge_no join stock_lot s on s.lot_no = i.lot_no where p.application_no = $1 order by 1 limit 1`,
      [loan.applicationNo],
    );
    const lot = item?.lot ?? '';
    const held = await stage.value('select quantity::text from pledge_item where lot_no = $1', [lot]);
    await stage.act('wms-qimen', 'loseStock', { lotNo: lot, qty: 1_000 });
    await compare(stage);
    const [found] = await breaksAbout(stage, lot);
    stage.same('the break', { kind: found?.kind, owner: found?.owner }, { kind: 'STOCK', owner: 'WH' });
    stage.same('what is pledged', found?.difference.includes(String(held)), true);
    await stage.act('wms-qimen', 'loseStock', { lotNo: lot, qty: -1_000 });
    await stage.advance('1d');
    await compare(stage);
    stage.same('open breaks', await breaksAbout(stage, lot), []);
    await repayAll(stage, loan, 1);
    await stage.caseEnds(loan.caseNo, 'released');
  },
};
