/** Step 8 (确认收款): the voucher is held against the bank's entry, and the supplier says whether the money came. */
import { portal } from '../../contracts/portal/portal.ts';
import { after } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import { decide, propose } from '../../ledger/oversight/approvals.ts';
import type { Slice } from '../../ledger/financing/slices.ts';
import { inTime, until, type Deal } from './deal.ts';
import type { Paid } from './disbursement.ts';
import { escalate, remind } from './reminders.ts';

export async function receipt(run: Run, deal: Deal, slice: Slice, paid: Paid): Promise<void> {
  const isProven = await voucher(run, deal, slice, paid);
  const tag = slice.subscriptionNo.slice(-8);
  const { instructionNo } = paid;
  const wait = (within: '3 days' | '4 days') =>
    inTime(run.wait(portal.notices.receiptAnswered, { key: instructionNo, within, from: 'supplier' }));
  let answer = await wait('3 days');
  if (!answer) {
    await remind(run, deal.project, deal.supplier.id, {
      no: `RA${tag}`,
      about: instructionNo,
      deadline: after(run.now(), '4 days'),
    });
    answer = await wait('4 days');
  }
  if (answer?.verdict === 'disputed') return dispute(run, deal, slice, paid, answer.reason ?? 'no reason given');
  // Only the bank's own entry speaks for a supplier that says nothing.
  if (!answer && !isProven) answer = await chase(run, deal, paid, tag);
  if (answer?.verdict === 'disputed') return dispute(run, deal, slice, paid, answer.reason ?? 'no reason given');
  await run.record('acknowledge the receipt', (tx) =>
    keepEvidence(tx, run.caseId, 'N16 receipt acknowledged', instructionNo, {
      by: answer ? 'supplier' : 'nobody',
      automatic: answer === undefined,
      proven: isProven,
    }),
  );
}

/** A voucher whose serial number or amount is not that of the bank's entry proves nothing (UNPROVEN), however it looks. */
async function voucher(run: Run, { project }: Deal, slice: Slice, paid: Paid): Promise<boolean> {
  const { instructionNo, bankSerial, amount } = paid;
  const uploaded = await inTime(
    run.wait(portal.notices.voucherUploaded, { key: instructionNo, within: '2 working days', from: 'funder' }),
  );
  const isProven = bankSerial !== '' && uploaded?.bankSerial === bankSerial && uploaded.amount === amount;
  await run.record('match the voucher', (tx) =>
    keepEvidence(tx, run.caseId, 'N15 bank receipt', instructionNo, {
      voucher: uploaded?.fileSha256 ?? null,
      state: isProven ? 'PROVEN' : 'UNPROVEN',
    }),
  );
  if (!isProven)
    await escalate(run, project, `VC${slice.subscriptionNo.slice(-8)}`, `放款凭证与银行流水不符：${instructionNo}`);
  return isProven;
}

/** Neither voucher nor answer: people find out, until the supplier has answered. */
async function chase(run: Run, deal: Deal, { instructionNo }: Paid, tag: string) {
  for (let time = 0; ; time += 1) {
    await escalate(run, deal.project, `RC${tag}${time}`, `放款 ${instructionNo} 凭证未匹配，且资产方未确认收款`);
    const answer = await inTime(
      run.wait(portal.notices.receiptAnswered, { key: instructionNo, within: '10 working days', from: 'supplier' }),
    );
    if (answer) return answer;
  }
}

/** The supplier says that it did not come: nothing more is drawn by it until two people have found out (I-12). */
async function dispute(run: Run, deal: Deal, slice: Slice, paid: Paid, reason: string): Promise<void> {
  const { supplier, actor } = deal;
  const { instructionNo } = paid;
  const froze = await run.record('freeze further drawings', async (tx) => {
    await keepEvidence(tx, run.caseId, 'N16 receipt acknowledged', instructionNo, { by: 'supplier', disputed: reason });
    if ((await stateOf(tx, 'party', supplier.id)) !== 'ACTIVE') return false;
    await move(
      tx,
      'party',
      supplier.id,
      'freeze',
      actor,
      {},
      { reason: `receipt of ${instructionNo} is disputed`, word: 'SYS' },
    );
    return true;
  });
  for (;;) {
    const began = run.now();
    const decided = await inTime(
      run.ask('receipt disputed', {
        title: { zh: '资产方对收款有异议：核实并解除冻结', en: 'Receipt disputed: find out, and let it draw again' },
        payload: { instructionNo, subscriptionNo: slice.subscriptionNo, reason, bankSerial: paid.bankSerial },
        people: 2,
        within: until(began, after(began, '5 working days')),
        roles: ['OPS', 'OPS-C'],
      }),
    );
    if (decided?.decision !== 'approved') {
      await escalate(run, deal.project, `RD${slice.subscriptionNo.slice(-8)}`, `收款异议 ${instructionNo} 待核实`);
      continue;
    }
    await run.record('end the dispute', async (tx) => {
      if (froze) {
        const subject = { entity: 'party', id: supplier.id, event: 'unfreeze' } as const;
        const approval = await propose(tx, subject, decided.by[0] ?? '', actor);
        await decide(tx, approval, 'approve', decided.by[1] ?? '', actor);
        await move(tx, 'party', supplier.id, 'unfreeze', actor, {}, { approval });
      }
      await keepEvidence(tx, run.caseId, 'N16 receipt acknowledged', instructionNo, {
        by: 'two people',
        automatic: false,
        proven: true,
      });
    });
    return;
  }
}
