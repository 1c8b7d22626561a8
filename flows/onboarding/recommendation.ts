/** Step 1: the trading unit recommends a customer on its history in the ERP (历史交易数据), which the ERP itself confirms. */
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { sap } from '../../contracts/sap/sap.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { closeCase, describeCase } from '../../ledger/cases.ts';
import { projectNamed, type Project } from '../../ledger/configuration/projects.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { revokeInvitations } from '../../ledger/parties/invitations.ts';
import { partyByRef } from '../../ledger/parties/parties.ts';
import { refusedAs, type Invited, type Recommended } from './applicant.ts';

interface History {
  readonly orders: number;
  readonly total: string;
  readonly first?: string;
  readonly last?: string;
}

export async function recommend(run: Run, recommended: Recommended): Promise<Invited> {
  const actor = `run:${run.id}`;
  const project = await run
    .record('choose the project', (tx) => projectNamed(tx, recommended.projectId), {
      undo: async (tx) => {
        await revokeInvitations(tx, run.caseId, actor);
        await closeCase(tx, run.caseId, 'ended');
      },
    })
    .catch(refusedAs(['NOT_FOUND'], ({ message }) => run.stop('returned', message)));
  const history = await readHistory(run, project, recommended);
  if (history.orders === 0) await decideWithoutHistory(run, recommended);
  const openItems = await run
    .call(
      sap.operations.readOpenItems,
      { companyCode: project.companyCode, customerNo: recommended.customerNo, keyDate: businessDate(run.now()) },
      { system: project.systems.erp },
    )
    // A customer without an account in the ERP owes nothing there.
    .catch(refusedAs(['SYSTEM_REFUSED', 'NOT_FOUND'], () => ({ total: '0.00' })));
  const party = await run.record('record the recommendation', async (tx) => {
    const known = await partyByRef(tx, project.systems.erp, recommended.customerNo, recommended.name, actor, []);
    await describeCase(tx, run.caseId, known.name, history.total);
    await keepEvidence(tx, run.caseId, 'N03 trade data', recommended.recommendationNo, {
      uscc: recommended.uscc,
      customerNo: recommended.customerNo,
      ...history,
      openItems: openItems.total,
    });
    return known.id;
  });
  return { project, party, actor };
}

/** What the ERP holds of the orders that the unit names: each is this customer's, or the recommendation goes back. */
async function readHistory(run: Run, { systems }: Project, recommended: Recommended): Promise<History> {
  let [total, orders] = [0n, 0];
  const dates: string[] = [];
  for (const orderNo of recommended.orderNos) {
    const order = await run
      .call(sap.operations.readOrder, { orderNo }, { system: systems.erp })
      .catch(refusedAs(['ORDER_NOT_IN_ERP'], ({ message }) => run.stop('returned', message)));
    if (Number(order.buyer.externalNo) !== Number(recommended.customerNo))
      run.stop('returned', `order ${orderNo} is not of customer ${recommended.customerNo}`);
    total += fenOf(order.total);
    orders += 1;
    dates.push(order.orderDate);
  }
  const [first, last] = [dates.toSorted()[0], dates.toSorted().at(-1)];
  return { orders, total: yuanOf(total), ...(first === undefined || last === undefined ? {} : { first, last }) };
}

async function decideWithoutHistory(run: Run, { name, uscc, customerNo }: Recommended): Promise<void> {
  const decided = await run.ask('no history', {
    title: { zh: '无历史交易，是否邀请', en: 'no trade history: invite all the same?' },
    payload: { name, uscc, customerNo },
    within: '5 working days',
    roles: ['operator'],
  });
  if (decided.decision === 'rejected') run.stop('returned', `no trade history: ${decided.reason}`);
}
