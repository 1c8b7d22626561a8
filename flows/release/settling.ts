/** The loan is settled (结清): what is still pledged is freed, the registration cancelled, and the letter written. */
import { isFailure } from '../../contracts/failures.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { adviseCase, closeCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardRelease } from '../../ledger/guards.ts';
import { move } from '../../ledger/lifecycle.ts';
import { pledgedLots } from '../../ledger/goods/releasable.ts';
import { executeRelease, type LiveRegistration, type OpenPledge } from '../../ledger/goods/releases.ts';
import { clear, raise } from '../../ledger/oversight/alerts.ts';
import { recordDocuments } from '../../ledger/trade/orders.ts';
import { anchorCase } from '../anchoring.ts';
import { paper } from '../papers.ts';
import { orderRelease, restNo } from './ordering.ts';

export async function settle(
  run: Run,
  open: OpenPledge,
  { releaseNo, repaymentNo }: { readonly releaseNo: string; readonly repaymentNo: string },
  actor: string,
): Promise<void> {
  await freeTheRest(run, open, { releaseNo, repaymentNo }, actor);
  await cancelRegistrations(run, open, actor);
  await writeLetter(run, open, repaymentNo);
  await anchorCase(run, open.project.systems.evidence);
  await run.record('close the case', async (tx) => {
    await adviseCase(tx, run.caseId);
    await move(tx, 'application', open.applicationNo, 'close', actor);
    await closeCase(tx, run.caseId, 'released');
  });
}

/** Whatever became of the goods: the claim has ended. */
export async function cancelRegistrations(run: Run, open: OpenPledge, actor: string): Promise<void> {
  for (const [place, registration] of open.registrations.entries())
    await cancelRegistration(run, open, registration, place, actor);
}

/** What nobody came to fetch stays where it lies, as its owner's own: by a release order like any other, without a picker. */
async function freeTheRest(
  run: Run,
  open: OpenPledge,
  { releaseNo, repaymentNo }: { readonly releaseNo: string; readonly repaymentNo: string },
  actor: string,
): Promise<void> {
  const lots = await run.record('what is still pledged', (tx) => pledgedLots(tx, open.pledgeNo));
  if (lots.length === 0) return;
  const no = restNo(releaseNo, run.caseId);
  await orderRelease(run, open, { releaseNo: no, repaymentNo, lots }, actor);
  await run.call(
    wms.operations.unlockStock,
    {
      pledgeNo: open.pledgeNo,
      warehouseCode: open.project.warehouse,
      ownerCode: open.dealer.uscc,
      lots,
      reason: `loan ${open.loanNo} is settled`,
    },
    {
      system: open.project.systems.warehouse,
      before: async (tx) => {
        await guardRelease(tx, no);
        await move(tx, 'release_order', no, 'send', actor);
      },
      after: async (tx, { lockNo }) => {
        await executeRelease(tx, no, open.pledgeNo, lockNo, [], actor);
        await keepEvidence(tx, run.caseId, 'N19 outbound', no, { unlocked: lots.map((lot) => lot.lotNo) });
      },
    },
  );
}

/** The claim has ended, so the registration must end within ten working days (I-33). Later it is an offence, and somebody must know. */
async function cancelRegistration(
  run: Run,
  open: OpenPledge,
  { requestNo: of, registrationNo, amendCode }: LiveRegistration,
  place: number,
  actor: string,
): Promise<void> {
  const system = open.project.systems.registry;
  const requestNo = numberFor(place === 0 ? 'RC' : `RC${place + 1}`, run.caseId);
  const late = { type: 'REG_EXPIRING', subject: registrationNo, caseId: run.caseId } as const;
  await run.call(
    registry.operations.cancel,
    { requestNo, registrationNo, amendCode, reason: '主债权消灭' },
    { system },
  );
  const waiting = {
    key: requestNo,
    from: system,
    poll: { operation: registry.operations.readChange, system, every: '4 hours' },
  } as const;
  const done = await run
    .wait(registry.notices.registrationChanged, { ...waiting, within: '10 working days' })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    });
  if (!done) {
    await run.record('the cancellation is late', (tx) =>
      raise(tx, { ...late, level: 'CALL', metric: 'not cancelled 10 working days after the claim ended' }, actor),
    );
    await run.wait(registry.notices.registrationChanged, { ...waiting, within: '60 working days' });
  }
  await run.record('record the cancellation', async (tx) => {
    await move(tx, 'registration', of, 'cancel', actor, { cancelled_at: run.now() });
    await clear(tx, late, actor, 'cancelled');
    await keepEvidence(tx, run.caseId, 'N11 registration', registrationNo, { cancelled: requestNo });
  });
}

/** The settlement letter (结清证明): for the borrower, made of what stands in the books, and proven by its hash. */
async function writeLetter(run: Run, open: OpenPledge, repaymentNo: string): Promise<void> {
  const letter = paper(`settlement-${open.loanNo}.pdf`, '贷款结清证明', [
    `借据编号 ${open.loanNo}（资方 ${open.funderLoanNo}）`,
    `借款人 ${open.dealer.name} ${open.dealer.uscc}`,
    `贷款人 ${open.project.funder.name} ${open.project.funder.uscc}`,
    `末次还款 ${repaymentNo} 已入账，本息全部结清`,
    `质押 ${open.pledgeNo} 已解除，登记 ${open.registrations.map((each) => each.registrationNo).join('、')} 已注销`,
    `出具日期 ${businessDate(run.now())}`,
  ]);
  await run.record('write the settlement letter', async (tx) => {
    await recordDocuments(tx, run.caseId, [{ type: 'settlementLetter', name: letter.fileName, sha256: letter.sha256 }]);
    await keepEvidence(tx, run.caseId, 'N24 reconciliation', open.loanNo, { letter: letter.sha256, repaymentNo });
  });
}
