/**
 * Step 7, the conversion (转仓单): the dealer endorses in pledge, the warehouse issues, countersigns and locks, the funder takes the receipt,
 * the registration names it. Money is out already, so that there is no way back: what fails is mended by people and gone on with, under the
 * same numbers, so that no second receipt is ever issued; until then nothing secures what is owed, and that is flagged.
 */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure, type Failure } from '../../contracts/failures.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { wms } from '../../contracts/wms/wms.ts';
import type { Message } from '../../contracts/contract.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { enterMargin } from '../../ledger/goods/changes.ts';
import {
  endorsePledge,
  flagUnsecured,
  moveAll,
  moveFuture,
  registrationOfPledge,
  secured,
  type FutureDeal,
} from '../../ledger/goods/futureGoods.ts';
import { confirmControl, pledgeValue, requestPledge, takeCustody } from '../../ledger/goods/pledges.ts';
import { recordToldReceipt } from '../../ledger/goods/told.ts';
import { move } from '../../ledger/lifecycle.ts';
import { amend } from './registration.ts';
import type { Cash, PricedLot } from './cover.ts';

type Endorsement = Message<typeof portal.notices.receiptEndorsed.contract>;
type Control = Message<typeof wms.notices.controlConfirmed.contract>;

interface Converting {
  readonly deal: FutureDeal;
  readonly pledgeNo: string;
  readonly lots: readonly PricedLot[];
  readonly actor: string;
}

export async function convert(
  run: Run,
  deal: FutureDeal,
  lots: readonly PricedLot[],
  cash: readonly Cash[],
  actor: string,
): Promise<string> {
  const it: Converting = { deal, pledgeNo: numberFor('PL', run.caseId), lots, actor };
  await run.record('begin the conversion', (tx) => moveFuture(tx, deal.no, 'convert', actor));
  const endorsed = await mended(run, it, 'endorsed', () => endorsement(run, it));
  await mended(run, it, 'requested', () => request(run, it, cash));
  await mended(run, it, 'locked', () => lock(run, it), once);
  const control = await mended(run, it, 'controlled', () => controlled(run, it));
  await run.record('record the receipt', (tx) => issued(tx, run, it, endorsed, control));
  const custodyNo = await mended(run, it, 'delivered', () => deliver(run, it, control), once);
  const description = `电子仓单质押，仓单编号 ${control.receipt.receiptNo}，质押编号 ${it.pledgeNo}，由未来货权 ${deal.no} 转入`;
  const requestNo = await mended(run, it, 'registered', (attempt) => amend(run, deal, description, attempt, actor));
  await run.record('the goods are pledged', async (tx) => {
    const { registrationNo, requestNo: registration } = deal.registration;
    await registrationOfPledge(tx, registration, it.pledgeNo);
    await move(tx, 'pledge', it.pledgeNo, 'submit', actor);
    await move(tx, 'pledge', it.pledgeNo, 'register', actor, { registration_no: registrationNo });
    await takeCustody(tx, it.pledgeNo, custodyNo, actor);
    await moveAll(tx, deal.no, ['received', 'receipt'], control.receipt.receiptNo);
    await moveFuture(tx, deal.no, 'secure', actor);
    await secured(tx, { no: deal.no, loanNo: deal.loanNo, caseId: run.caseId }, actor);
    await keepEvidence(tx, run.caseId, 'N11 registration', requestNo, {
      registrationNo,
      receiptNo: control.receipt.receiptNo,
    });
  });
  return control.receipt.receiptNo;
}

/** How often people may say that a step can be gone on with. What a counterparty refused under its number is not asked again: that is for an act on the run. */
const attempts = 4;
const once = 1;

/** A step that does not come about leaves the case in conversion, its exposure flagged; people mend what is wrong, and it goes on. */
async function mended<T>(
  run: Run,
  { deal, actor }: Converting,
  what: string,
  step: (attempt: number) => Promise<T>,
  times = attempts,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const done = await step(attempt).then(
      (value) => ({ value }),
      (thrown: unknown) => {
        if (!isFailure(thrown)) throw thrown;
        return { failure: { type: thrown.type, message: thrown.message } satisfies Pick<Failure, 'type' | 'message'> };
      },
    );
    if ('value' in done) return done.value;
    const why = `${what}: ${done.failure.type}`;
    await run.record('flag the exposure', (tx) =>
      flagUnsecured(tx, { no: deal.no, loanNo: deal.loanNo, caseId: run.caseId, why }, actor),
    );
    const goOn = await run
      .ask('mend the conversion', {
        title: {
          zh: '转仓单中断，敞口无担保，请处理',
          en: 'the conversion is interrupted, the exposure unsecured: mend it',
        },
        payload: { futureNo: deal.no, loanNo: deal.loanNo, what, why: done.failure.message, attempt },
        within: '10 working days',
        roles: ['operator', 'funder'],
      })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      });
    if (goOn?.decision !== 'approved' || attempt >= times)
      run.stop('inConversion', `${why}: the exposure on loan ${deal.loanNo} is unsecured`);
  }
}

/** The holder endorses before the keeper issues and countersigns, in one act of the warehouse's system: nothing is issued without it. */
async function endorsement(run: Run, { deal }: Converting): Promise<Endorsement> {
  return run
    .wait(portal.notices.receiptEndorsed, { key: run.caseId, within: '3 working days', from: 'dealer' })
    .then((said) => {
      if (said.pledgee.uscc !== deal.project.funder.uscc)
        run.stop('inConversion', 'the receipt is endorsed to another than the funder');
      return said;
    });
}

/** All or nothing, in the books: asked again, it is the same. */
async function request(run: Run, { deal, pledgeNo, lots, actor }: Converting, cash: readonly Cash[]): Promise<void> {
  const { project, dealer } = deal;
  await run.record('request the pledge', async (tx) => {
    await requestPledge(
      tx,
      {
        no: pledgeNo,
        applicationNo: deal.applicationNo,
        pledgor: dealer.id,
        pledgee: project.funder.id,
        supervisor: project.keeper.id,
        securedAmount: deal.securedAmount,
        pledgeRate: deal.pledgeRate,
        items: lots,
      },
      actor,
    );
    for (const { entryNo: no, amount, currency, statementRef } of cash)
      await enterMargin(tx, { no, pledgeNo, amount, currency, statementRef });
  });
}

async function lock(run: Run, { deal, pledgeNo, lots, actor }: Converting): Promise<void> {
  const { project, dealer } = deal;
  const { name, uscc } = project.funder;
  const order = {
    pledgeNo,
    warehouseCode: project.warehouse,
    ownerCode: dealer.uscc,
    pledgee: { name, uscc },
    lots: lotsOf(lots),
  };
  await run.call(wms.operations.lockStock, order, {
    system: project.systems.warehouse,
    before: (tx) => move(tx, 'pledge', pledgeNo, 'askLock', actor),
    after: (tx, { lockNo }) => move(tx, 'pledge', pledgeNo, 'lock', actor, { lock_no: lockNo }),
  });
}

function controlled(run: Run, { deal, pledgeNo }: Converting): Promise<Control> {
  return run.wait(wms.notices.controlConfirmed, {
    key: pledgeNo,
    within: '5 working days',
    from: deal.project.systems.warehouse,
  });
}

async function issued(
  tx: Parameters<Parameters<Run['record']>[1]>[0],
  run: Run,
  { deal, pledgeNo, actor }: Converting,
  endorsed: Endorsement,
  control: Control,
): Promise<void> {
  const { receiptNo, sealSha256 } = control.receipt;
  await recordToldReceipt(tx, control.receipt, deal.project.warehouse, actor);
  await confirmControl(tx, pledgeNo, { receiptNo, at: control.confirmedAt }, actor);
  const seals = { endorserSha256: endorsed.sealSha256, keeperSha256: sealSha256 };
  await endorsePledge(tx, { receiptNo, pledgee: deal.project.funder.id, ...seals });
  await keepEvidence(tx, run.caseId, 'N12 receipt issued', receiptNo, {
    seal: sealSha256,
    endorsedBy: endorsed.endorsementNo,
  });
  await keepEvidence(tx, run.caseId, 'N13 control', pledgeNo, {
    supervisor: control.supervisor.uscc,
    at: control.confirmedAt,
  });
}

/** The funder acknowledges: the receipt is in its custody. */
async function deliver(run: Run, { deal, pledgeNo, lots }: Converting, control: Control): Promise<string> {
  const { project } = deal;
  const value = await run.record('value the pledge', (tx) => pledgeValue(tx, pledgeNo));
  const { name, uscc } = control.supervisor;
  const { custodyNo } = await run.call(
    bank.operations.deliverCollateral,
    {
      pledgeNo,
      applicationNo: deal.applicationNo,
      warehouseReceiptNo: control.receipt.receiptNo,
      receiptSha256: control.receipt.sealSha256,
      registrationNo: deal.registration.registrationNo,
      supervisor: { name, uscc },
      lots: lotsOf(lots),
      value,
    },
    { system: project.systems.funder },
  );
  return custodyNo;
}

const lotsOf = (lots: readonly PricedLot[]) =>
  lots.map(({ lotNo, materialCode, quantity, unit }) => ({ lotNo, materialCode, quantity, unit }));
