/** F6 factoring with confirmation (保理确权), step 9: the debtor pays the collection account, and what came is split. */
import { FactoringFunded } from '../contracts/hub/factoring.ts';
import { hub } from '../contracts/hub/hub.ts';
import { fenOf } from '../contracts/canonical/money.ts';
import { portal } from '../contracts/portal/portal.ts';
import { after } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { collectingOf, type Collecting } from '../ledger/trade/factorings.ts';
import { anchorCase } from './anchoring.ts';
import { endOf, finish, lapse, remindBefore, remindDebtor, takePayment } from './factoring/collection.ts';
import { inTime, until } from './factoring/deal.ts';
import { collectionSteps } from './factoring/steps.ts';

const dayMs = 86_400_000;

export const factoringCollection = flow({
  name: 'factoring-collection',
  version: 1,
  title: { zh: '保理回款', en: 'Collection of a factored receivable' },
  input: FactoringFunded,
  startedBy: [hub.notices.factoringFunded.name],
  keyOf: (funded) => funded.receivableNo,
  caseOf: (funded) => ({ id: funded.caseNo }),
  milestones: collectionSteps,
  async body(run, funded) {
    const actor = `run:${run.id}`;
    const { receivableNo, projectId } = funded;
    let reminded = 0;
    for (let round = 0; ;) {
      const open = await run.record('how the receivable stands', (tx) => collectingOf(tx, receivableNo, projectId));
      if (isPaid(open)) {
        await finish(run, open, actor);
        await run.milestone(9);
        await anchorCase(run, open.project.systems.evidence);
        return {
          outcome: open.state === 'BOUGHT_BACK' ? 'bought back' : 'collected',
          detail: `receivable ${receivableNo}`,
        };
      }
      const next = nextTime(run, open, reminded);
      const payment = await inTime(
        run.wait(hub.notices.receivablePayment, { key: receivableNo, within: until(run.now(), next), from: 'core' }),
      );
      if (payment) {
        await takePayment(run, open, payment, round, actor);
        round += 1;
      } else if (isLive(open) && run.now() >= endOf(open.dueDate)) await lapse(run, open, actor);
      else if (isLive(open)) {
        await remindDebtor(run, open, remindBefore[reminded] ?? 0);
        reminded += 1;
      }
    }
  },
});

/** Not due yet, or disputed before it was due. */
const isLive = ({ state }: Collecting): boolean => state === 'ASSIGNED' || state === 'DISPUTED';

const isPaid = ({ state, slices }: Collecting): boolean =>
  ['COLLECTED', 'BOUGHT_BACK'].includes(state) && slices.every(({ balance }) => fenOf(balance) === 0n);

/** The next reminder, or the end of the due date; of what is overdue already, once a month. */
function nextTime(run: Run, open: Collecting, reminded: number): Date {
  if (!isLive(open)) return after(run.now(), '30 days');
  const days = remindBefore[reminded];
  const end = endOf(open.dueDate);
  return days === undefined ? end : new Date(Date.parse(`${open.dueDate}T09:00:00+08:00`) - days * dayMs);
}

/** Debtor and supplier tell of payments by commands of their own; both become one kind of fact. */
export const debtorPayment = flow({
  name: 'debtor-payment',
  version: 1,
  title: { zh: '核心企业回款指令', en: 'Payment by the debtor' },
  input: portal.notices.debtorPaid.contract,
  startedBy: [portal.notices.debtorPaid.name],
  keyOf: (paid) => paid.paymentNo,
  caseOf: (paid) => ({ id: paid.caseNo }),
  milestones: [],
  async body(run, { caseNo: _caseNo, paidToAccountNo, ...paid }) {
    await run.tell(hub.notices.receivablePayment, {
      ...paid,
      kind: paidToAccountNo === undefined ? 'debtor' : 'elsewhere',
      ...(paidToAccountNo === undefined ? {} : { paidToAccountNo }),
    });
    return { outcome: 'told' };
  },
});

export const supplierPayment = flow({
  name: 'supplier-payment',
  version: 1,
  title: { zh: '资产方转付与回购', en: 'Payment by the supplier' },
  input: portal.notices.supplierPaid.contract,
  startedBy: [portal.notices.supplierPaid.name],
  keyOf: (paid) => paid.paymentNo,
  caseOf: (paid) => ({ id: paid.caseNo }),
  milestones: [],
  async body(run, { caseNo: _caseNo, ...paid }) {
    await run.tell(hub.notices.receivablePayment, paid);
    return { outcome: 'told' };
  },
});
