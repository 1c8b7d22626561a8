/** Steps 3 to 5: what comes in is locked and controlled, approved by the funder's two people, and registered. Only then does it count. */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Message } from '../../contracts/contract.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { wms } from '../../contracts/wms/wms.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import {
  cancelRegistration,
  draftRegistration,
  recordSearch,
  submitShare,
} from '../../ledger/financing/registrations.ts';
import { approveChange, cancelChange, lockChange, registerChange, requestChange } from '../../ledger/goods/changes.ts';
import { freeReceiptOfChange, receiptOfChange, standingOf } from '../../ledger/goods/changeReceipts.ts';
import { registrationOfPledge } from '../../ledger/goods/futureGoods.ts';
import { recordRegistration, registrationOf } from '../../ledger/goods/pledges.ts';
import type { OpenPledge } from '../../ledger/goods/releases.ts';
import { move, stateOf, type Tx } from '../../ledger/lifecycle.ts';
import type { Asked, Checked } from './checks.ts';

export interface Change {
  readonly open: OpenPledge;
  readonly asked: Asked;
  readonly checked: Checked;
  readonly actor: string;
}

type Control = Message<typeof wms.notices.controlConfirmed.contract>;

const counts = async (tx: Tx, changeNo: string) =>
  ['REGISTERED', 'DONE'].includes((await stateOf(tx, 'pledge_change', changeNo)) ?? '');

/** The warehouse knows it as a supplement to the lock of the pledge (追加锁定): what is locked under it leaves with the rest. */
const lockNo = ({ pledgeNo }: OpenPledge, changeNo: string): string => `${pledgeNo}-${changeNo.slice(-6)}`;

/** Step 3: locked first, and held by the supervisor for the funder, before anybody decides anything. */
export async function lockIn(run: Run, { open, asked, checked, actor }: Change): Promise<Control> {
  const { changeNo } = asked;
  const { project, pledgeNo } = open;
  const kind = asked.kind === 'substitution' ? 'SUBSTITUTION' : 'TOP_UP';
  await run
    .record(
      'request the change',
      (tx) => requestChange(tx, { no: changeNo, pledgeNo, kind, reason: asked.reason, items: checked.items }, actor),
      { undo: (tx) => takeBack(tx, changeNo, actor) },
    )
    .catch((thrown: unknown) => {
      if (isFailure(thrown)) return run.stop('returned', `${thrown.type}: ${thrown.message}`);
      throw thrown;
    });
  const place = { warehouseCode: project.warehouse, ownerCode: open.dealer.uscc };
  const { name, uscc } = project.funder;
  const system = project.systems.warehouse;
  const locked = run.call(
    wms.operations.lockStock,
    { pledgeNo: lockNo(open, changeNo), ...place, pledgee: { name, uscc }, lots: asked.lotsIn },
    {
      system,
      before: (tx) => move(tx, 'pledge_change', changeNo, 'askLock', actor),
      undo: async (r) => {
        // Refused by the warehouse, or counting already: there is nothing to unlock.
        const state = await r.record('whether it is locked', (tx) => stateOf(tx, 'pledge_change', changeNo));
        if (state === undefined || ['LOCK_FAILED', 'REGISTERED', 'DONE'].includes(state)) return;
        const lots = { lots: asked.lotsIn, reason: 'the change did not come about' };
        await r.call(wms.operations.unlockStock, { pledgeNo: lockNo(open, changeNo), ...place, ...lots }, { system });
      },
    },
  );
  const taken = await locked.catch(async (thrown: unknown) => {
    if (!isFailure(thrown)) throw thrown;
    await run.record('record that nothing was locked', (tx) => move(tx, 'pledge_change', changeNo, 'fail', actor));
    return run.stop('notLocked', `the warehouse does not lock what comes in: ${thrown.message}`);
  });
  const control = await run
    .wait(wms.notices.controlConfirmed, { key: lockNo(open, changeNo), within: '5 working days', from: system })
    .catch((thrown: unknown) => {
      if (isFailure(thrown))
        return run.stop('notControlled', 'the supervisor does not confirm that it holds what comes in');
      throw thrown;
    });
  await run.record('record the control', async (tx) => {
    const { basis } = await standingOf(tx, pledgeNo);
    if (basis === 'RECEIPT') await receiptOfChange(tx, changeNo, control.receipt, project.warehouse, actor);
    await lockChange(tx, changeNo, { lockNo: taken.lockNo, at: control.confirmedAt }, actor);
    await keepEvidence(tx, run.caseId, 'N13 control', changeNo, {
      supervisor: control.supervisor.uscc,
      at: control.confirmedAt,
      receiptNo: control.receipt.receiptNo,
    });
  });
  return control;
}

async function takeBack(tx: Tx, changeNo: string, actor: string): Promise<void> {
  const state = await stateOf(tx, 'pledge_change', changeNo);
  if (state === undefined || ['CANCELLED', 'REGISTERED', 'DONE'].includes(state)) return;
  if (state === 'LOCK_REQUESTED') await move(tx, 'pledge_change', changeNo, 'fail', actor);
  await cancelChange(tx, changeNo, actor);
  await freeReceiptOfChange(tx, changeNo, actor);
}

/** Step 4: maker and checker of the funder, within a working day. */
export async function approve(run: Run, { open, asked, actor }: Change): Promise<void> {
  const { changeNo } = asked;
  const standing = await run.record('what would be pledged', (tx) => standingOf(tx, open.pledgeNo));
  const decision = await run
    .wait(portal.notices.changeDecided, { key: changeNo, within: '1 working day', from: 'funder' })
    .catch((thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED')
        return run.stop('undecided', 'the funder did not decide within a working day');
      throw thrown;
    });
  if (decision.verdict === 'rejected') return run.stop('rejected', decision.reason ?? 'the funder rejected the change');
  const { maker, checker } = decision;
  await run
    .record('approve the change', async (tx) => {
      await approveChange(tx, changeNo, { maker, checker, source: open.project.systems.funder }, actor);
      await keepEvidence(tx, run.caseId, 'N05 decision', changeNo, {
        maker,
        checker,
        value: standing.value,
        exposure: standing.exposure,
      });
    })
    .catch((thrown: unknown) => {
      if (isFailure(thrown)) return run.stop('rejected', `${thrown.type}: ${thrown.message}`);
      throw thrown;
    });
}

/** Step 5: added goods rank by a registration of their own, and the funder has their receipt. From then on they count. */
export async function register(run: Run, change: Change, control: Control): Promise<void> {
  const { open, asked, checked, actor } = change;
  const { changeNo, applicationNo } = asked;
  const { project, dealer, pledgeNo } = open;
  const system = project.systems.registry;
  const requestNo = `${numberFor('RG', run.caseId)}-${changeNo.slice(-6)}`;
  const { name, uscc } = project.funder;
  const standing = await run.record('what is owed', (tx) => standingOf(tx, pledgeNo));
  await run.call(
    registry.operations.register,
    {
      requestNo,
      business: 'warehouseReceiptPledge',
      pledgor: { name: dealer.name, uscc: dealer.uscc },
      pledgee: { name, uscc },
      contractNo: applicationNo,
      securedAmount: standing.balance,
      termMonths: 12,
      description: `追加质押，仓单编号 ${control.receipt.receiptNo}，质押编号 ${pledgeNo}，批次 ${asked.lotsIn.map(({ lotNo }) => lotNo).join('、')}`,
    },
    {
      system,
      before: async (tx) => {
        await draftRegistration(tx, { requestNo, applicationNo }, actor);
        await recordSearch(tx, requestNo, checked.search, actor);
        await submitShare(tx, requestNo, actor);
      },
      undo: (r) => withdraw(r, system, requestNo, changeNo, actor),
    },
  );
  const registered = await run.wait(registry.notices.registered, {
    key: requestNo,
    within: '2 working days',
    from: system,
    poll: { operation: registry.operations.readRegistration, system, every: '4 hours' },
  });
  await run.record('record the registration', async (tx) => {
    await recordRegistration(tx, registered, actor);
    await registrationOfPledge(tx, requestNo, pledgeNo);
    await keepEvidence(tx, run.caseId, 'N11 registration', registered.registrationNo, {
      certificate: registered.certificateSha256,
      changeNo,
    });
  });
  await deliver(run, change, control, registered.registrationNo);
}

async function deliver(
  run: Run,
  { open, asked, checked, actor }: Change,
  control: Control,
  registrationNo: string,
): Promise<void> {
  const value = await run.record('value what comes in', (tx) => valueOfItems(tx, checked.items));
  const { name, uscc } = control.supervisor;
  await run.call(
    bank.operations.deliverCollateral,
    {
      pledgeNo: asked.changeNo,
      applicationNo: asked.applicationNo,
      warehouseReceiptNo: control.receipt.receiptNo,
      receiptSha256: control.receipt.sealSha256,
      registrationNo,
      supervisor: { name, uscc },
      lots: asked.lotsIn,
      value,
    },
    { system: open.project.systems.funder },
  );
  await run.record('what comes in counts', async (tx) => {
    const { basis } = await standingOf(tx, open.pledgeNo);
    if (basis === 'RECEIPT')
      await move(tx, 'warehouse_receipt', control.receipt.receiptNo, 'countersignPledge', actor, {}, { word: 'FND' });
    await registerChange(tx, asked.changeNo, registrationNo, actor);
  });
}

async function valueOfItems(tx: Tx, items: Checked['items']): Promise<string> {
  const found = await tx.query<{ value: string }>(
    `select trunc(coalesce(sum(x.quantity * x.price), 0), 2)::numeric(17, 2)::text value from jsonb_to_recordset($1) x (quantity numeric, price numeric)`,
    [JSON.stringify(items)],
  );
  return found.rows[0]?.value ?? '0.00';
}

/** What was registered for goods that do not come in after all is taken back at the registry. */
async function withdraw(run: Run, system: string, requestNo: string, changeNo: string, actor: string): Promise<void> {
  const kept = await run.record('what is registered of it', async (tx) =>
    (await counts(tx, changeNo)) ? undefined : registrationOf(tx, requestNo),
  );
  if (!kept?.registrationNo || !kept.amendCode) return;
  const cancelNo = requestNo.replace(/^RG/, 'RX');
  const { registrationNo, amendCode } = kept;
  await run.call(
    registry.operations.cancel,
    { requestNo: cancelNo, registrationNo, amendCode, reason: '追加质押未成立' },
    { system },
  );
  await run.wait(registry.notices.registrationChanged, {
    key: cancelNo,
    within: '10 working days',
    from: system,
    poll: { operation: registry.operations.readChange, system, every: '4 hours' },
  });
  await run.record('record the cancellation', (tx) => cancelRegistration(tx, requestNo, run.now(), actor));
}
