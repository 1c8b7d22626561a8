/** Step 7: goods are locked, controlled, registered and handed over: their pledge. */
import { bank } from '../../contracts/bank/bank.ts';
import { Failure, isFailure } from '../../contracts/failures.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { type Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardUnfunded } from '../../ledger/guards.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import {
  cancelPledge,
  confirmControl,
  pledgeValue,
  recordRegistration,
  requestPledge,
  submitRegistration,
  takeCustody,
} from '../../ledger/goods/pledges.ts';
import { recordToldReceipt } from '../../ledger/goods/told.ts';
import { raise } from '../../ledger/oversight/alerts.ts';
import { quoteOf } from '../quotes.ts';
import { withdrawRegistration } from '../registration.ts';
import { lowerPrice } from '../terms.ts';
import { pledgeRateOf, type Applied, type Deal, type Lots, type Terms } from '../financing/deal.ts';
import { orExpired, withinOffer } from '../financing/offer.ts';

/** Step 7: lock, control and receipt at the warehouse; search and registration; the receipt into the funder's custody. */
export async function pledge(run: Run, deal: Deal, application: Applied, terms: Terms, lots: Lots): Promise<void> {
  const { project, order, dealer, actor } = deal;
  const pledgeNo = numberFor('PL', run.caseId);
  const company = ({ name, uscc }: { name: string; uscc: string }) => ({ name, uscc });
  const quotes = new Map<string, { price: string; asOf: string }>();
  for (const materialCode of [...new Set(lots.map((lot) => lot.materialCode))].toSorted()) {
    const unit = lots.find((lot) => lot.materialCode === materialCode)?.unit ?? 'TNE';
    quotes.set(materialCode, await quoteOf(run, project.systems.price, materialCode, unit));
  }
  const items = lots.map((lot) => {
    const contractPrice = order.lines.find((line) => line.materialCode === lot.materialCode)?.unitPrice;
    const quote = quotes.get(lot.materialCode);
    return { ...lot, price: lowerPrice(contractPrice, quote?.price), priceAt: quote?.asOf ?? '' };
  });
  const securedAmount = terms.amount;
  await run.record(
    'request the pledge',
    (tx) =>
      requestPledge(
        tx,
        {
          no: pledgeNo,
          applicationNo: application.no,
          pledgor: dealer.id,
          pledgee: project.funder.id,
          supervisor: project.keeper.id,
          securedAmount,
          pledgeRate: pledgeRateOf(terms),
          items,
        },
        actor,
      ),
    { undo: (tx) => cancelPledge(tx, pledgeNo, actor) },
  );
  const control = await holdGoods(run, deal, application, terms, { pledgeNo, lots });
  await run.record('record the control', async (tx) => {
    const { receiptNo, sealSha256 } = control.receipt;
    await recordToldReceipt(tx, control.receipt, project.warehouse, actor);
    await confirmControl(tx, pledgeNo, { receiptNo, at: control.confirmedAt }, actor);
    await keepEvidence(tx, run.caseId, 'N12 receipt issued', receiptNo, { seal: sealSha256 });
    await keepEvidence(tx, run.caseId, 'N13 control', pledgeNo, {
      supervisor: control.supervisor.uscc,
      at: control.confirmedAt,
    });
  });
  const registered = await register(run, deal, application, terms, {
    pledgeNo,
    lots,
    receiptNo: control.receipt.receiptNo,
  });
  const value = await run.record('value the pledge', (tx) => pledgeValue(tx, pledgeNo));
  await run.call(
    bank.operations.deliverCollateral,
    {
      pledgeNo,
      applicationNo: application.askedAs,
      warehouseReceiptNo: control.receipt.receiptNo,
      receiptSha256: control.receipt.sealSha256,
      registrationNo: registered,
      supervisor: company(control.supervisor),
      lots,
      value,
    },
    {
      system: project.systems.funder,
      after: (tx, { custodyNo }) => takeCustody(tx, pledgeNo, custodyNo, actor),
    },
  );
}

interface Goods {
  readonly pledgeNo: string;
  readonly lots: Lots;
}

/** All of it or nothing (all-or-nothing): the warehouse locks, and the supervisor confirms that it holds every lot for the pledgee. */
async function holdGoods(
  run: Run,
  { project, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
  { pledgeNo, lots }: Goods,
) {
  const system = project.systems.warehouse;
  const place = { warehouseCode: project.warehouse, ownerCode: dealer.uscc };
  const { name, uscc } = project.funder;
  const locked = run.call(
    wms.operations.lockStock,
    { pledgeNo, ...place, pledgee: { name, uscc }, lots },
    {
      system,
      before: (tx) => move(tx, 'pledge', pledgeNo, 'askLock', actor),
      after: (tx, { lockNo }) => move(tx, 'pledge', pledgeNo, 'lock', actor, { lock_no: lockNo }),
      undo: (r) => unlock(r, system, application.no, { pledgeNo, ...place, lots }),
    },
  );
  await locked.catch(async (thrown: unknown) => {
    await run.record('record that nothing is locked', async (tx) => {
      if ((await stateOf(tx, 'pledge', pledgeNo)) === 'LOCK_REQUESTED')
        await move(tx, 'pledge', pledgeNo, 'fail', actor);
    });
    throw thrown;
  });
  const control = await run
    .wait(wms.notices.controlConfirmed, {
      key: pledgeNo,
      within: withinOffer(run, terms, '3 working days'),
      from: system,
    })
    .catch(orExpired(run, application, terms, actor))
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      return run.stop('returned', 'the keeper issued no receipt and confirmed no control: the goods are unlocked');
    });
  const { issuer, depositor } = control.receipt;
  if (!sameLots(control.lots, lots) || !sameLots(control.receipt.lots, lots))
    run.stop('returned', 'the supervisor controls only a part of the goods: all of them are unlocked');
  if (issuer.uscc !== project.keeper.uscc || depositor.uscc !== dealer.uscc || control.supervisor.uscc === dealer.uscc)
    run.stop('returned', 'the receipt is not of the keeper for the pledgor, or the supervisor is not independent');
  return control;
}

function sameLots(some: Lots, others: Lots): boolean {
  const named = (lots: Lots) =>
    lots
      .map(({ lotNo, quantity, unit }) => `${lotNo} ${quantity} ${unit}`)
      .toSorted()
      .join();
  return named(some) === named(others);
}

/** Compensation. What was perhaps never locked is asked for before it is unlocked. */
async function unlock(
  run: Run,
  system: string,
  applicationNo: string,
  lock: Goods & { readonly warehouseCode: string; readonly ownerCode: string },
): Promise<void> {
  const known = await run.call(wms.operations.queryLock, { no: lock.pledgeNo }, { system });
  if (known.outcome === 'pending')
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the warehouse still works on the lock of ${lock.pledgeNo}` });
  if (known.outcome !== 'confirmed') return;
  await run.call(
    wms.operations.unlockStock,
    { ...lock, reason: 'the financing did not come about' },
    { system, before: (tx) => guardUnfunded(tx, applicationNo) },
  );
}

/** Search by the pledgor's exact name, then register: priority is by time (民法典 768). */
async function register(
  run: Run,
  { project, order, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
  { pledgeNo, lots, receiptNo }: Goods & { readonly receiptNo: string },
): Promise<string> {
  const system = project.systems.registry;
  const search = await run.call(registry.operations.search, { debtorName: dealer.name }, { system });
  // The numbers by which others name these goods.
  const names = [receiptNo, order.orderNo, ...lots.map((lot) => lot.lotNo)];
  const collision = search.hits.find((hit) => names.some((name) => hit.description.includes(name)));
  if (collision) {
    await run.record('record the earlier registration', async (tx) => {
      const metric = `${collision.registrationNo} of ${collision.registeredAt}`;
      await raise(tx, { type: 'DUP_ASSET', level: 'CALL', subject: pledgeNo, caseId: run.caseId, metric }, actor);
    });
    run.stop('returned', `the goods are registered already under ${collision.registrationNo}`);
  }
  const requestNo = numberFor('RG', run.caseId);
  await run.call(
    registry.operations.register,
    {
      requestNo,
      business: 'warehouseReceiptPledge',
      pledgor: { name: dealer.name, uscc: dealer.uscc },
      pledgee: { name: project.funder.name, uscc: project.funder.uscc },
      contractNo: application.no,
      securedAmount: terms.amount,
      termMonths: 12,
      description:
        `仓单质押，仓单编号 ${receiptNo}，质押编号 ${pledgeNo}，订单 ${order.orderNo}，批次 ${lots.map((lot) => lot.lotNo).join('、')}`.slice(
          0,
          4_000,
        ),
    },
    {
      system,
      before: (tx) =>
        submitRegistration(
          tx,
          { requestNo, pledgeNo, searchNo: search.searchNo, searchedAt: search.searchedAt },
          actor,
        ),
      undo: (r) => withdrawRegistration(r, system, { applicationNo: application.no, requestNo }, actor),
    },
  );
  const registered = await run.wait(registry.notices.registered, {
    key: requestNo,
    within: '2 working days',
    from: system,
    poll: { operation: registry.operations.readRegistration, system, every: '4 hours' },
  });
  const { registrationNo } = registered;
  await run.record('record the registration', async (tx) => {
    await recordRegistration(tx, registered, actor);
    await move(tx, 'pledge', pledgeNo, 'register', actor, { registration_no: registrationNo });
    await keepEvidence(tx, run.caseId, 'N11 registration', registrationNo, {
      certificate: registered.certificateSha256,
    });
  });
  return registrationNo;
}
