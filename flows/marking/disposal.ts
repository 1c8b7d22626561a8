/**
 * Step 7, disposal (平仓处置): the goods are sold, never kept by the pledgee (民法典 428). Money first: the buyer pays the funder what is
 * owed, costs before interest before principal (民法典 561), and the pledgor what is left over (438). Then the goods go to the buyer.
 */
import { randomBytes } from 'node:crypto';
import { hub } from '../../contracts/hub/hub.ts';
import type { Verdict } from '../../contracts/hub/marking.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { wms } from '../../contracts/wms/wms.ts';
import type { Static } from 'typebox';
import { after, businessDate, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { closeCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { finishDisposal, liftDisposal, startDisposal } from '../../ledger/goods/pledges.ts';
import { openLots } from '../../ledger/goods/marks.ts';
import { move } from '../../ledger/lifecycle.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import { inTime } from './inTime.ts';
import { collectProceeds, type Proceeds } from './proceeds.ts';
import { closeCall, type Call } from './reckoning.ts';

type Act<A extends string> = Extract<Static<typeof Verdict>, { act: A }>;

/** Undefined when it was lifted before anything was sold. */
export async function dispose(
  run: Run,
  call: Call,
  verdict: Act<'dispose'>,
  by: readonly string[],
): Promise<{ outcome: string; detail: string } | undefined> {
  const { pledgeNo, actor } = call;
  await run.record('begin the disposal', async (tx) => {
    const approval = await decidedElsewhere(
      tx,
      { entity: 'pledge', id: pledgeNo, event: 'dispose' },
      people(by),
      actor,
    );
    await startDisposal(tx, pledgeNo, { approval, reason: verdict.reason }, actor);
    await keepEvidence(tx, run.caseId, 'N23 disposal', `${pledgeNo} plan`, {
      ...verdict.plan,
      reason: verdict.reason,
      by,
    });
  });
  const decided = await nextDecision(run, pledgeNo);
  if (decided.act === 'lift') {
    await run.record('lift the disposal', async (tx) => {
      const approval = await decidedElsewhere(
        tx,
        { entity: 'pledge', id: pledgeNo, event: 'lift' },
        people(decided.by),
        actor,
      );
      await liftDisposal(tx, pledgeNo, { approval, reason: decided.reason }, actor);
      await keepEvidence(tx, run.caseId, 'N23 disposal', `${pledgeNo} lifted`, {
        reason: decided.reason,
        by: decided.by,
      });
    });
    return undefined;
  }
  return sell(run, call, decided);
}

function people([maker = '', checker = '']: readonly string[]) {
  return { maker, checker, source: 'funder' };
}

type Sale = Act<'sell'> & { readonly by: readonly string[]; readonly no: string };

/** The sale's contract, or that all is well again. What else happens to the collateral changes nothing any more. */
async function nextDecision(run: Run, pledgeNo: string): Promise<Sale | (Act<'lift'> & { by: readonly string[] })> {
  for (;;) {
    const changed = await inTime(
      run.wait(hub.notices.collateralChanged, { key: pledgeNo, within: '10 working days', from: 'funder' }),
    );
    const { verdict, by = [], no = '' } = changed ?? {};
    if (verdict?.act === 'sell') return { ...verdict, by, no };
    if (verdict?.act === 'lift') return { ...verdict, by };
  }
}

async function sell(run: Run, call: Call, decided: Sale): Promise<{ outcome: string; detail: string }> {
  const { sale } = decided;
  const { pledgeNo, actor } = call;
  await run.record('record the sale', (tx) =>
    keepEvidence(tx, run.caseId, 'N23 disposal', sale.saleNo, {
      pledgeNo,
      contract: sale.contractSha256,
      buyer: sale.buyer.uscc,
      price: sale.price,
      costs: sale.costs,
      by: decided.by,
    }),
  );
  const proceeds = await collectProceeds(run, call, sale, decided.by);
  await handOver(run, call, decided);
  await cancelRegistrations(run, call);
  await run.record('end the disposal', async (tx) => {
    await closeCall(tx, call, `sold by ${sale.saleNo}`);
    await keepEvidence(tx, run.caseId, 'N23 disposal', `${sale.saleNo} proceeds`, { ...proceeds });
    if (proceeds.shortfall !== '0.00') return;
    await move(tx, 'application', call.loan.applicationNo, 'close', actor);
    await closeCase(tx, run.caseId, 'disposed');
  });
  await tellRealised(run, call, proceeds);
  await run.milestone(7);
  return {
    outcome: 'disposed',
    detail: `${sale.saleNo}: paid ${proceeds.paid}, surplus ${proceeds.surplus}, short of ${proceeds.shortfall}`,
  };
}

/** A loan that was overdue goes on with what is missing (F11). */
async function tellRealised(run: Run, { lapse, loan, pledgeNo }: Call, proceeds: Proceeds): Promise<void> {
  if (lapse === undefined) return;
  const { paid, surplus, shortfall } = proceeds;
  await run.tell(hub.notices.collateralRealised, {
    caseNo: run.caseId,
    loanNo: loan.loanNo,
    pledgeNo,
    proceeds: paid,
    surplus,
    shortfall,
    on: businessDate(run.now()),
  });
}

/** The buyer's picker fetches the goods with a token of its own, as any other (I-15); what a change brought in lies under a lock of its own. */
async function handOver(run: Run, { loan, pledgeNo, actor }: Call, { sale }: Sale): Promise<void> {
  const { project, dealer } = loan;
  const orders = await run.record('order the goods out', async (tx) =>
    [...Map.groupBy(await openLots(tx, pledgeNo), ({ lockNo }) => lockNo)].map(([lockNo, lots], place) => ({
      lockNo,
      lots: lots.map(({ lotNo, materialCode, quantity, unit }) => ({ lotNo, materialCode, quantity, unit })),
      releaseNo: place === 0 ? sale.saleNo : `${sale.saleNo}-${place + 1}`,
      token: randomBytes(24).toString('base64url'),
    })),
  );
  const system = project.systems.warehouse;
  const validTo = shanghaiTime(after(run.now(), '7 days'));
  for (const { lockNo, lots, releaseNo, token } of orders) {
    await run.call(
      wms.operations.orderOutbound,
      {
        releaseNo,
        pledgeNo: lockNo,
        token,
        warehouseCode: project.warehouse,
        ownerCode: dealer.uscc,
        picker: sale.picker,
        validTo,
        lots,
      },
      { system },
    );
    const left = await run.wait(wms.notices.goodsOutbound, { key: releaseNo, within: '7 days', from: system });
    await run.record('goods left', (tx) =>
      keepEvidence(tx, run.caseId, 'N19 outbound', left.outboundNo, { saleNo: sale.saleNo, releaseNo }),
    );
  }
  await run.record('the goods are the buyer’s', (tx) => finishDisposal(tx, pledgeNo, sale.saleNo, actor));
}

/** Within ten working days (I-33): here, at once. The first under the number that a settled loan's has, too. */
async function cancelRegistrations(run: Run, { loan, actor }: Call): Promise<void> {
  const system = loan.project.systems.registry;
  for (const [place, { requestNo: of, registrationNo, amendCode }] of loan.registrations.entries()) {
    const requestNo = `${numberFor('RC', run.caseId)}${place === 0 ? '' : `-${place + 1}`}`;
    await run.call(
      registry.operations.cancel,
      { requestNo, registrationNo, amendCode, reason: '担保物权实现' },
      { system },
    );
    await run.wait(registry.notices.registrationChanged, {
      key: requestNo,
      within: '10 working days',
      from: system,
      poll: { operation: registry.operations.readChange, system, every: '4 hours' },
    });
    await run.record('record the cancellation', (tx) =>
      move(tx, 'registration', of, 'cancel', actor, { cancelled_at: run.now() }),
    );
  }
}
