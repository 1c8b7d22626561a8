/** Goods out against what came instead, or against a part that was repaid: the funder decides on what stays, and only then is there a token. */
import { randomBytes } from 'node:crypto';
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { standingOf } from '../../ledger/goods/changeReceipts.ts';
import {
  approveRelease,
  cancelRelease,
  draftRelease,
  undoRelease,
  type OpenPledge,
  type Picker,
} from '../../ledger/goods/releases.ts';
import type { LotRow } from '../../ledger/goods/stock.ts';
import { move } from '../../ledger/lifecycle.ts';
import { refreshPrices, type Ordered } from '../release/ordering.ts';

export interface Out {
  readonly releaseNo: string;
  readonly lots: readonly LotRow[];
  readonly picker: Picker;
  /** The change by which other goods came (换货), or the repayment that was posted. */
  readonly ground: { readonly changeNo: string } | { readonly repaymentNo: string };
}

export async function orderOut(run: Run, open: OpenPledge, out: Out, actor: string): Promise<Ordered> {
  const system = open.project.systems.funder;
  const { releaseNo, ground } = out;
  const rests =
    'changeNo' in ground
      ? ({ ground: 'SUBSTITUTION', changeNo: ground.changeNo } as const)
      : ({ repaymentNo: ground.repaymentNo } as const);
  const drafted = await run.record(
    'draft the release order',
    async (tx) => {
      const order = await draftRelease(
        tx,
        { no: releaseNo, pledgeNo: open.pledgeNo, picker: out.picker, lots: out.lots, ...rests },
        actor,
      );
      return { ...order, owed: (await standingOf(tx, open.pledgeNo)).balance };
    },
    { undo: (tx) => undoRelease(tx, releaseNo, actor) },
  );
  await run.call(
    bank.operations.requestRelease,
    {
      releaseNo,
      pledgeNo: open.pledgeNo,
      loanNo: open.funderLoanNo,
      repaymentNo: 'changeNo' in ground ? ground.changeNo : ground.repaymentNo,
      lots: drafted.lots,
      valueAfter: drafted.valueAfter,
      exposureAfter: drafted.owed,
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
  await refreshPrices(run, open); // The funder took its time.
  return run
    .record('approve the release', async (tx) => {
      const token = randomBytes(24).toString('base64url');
      const validTo = after(run.now(), '7 days');
      await approveRelease(tx, releaseNo, token, validTo, { ...decision, source: system }, actor);
      const { maker, checker } = decision;
      await keepEvidence(tx, run.caseId, 'N18 release order', releaseNo, {
        pledgeNo: open.pledgeNo,
        maker,
        checker,
        ...rests,
      });
      return { lots: drafted.lots, token, validTo: shanghaiTime(validTo) };
    })
    .catch((thrown: unknown) => {
      // What stays would not carry what is owed: the books say no, whoever said yes (I-14).
      if (isFailure(thrown)) return run.stop('refused', `${thrown.type}: ${thrown.message}`);
      throw thrown;
    });
}
