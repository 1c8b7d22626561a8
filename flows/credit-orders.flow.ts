/**
 * F2, step 2: orders after they were placed. One that is changed in the ERP is a new version here, and an alert (合同变更); one of which no
 * message came is found by asking, hour by hour, for what changed (增量补拉).
 */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { isFailure } from '../contracts/failures.ts';
import { portal } from '../contracts/portal/portal.ts';
import { OrderChange } from '../contracts/sap/postings.ts';
import { sap } from '../contracts/sap/sap.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { projectNamed, projectOf, sellersOf, type Project } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { raise } from '../ledger/oversight/alerts.ts';
import { orderOf, replaceOrder } from '../ledger/trade/history.ts';

export const orderChange = flow({
  name: 'order-change',
  version: 1,
  title: { zh: '订单变更', en: 'Order changed' },
  input: OrderChange,
  startedBy: [sap.notices.orderChanged.name],
  accepts: async (tx, change) => (await orderOf(tx, change.orderNo, await sellersOf(tx))) !== undefined,
  keyOf: (change) => change.eventId,
  caseOf: (change) => ({ key: change.orderNo, title: '订单' }),
  milestones: [],
  async body(run, change) {
    const { orderNo } = change;
    const known = await run.record('find the order', async (tx) => {
      const order = await orderOf(tx, orderNo, await sellersOf(tx));
      return order && { ...order, project: await projectOf(tx, order.sellerNo) };
    });
    if (!known) return { outcome: 'unknown order', detail: orderNo };
    const erp = await run.call(sap.operations.readOrder, { orderNo }, { system: known.project.systems.erp });
    if (erp.total === known.total && linesOf(erp.lines) === linesOf(known.lines as typeof erp.lines))
      return { outcome: 'unchanged', detail: `order ${orderNo} is as it was` };
    const version = await run.record('record the version', async (tx) => {
      const { sellerNo } = known;
      const made = await replaceOrder(tx, { sellerNo, orderNo, total: erp.total, lines: erp.lines });
      await keepEvidence(tx, run.caseId, 'N03 trade data', `${orderNo}/v${made}`, {
        version: made,
        total: erp.total,
        before: known.total,
      });
      await raise(
        tx,
        {
          type: 'CONTRACT_CHANGED',
          level: 'WARN',
          subject: orderNo,
          caseId: run.caseId,
          metric: `${known.total} → ${erp.total}`,
        },
        `run:${run.id}`,
      );
      return made;
    });
    return { outcome: 'changed', detail: `version ${version}: ${known.total} → ${erp.total}` };
  },
});

/** What an order is, whatever else the ERP tells of it. */
const linesOf = (
  lines: readonly { readonly materialCode: string; readonly quantity: string; readonly amount: string }[],
): string =>
  lines
    .map(({ materialCode, quantity, amount }) => `${materialCode}=${quantity}/${amount}`)
    .toSorted()
    .join();

const hoursOfDay = 24;

export const orderPull = flow({
  name: 'order-pull',
  version: 1,
  title: { zh: '订单增量补拉', en: 'Orders looked for' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  // oxlint-disable-next-line typescript/require-await -- a flow promises
  accepts: async (_tx, due) => due.what === 'orders',
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '订单补拉' }),
  milestones: [],
  async body(run, due) {
    const project = await run.record('find the project', (tx) => projectNamed(tx, due.scope));
    let token: string | undefined;
    let found = 0;
    for (let hour = 0; hour < hoursOfDay; hour += 1) {
      if (hour > 0) await run.sleep('until the next hour', '1 hour');
      const changes = await run
        .call(
          sap.operations.readChanges,
          {
            salesOrganization: project.sellerNo,
            since: `${due.on}T00:00:00+08:00`,
            ...(token === undefined ? {} : { token }),
          },
          { system: project.systems.erp },
        )
        .catch((thrown: unknown) => {
          if (!isFailure(thrown)) throw thrown;
        });
      // Not told this hour: the next one asks for the same.
      if (!changes) continue;
      token = changes.token;
      for (const change of changes.changes) if (await follow(run, project, change)) found += 1;
    }
    return { outcome: 'pulled', detail: `${found} orders of which nobody had told` };
  },
});

/** One that is not known here is placed; one that is known has changed. Told twice it is the same fact. */
async function follow(
  run: Run,
  project: Project,
  change: { readonly orderNo: string; readonly changedAt: string },
): Promise<boolean> {
  const { orderNo, changedAt } = change;
  const known = await run.record(`is ${orderNo} known`, async (tx) => {
    const order = await orderOf(tx, orderNo, [project.sellerNo]);
    return order !== undefined;
  });
  if (known) {
    await run.tell(sap.notices.orderChanged, {
      orderNo,
      eventId: `pull/${orderNo}/${changedAt}`,
      change: 'changed',
      at: changedAt,
    });
    return false;
  }
  const {
    readAt: _,
    status: __,
    ...order
  } = await run.call(sap.operations.readOrder, { orderNo }, { system: project.systems.erp });
  await run.tell(sap.notices.orderPlaced, { ...order, messageNo: `pull-${orderNo}`, sentAt: shanghaiTime(run.now()) });
  return true;
}
