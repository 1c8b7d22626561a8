/** Steps 6 and 7: goods in, and their pledge. */
import { bank } from '../../contracts/bank/bank.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { type Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardUnfunded } from '../../ledger/guards.ts';
import { move } from '../../ledger/lifecycle.ts';
import {
  cancelPledge,
  confirmControl,
  pledgeValue,
  recordRegistration,
  requestPledge,
  submitRegistration,
  takeCustody,
} from '../../ledger/goods/pledges.ts';
import { receiveLots } from '../../ledger/goods/stock.ts';
import { recordToldReceipt } from '../../ledger/goods/told.ts';
import { quoteOf } from '../quotes.ts';
import { withdrawRegistration } from '../registration.ts';
import { lowerPrice } from '../terms.ts';
import type { Applied, Deal, Lots, Terms } from '../financing/deal.ts';

/** Step 6: the warehouse is told what comes and says what came. */
export async function receiveGoods(
  run: Run,
  { project, order, dealer, actor }: Deal,
  application: Applied,
): Promise<Lots> {
  const noticeNo = numberFor('IN', run.caseId);
  await run.call(
    wms.operations.announceInbound,
    {
      noticeNo,
      warehouseCode: project.warehouse,
      ownerCode: dealer.uscc,
      orderNo: order.orderNo,
      lines: order.lines.map((l) => ({
        lineNo: l.lineNo,
        materialCode: l.materialCode,
        name: l.description ?? l.materialCode,
        quantity: l.quantity,
        unit: l.unit,
      })),
    },
    { system: project.systems.warehouse },
  );
  const received = await run.wait(wms.notices.goodsReceived, {
    key: noticeNo,
    within: '10 working days',
    from: project.systems.warehouse,
  });
  await run.record('record the lots', async (tx) => {
    await receiveLots(tx, project.warehouse, dealer.id, received.lots, received, actor);
    await move(tx, 'application', application.no, 'ready', actor);
  });
  return received.lots;
}

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
          pledgeRate: terms.pledgeRate,
          items,
        },
        actor,
      ),
    { undo: (tx) => cancelPledge(tx, pledgeNo, actor) },
  );
  const place = { warehouseCode: project.warehouse, ownerCode: dealer.uscc };
  await run.call(
    wms.operations.lockStock,
    { pledgeNo, ...place, pledgee: company(project.funder), lots },
    {
      system: project.systems.warehouse,
      before: (tx) => move(tx, 'pledge', pledgeNo, 'askLock', actor),
      after: (tx, { lockNo }) => move(tx, 'pledge', pledgeNo, 'lock', actor, { lock_no: lockNo }),
      undo: async (r) => {
        await r.call(
          wms.operations.unlockStock,
          { pledgeNo, ...place, lots, reason: 'the financing did not come about' },
          { system: project.systems.warehouse, before: (tx) => guardUnfunded(tx, application.no) },
        );
      },
    },
  );
  const control = await run.wait(wms.notices.controlConfirmed, {
    key: pledgeNo,
    within: '5 working days',
    from: project.systems.warehouse,
  });
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
  const registered = await register(run, deal, application, terms, pledgeNo, control.receipt.receiptNo);
  const value = await run.record('value the pledge', (tx) => pledgeValue(tx, pledgeNo));
  await run.call(
    bank.operations.deliverCollateral,
    {
      pledgeNo,
      applicationNo: application.no,
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

/** Search by the pledgor's exact name, then register: priority is by time (民法典 768). */
async function register(
  run: Run,
  { project, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
  pledgeNo: string,
  receiptNo: string,
): Promise<string> {
  const system = project.systems.registry;
  const search = await run.call(registry.operations.search, { debtorName: dealer.name }, { system });
  const collision = search.hits.find((hit) => hit.description.includes(receiptNo));
  if (collision) run.stop('returned', `the goods are registered already under ${collision.registrationNo}`);
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
      description: `仓单质押，仓单编号 ${receiptNo}，质押编号 ${pledgeNo}`,
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
