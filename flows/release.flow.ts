/** F7 repayment and release (还款与解押), steps 9–11: money in, posted by the funder; only then goods out. */
import { randomBytes } from 'node:crypto';
import { bank } from '../contracts/bank/bank.ts';
import { ReleaseApplication } from '../contracts/portal/financing.ts';
import { portal } from '../contracts/portal/portal.ts';
import { registry } from '../contracts/registry/registry.ts';
import { wms } from '../contracts/wms/wms.ts';
import type { Message } from '../contracts/contract.ts';
import { after, shanghaiTime } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase, numberFor } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { guardRelease } from '../ledger/guards.ts';
import { move } from '../ledger/lifecycle.ts';
import {
  approveRelease,
  cancelRelease,
  draftRelease,
  executeRelease,
  openPledge,
  undoRelease,
  type OpenPledge,
} from '../ledger/goods/releases.ts';
import type { LotRow } from '../ledger/goods/stock.ts';
import { anchorCase } from './anchoring.ts';
import { repayAll } from './financing/repayment.ts';
import { releaseSteps } from './steps.ts';

type Asked = Message<typeof ReleaseApplication>;

export const release = flow({
  name: 'release',
  version: 1,
  title: { zh: '还款与解押', en: 'Repayment and release' },
  input: ReleaseApplication,
  startedBy: [portal.notices.releaseApplied.name],
  keyOf: (asked) => asked.releaseNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: releaseSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const open = await run.record('find the pledge', (tx) =>
      openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc),
    );
    const repaymentNo = await repayAll(run, open, actor);
    await run.milestone(9);
    const order = await orderRelease(run, open, asked, repaymentNo, actor);
    await run.milestone(10);
    await letGoodsOut(run, open, asked, order, actor);
    await run.milestone(11);
    return { outcome: 'released', detail: `loan ${open.loanNo} settled` };
  },
});

interface Ordered {
  readonly lots: LotRow[];
  readonly token: string;
  readonly validTo: string;
}

/** Step 10: the hub matches the lots; the funder's two people decide; only a posted repayment gets this far (I-13). */
async function orderRelease(
  run: Run,
  open: OpenPledge,
  asked: Asked,
  repaymentNo: string,
  actor: string,
): Promise<Ordered> {
  const system = open.project.systems.funder;
  const { releaseNo, picker } = asked;
  const lots = asked.lots as readonly LotRow[] | undefined;
  const drafted = await run.record(
    'draft the release order',
    (tx) => draftRelease(tx, { no: releaseNo, pledgeNo: open.pledgeNo, repaymentNo, picker, lots }, actor),
    { undo: (tx) => undoRelease(tx, releaseNo, actor) },
  );
  await run.call(
    bank.operations.requestRelease,
    {
      releaseNo,
      pledgeNo: open.pledgeNo,
      loanNo: open.funderLoanNo,
      repaymentNo,
      lots: drafted.lots,
      valueAfter: drafted.valueAfter,
      exposureAfter: '0.00',
    },
    { system, before: (tx) => move(tx, 'release_order', releaseNo, 'submit', actor) },
  );
  const decision = await run.wait(bank.notices.releaseDecided, {
    key: releaseNo,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readReleaseDecision, system, every: '8 hours' },
  });
  if (decision.verdict === 'rejected') {
    await run.record('record the rejection', (tx) => cancelRelease(tx, releaseNo, 'reject', actor));
    return run.stop('rejected', decision.reason ?? 'the funder rejected the release');
  }
  return run.record('approve the release', async (tx) => {
    const token = randomBytes(24).toString('base64url');
    const validTo = after(run.now(), '7 days');
    await approveRelease(tx, releaseNo, token, validTo, { ...decision, source: system }, actor);
    await keepEvidence(tx, run.caseId, 'N18 release order', releaseNo, {
      pledgeNo: open.pledgeNo,
      maker: decision.maker,
      checker: decision.checker,
    });
    return { lots: drafted.lots, token, validTo: shanghaiTime(validTo) };
  });
}

/** Step 11: a token opens the gate once, for the named picker, before it expires. Then the registration is cancelled. */
async function letGoodsOut(run: Run, open: OpenPledge, asked: Asked, order: Ordered, actor: string): Promise<void> {
  const { systems } = open.project;
  const sent = run.call(
    wms.operations.orderOutbound,
    {
      releaseNo: asked.releaseNo,
      pledgeNo: open.pledgeNo,
      token: order.token,
      warehouseCode: open.project.warehouse,
      ownerCode: open.dealer.uscc,
      picker: asked.picker,
      validTo: order.validTo,
      lots: order.lots,
    },
    {
      system: systems.warehouse,
      before: async (tx) => {
        await guardRelease(tx, asked.releaseNo);
        await move(tx, 'release_order', asked.releaseNo, 'send', actor);
      },
      after: (tx) => move(tx, 'release_order', asked.releaseNo, 'ack', actor),
    },
  );
  await sent.catch(async (thrown: unknown) => {
    await run.record('record that no goods will leave', (tx) => cancelRelease(tx, asked.releaseNo, 'cancel', actor));
    throw thrown;
  });
  const outbound = await run.wait(wms.notices.goodsOutbound, {
    key: asked.releaseNo,
    within: '7 days',
    from: systems.warehouse,
  });
  await run.record('record the outbound', async (tx) => {
    await executeRelease(
      tx,
      asked.releaseNo,
      open.pledgeNo,
      outbound.outboundNo,
      outbound.lots,
      actor,
      outbound.outboundAt,
    );
    await keepEvidence(tx, run.caseId, 'N19 outbound', outbound.outboundNo, { releaseNo: asked.releaseNo });
  });
  await cancelRegistration(run, open, actor);
  await anchorCase(run, systems.evidence);
  await run.record('close the case', async (tx) => {
    await move(tx, 'application', open.applicationNo, 'close', actor);
    await closeCase(tx, run.caseId, 'released');
  });
}

/** Within ten working days after the claim ends (I-33): here, at once. */
async function cancelRegistration(run: Run, open: OpenPledge, actor: string): Promise<void> {
  const system = open.project.systems.registry;
  const requestNo = numberFor('RC', run.caseId);
  await run.call(
    registry.operations.cancel,
    { requestNo, registrationNo: open.registrationNo, amendCode: open.amendCode, reason: '主债权消灭' },
    { system },
  );
  await run.wait(registry.notices.registrationChanged, {
    key: requestNo,
    within: '10 working days',
    from: system,
    poll: { operation: registry.operations.readChange, system, every: '4 hours' },
  });
  await run.record('record the cancellation', (tx) =>
    move(tx, 'registration', open.registrationRequestNo, 'cancel', actor, { cancelled_at: run.now() }),
  );
}
