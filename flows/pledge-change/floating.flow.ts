/**
 * F5 step 7, floating pledge (浮动质押, 总量控货): agreed by dealer and funder on a pledge that is in effect; from then on goods go out
 * daily without an order, as long as what stays is worth the floor and carries what is owed. The gate refuses the rest.
 */
import { randomBytes } from 'node:crypto';
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import { hub } from '../../contracts/hub/hub.ts';
import { FloatingAgreement, FloatingOutbound } from '../../contracts/portal/pledgeChange.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import { flow, type Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { amendRegistration } from '../../ledger/financing/registrations.ts';
import { letPass, makeFloating, passed, standingOf } from '../../ledger/goods/changeReceipts.ts';
import { openPledge, type OpenPledge } from '../../ledger/goods/releases.ts';
import { refreshPrices } from '../release/ordering.ts';
import { beyondSteps } from './steps.ts';

export const floatingAgreement = flow({
  name: 'floating-agreement',
  version: 1,
  title: { zh: '转为浮动质押', en: 'The pledge becomes floating' },
  input: FloatingAgreement,
  startedBy: [portal.notices.floatingAsked.name],
  keyOf: (asked) => asked.agreementNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: beyondSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const open = await run.record('find the pledge', (tx) =>
      openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc),
    );
    const decision = await run
      .wait(portal.notices.changeDecided, { key: asked.agreementNo, within: '1 working day', from: 'funder' })
      .catch((thrown: unknown) => {
        if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED')
          return run.stop('undecided', 'the funder did not decide within a working day');
        throw thrown;
      });
    if (decision.verdict === 'rejected' || decision.maker === decision.checker)
      return run.stop('rejected', decision.reason ?? 'two people of the funder must approve');
    await amendAll(run, open, asked, actor);
    await run
      .record('the pledge is floating', async (tx) => {
        const { agreementNo, floorValue, supervisionNo } = asked;
        await makeFloating(tx, open.pledgeNo, { floorValue, supervisionNo }, actor);
        const { maker, checker } = decision;
        await keepEvidence(tx, run.caseId, 'N05 decision', agreementNo, { maker, checker, floorValue, supervisionNo });
      })
      .catch((thrown: unknown) => {
        if (isFailure(thrown)) return run.stop('returned', `${thrown.type}: ${thrown.message}`);
        throw thrown;
      });
    await run.milestone(7);
    return { outcome: 'floating', detail: `floor ${asked.floorValue}` };
  },
});

type Agreed = Message<typeof FloatingAgreement>;

/** Who searches the registry finds goods that come and go, not a receipt that is void. */
async function amendAll(run: Run, open: OpenPledge, asked: Agreed, actor: string): Promise<void> {
  const system = open.project.systems.registry;
  for (const [place, { requestNo: of, registrationNo, amendCode }] of open.registrations.entries()) {
    const requestNo = `${numberFor('RA', run.caseId)}-${asked.agreementNo.slice(-6)}${place}`;
    const description = `浮动质押（总量控货），质押编号 ${open.pledgeNo}，监管协议 ${asked.supervisionNo}，最低控货价值 ${asked.floorValue} 元`;
    await run.call(registry.operations.amend, { requestNo, registrationNo, amendCode, description }, { system });
    await run.wait(registry.notices.registrationChanged, {
      key: requestNo,
      within: '2 working days',
      from: system,
      poll: { operation: registry.operations.readChange, system, every: '4 hours' },
    });
    await run.record('record the amendment', async (tx) => {
      await amendRegistration(tx, of, actor, 'the pledge is floating now');
      await keepEvidence(tx, run.caseId, 'N11 registration', requestNo, {
        registrationNo,
        floorValue: asked.floorValue,
      });
    });
  }
}

export const floatingOutbound = flow({
  name: 'floating-outbound',
  version: 1,
  title: { zh: '浮动质押出库', en: 'Floating outbound' },
  input: FloatingOutbound,
  startedBy: [portal.notices.floatingOut.name],
  keyOf: (asked) => asked.movementNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: beyondSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const open = await run.record('find the pledge', async (tx) => {
      const pledge = await openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc);
      return { ...pledge, basis: (await standingOf(tx, pledge.pledgeNo)).basis };
    });
    if (open.basis !== 'STOCK_FLOATING') return run.stop('refused', 'NOT_ALLOWED: the pledge is not a floating one');
    await refreshPrices(run, open);
    const outboundNo = await throughTheGate(run, open, asked, actor);
    await run.milestone(7);
    await run.tell(hub.notices.collateralChanged, { pledgeNo: open.pledgeNo, cause: 'GOODS', no: asked.movementNo });
    return { outcome: 'left', detail: `outbound ${outboundNo}` };
  },
});

type Moving = Message<typeof FloatingOutbound>;

/** The gate asks in the transaction that commits the order: what would stay decides. Every movement is told, and valued anew. */
async function throughTheGate(run: Run, open: OpenPledge, asked: Moving, actor: string): Promise<string> {
  const system = open.project.systems.warehouse;
  const token = await run.record('a token for the gate', () => Promise.resolve(randomBytes(24).toString('base64url')));
  const ordered = run.call(
    wms.operations.orderOutbound,
    {
      releaseNo: asked.movementNo,
      pledgeNo: open.pledgeNo,
      token,
      warehouseCode: open.project.warehouse,
      ownerCode: open.dealer.uscc,
      picker: asked.picker,
      validTo: shanghaiTime(after(run.now(), '1 day')),
      lots: asked.lots,
    },
    { system, before: (tx) => letPass(tx, open.pledgeNo, asked.lots, actor) },
  );
  await ordered.catch((thrown: unknown) => {
    if (isFailure(thrown)) return run.stop('refused', `${thrown.type}: ${thrown.message}`);
    throw thrown;
  });
  const outbound = await run.wait(wms.notices.goodsOutbound, { key: asked.movementNo, within: '2 days', from: system });
  await run.record('record the movement', async (tx) => {
    await passed(tx, outbound.lots, outbound.outboundNo, actor);
    const { value, exposure, floor } = await standingOf(tx, open.pledgeNo);
    const lots = outbound.lots.map(({ lotNo, quantity }) => ({ lotNo, quantity }));
    await keepEvidence(tx, run.caseId, 'N19 outbound', outbound.outboundNo, { movementNo: asked.movementNo, lots });
    await keepEvidence(tx, run.caseId, 'N20 price alert', `${asked.movementNo} value`, { value, exposure, floor });
  });
  return outbound.outboundNo;
}
