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
import { closeCase } from '../ledger/cases.ts';
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

/** Every hour of the day and once after it; more only while the ERP does not answer. */
const looksMax = 48;
const dayMs = 86_400_000;

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
    const found = await lookAllDay(run, project, due.on);
    await run.record('close the case', (tx) => closeCase(tx, run.caseId, 'looked'));
    if (found === undefined)
      return { outcome: 'not offered', detail: `${project.systems.erp} does not tell what changed` };
    return { outcome: 'pulled', detail: `${found} orders of which nobody had told` };
  },
});

/** How many were found of which nobody had told; nothing, when that ERP does not tell what changed. */
async function lookAllDay(run: Run, project: Project, on: string): Promise<number | undefined> {
  const since = `${on}T00:00:00+08:00`;
  const endMs = new Date(since).getTime() + dayMs;
  let token: string | undefined;
  let found = 0;
  for (let look = 0; look < looksMax; look += 1) {
    if (look > 0) await run.sleep('until the next hour', '1 hour');
    const isLast = run.now().getTime() >= endMs;
    const asked = { salesOrganization: project.sellerNo, since, ...(token === undefined ? {} : { token }) };
    const told = await run.call(sap.operations.readChanges, asked, { system: project.systems.erp }).catch(failureOf);
    if ('failed' in told) {
      if (told.failed === 'OPERATION_NOT_OFFERED') return undefined;
      // Not told this hour: the next look asks for the same.
      continue;
    }
    const followed: Followed[] = [];
    for (const change of told.changes) followed.push(await follow(run, project, change));
    found += followed.filter((what) => what === 'placed').length;
    if (followed.includes('unread')) continue;
    token = told.token;
    if (isLast) break;
  }
  return found;
}

type Followed = 'placed' | 'known' | 'unread' | 'blocked';

function failureOf(thrown: unknown): { readonly failed: string } {
  if (isFailure(thrown)) return { failed: thrown.type };
  throw thrown;
}

/** One that is not known here is placed; one that is known has changed. Told twice it is the same fact. */
async function follow(
  run: Run,
  project: Project,
  change: { readonly orderNo: string; readonly changedAt: string },
): Promise<Followed> {
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
    return 'known';
  }
  const read = await run.call(sap.operations.readOrder, { orderNo }, { system: project.systems.erp }).catch(failureOf);
  if ('failed' in read) return 'unread';
  const { readAt: _, status, ...order } = read;
  // Its release is a change of its own, and is told then.
  if (status === 'blocked') return 'blocked';
  await run.tell(sap.notices.orderPlaced, { ...order, messageNo: `pull-${orderNo}`, sentAt: shanghaiTime(run.now()) });
  return 'placed';
}
