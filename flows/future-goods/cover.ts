/** Whether what came carries what is owed (LTV), and who pays when it does not: the seller first, then the buyer. */
import { Decimal } from 'decimal.js';
import { bank } from '../../contracts/bank/bank.ts';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { balanceOf, moveAll, moveFuture, type FutureDeal } from '../../ledger/goods/futureGoods.ts';
import { mostLent } from '../../ledger/goods/marking.ts';
import { move } from '../../ledger/lifecycle.ts';
import { openLoan } from '../../ledger/money/openLoans.ts';
import { accountOf } from '../../ledger/parties/accounts.ts';
import { closeCase } from '../../ledger/cases.ts';
import { repayPart } from '../pledge-change/repaying.ts';
import { quoteOf } from '../quotes.ts';
import { cancelFutureRegistration } from './registration.ts';
import { late, type ArrivedLot } from './delivery.ts';

export interface PricedLot extends ArrivedLot {
  readonly price: string;
  readonly priceAt: string;
}

/** Cash that came beside the goods, to be entered when there is a pledge that it stands beside. */
export interface Cash {
  readonly entryNo: string;
  readonly amount: string;
  readonly currency: string;
  readonly statementRef: string;
}

/** Each unit at the lowest of what was agreed, what the market says, and what its grade is worth. */
export async function priced(
  run: Run,
  deal: FutureDeal,
  lots: readonly ArrivedLot[],
  contractPrice: ReadonlyMap<string, string>,
): Promise<PricedLot[]> {
  const quotes = new Map<string, { price: string; asOf: string }>();
  for (const { materialCode, unit } of lots)
    if (!quotes.has(materialCode))
      quotes.set(materialCode, await quoteOf(run, deal.project.systems.price, materialCode, unit));
  return lots.map((lot) => {
    const quote = quotes.get(lot.materialCode);
    const prices = [quote?.price, contractPrice.get(lot.materialCode), lot.gradePrice].filter((p) => p !== undefined);
    const lowest = prices.reduce((least, each) => (fenOf(each) < fenOf(least) ? each : least));
    return { ...lot, price: lowest, priceAt: quote?.asOf ?? '' };
  });
}

const valueOf = (lots: readonly PricedLot[]): string =>
  lots
    .reduce((sum, lot) => sum.plus(new Decimal(lot.quantity).times(lot.price)), new Decimal(0))
    .toFixed(2, Decimal.ROUND_DOWN);

/** What is owed beyond what the goods and the cash carry: nothing, or yuan. */
export function uncoveredBy(
  lots: readonly PricedLot[],
  owed: string,
  pledgeRate: string,
  cash: readonly Cash[] = [],
): string | undefined {
  const carried = cash.reduce((sum, { amount }) => sum + fenOf(amount), fenOf(mostLent(valueOf(lots), pledgeRate)));
  const gap = fenOf(owed) - carried;
  return gap > 0n ? yuanOf(gap) : undefined;
}

/** Step 6, before the conversion: the seller pays back what is missing, or the buyer lays cash beside the goods. */
export async function cover(run: Run, deal: FutureDeal, lots: readonly PricedLot[], actor: string): Promise<Cash[]> {
  const owed = async () => (await run.record('what is owed', (tx) => balanceOf(tx, deal.loanNo))).balance;
  let gap = uncoveredBy(lots, await owed(), deal.pledgeRate);
  if (gap === undefined) return [];
  await demandRefund(run, deal, `what came does not carry what is owed: ${gap} is missing`, actor);
  const refunded = await refund(run, deal, 'RF', '3 working days', actor);
  await run.record('what the seller did', (tx) => moveFuture(tx, deal.no, refunded ? 'refund' : 'forgo', actor));
  gap = uncoveredBy(lots, await owed(), deal.pledgeRate);
  if (gap === undefined) return [];
  const cash = await run
    .wait(portal.notices.marginReceived, { key: run.caseId, within: '3 working days', from: 'dealer' })
    .catch(late);
  if (!cash || uncoveredBy(lots, await owed(), deal.pledgeRate, [cash]) !== undefined)
    return run.stop('uncovered', `${gap} is missing and neither seller nor buyer paid it`);
  await run.record('record the extra deposit', (tx) =>
    keepEvidence(tx, run.caseId, 'N15 bank receipt', cash.entryNo, {
      amount: cash.amount,
      statementRef: cash.statementRef,
    }),
  );
  return [cash];
}

async function demandRefund(run: Run, deal: FutureDeal, why: string, actor: string): Promise<void> {
  await run.record('demand a refund of the seller', async (tx) => {
    await moveFuture(tx, deal.no, 'demandRefund', actor);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', `${deal.no} refund`, { seller: deal.seller.uscc, why });
  });
}

/** What the seller pays back goes to the funder and reduces the principal. Returns the balance that is left; undefined: nothing came. */
async function refund(
  run: Run,
  deal: FutureDeal,
  prefix: string,
  within: '3 working days' | '10 working days',
  actor: string,
): Promise<string | undefined> {
  const paid = await run.wait(portal.notices.refundPaid, { key: run.caseId, within, from: 'mill' }).catch(late);
  if (!paid) return undefined;
  const from = await run.record('who pays back', async (tx) => ({
    open: await openLoan(tx, run.caseId, deal.applicationNo, deal.dealer.uscc),
    account: await accountOf(tx, deal.seller.id),
  }));
  const { name, uscc } = deal.seller;
  const part = {
    no: numberFor(prefix, run.caseId),
    amount: paid.amount,
    payer: { name, uscc },
    account: from.account,
    type: 'DEBTOR_PAYMENT',
  } as const;
  return (await repayPart(run, from.open, part, actor)).principalBalance;
}

/**
 * The agreed day has passed: the seller pays back what was paid for goods that did not come. What is settled by it is over; what is
 * not stays the borrower's debt. `arrived`: some did come, and are converted.
 */
export async function dayPassed(run: Run, deal: FutureDeal, arrived: boolean, actor: string): Promise<void> {
  const valueDate = businessDate(run.now());
  const { project } = deal;
  const funderLoanNo = await run.record(
    'the loan',
    async (tx) => (await openLoan(tx, run.caseId, deal.applicationNo, deal.dealer.uscc)).funderLoanNo,
  );
  const quote = await run.call(
    bank.operations.quoteRepayment,
    { loanNo: funderLoanNo, valueDate },
    { system: project.systems.funder },
  );
  await demandRefund(run, deal, `nothing more was delivered by ${deal.deliverBy}; owed are ${quote.total}`, actor);
  const left = await refund(run, deal, 'RFD', '10 working days', actor);
  if (left === undefined) return sellerDefaults(run, deal, quote.total);
  await run.record('nothing more comes', async (tx) => {
    await moveAll(tx, deal.no, ['future', 'short'], 'refund');
    await moveAll(tx, deal.no, ['transit', 'short'], 'refund');
    await moveFuture(tx, deal.no, arrived ? 'refund' : 'refundAll', actor);
  });
  if (arrived) return;
  const { state } = await run.record('what is left', (tx) => balanceOf(tx, deal.loanNo));
  if (state !== 'SETTLED') run.stop('refunded', `the seller paid back; ${left} of the loan is the borrower's to pay`);
  await cancelFutureRegistration(run, deal, '主债权消灭', actor);
  await run.record('close the case', async (tx) => {
    await move(tx, 'application', deal.applicationNo, 'close', actor);
    await closeCase(tx, run.caseId, 'refunded');
  });
  run.stop('refunded', `the seller paid back all of loan ${deal.loanNo}`);
}

/** The seller breaks its duty: people take it up. */
async function sellerDefaults(run: Run, deal: FutureDeal, owed: string): Promise<never> {
  await run
    .ask('the seller does not pay back', {
      title: { zh: '卖方逾期未退款，请追索', en: 'the seller does not pay back: pursue it' },
      payload: { futureNo: deal.no, seller: deal.seller.uscc, owed },
      within: '10 working days',
      roles: ['funder', 'operator'],
    })
    .catch(late);
  return run.stop('refundOverdue', `the seller has not paid back ${owed}`);
}
