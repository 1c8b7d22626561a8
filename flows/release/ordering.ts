/** Step 10: the release order (解质押单). */
import { randomBytes } from 'node:crypto';
import { bank } from '../../contracts/bank/bank.ts';
import { Failure } from '../../contracts/failures.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { isPriceStale, pledgedLots } from '../../ledger/goods/releasable.ts';
import {
  approveRelease,
  cancelRelease,
  draftRelease,
  undoRelease,
  type OpenPledge,
  type Picker,
} from '../../ledger/goods/releases.ts';
import type { LotRow } from '../../ledger/goods/stock.ts';
import { quoteOf } from '../quotes.ts';

/** Working days for which a price that is not published is waited for. */
const priceDaysMax = 5;

/** Goods are given back at prices of this business day; while there is none, nothing is (F8 1). */
export async function refreshPrices(run: Run, { pledgeNo, project }: OpenPledge): Promise<void> {
  const lots = await run.record('what is pledged', (tx) => pledgedLots(tx, pledgeNo));
  for (let days = 0; days < priceDaysMax; days += 1) {
    for (const [materialCode, unit] of new Map(lots.map((lot) => [lot.materialCode, lot.unit])))
      await quoteOf(run, project.systems.price, materialCode, unit);
    if (!(await run.record('whether a price is stale', (tx) => isPriceStale(tx, pledgeNo)))) return;
    await run.sleep('the next price', '1 working day');
  }
  throw new Failure('PRICE_STALE', {
    detail: `the goods of ${pledgeNo} have had no price for ${priceDaysMax} working days`,
  });
}

export interface ReleaseAsked {
  readonly releaseNo: string;
  readonly repaymentNo: string;
  /** Absent: who takes the goods nowhere needs nobody to fetch them. */
  readonly picker?: Picker;
  readonly lots?: readonly LotRow[] | undefined;
}

export interface Ordered {
  readonly lots: readonly LotRow[];
  readonly token: string;
  readonly validTo: string;
}

/** The hub matches the lots; the funder's two people decide; only a posted repayment gets this far (I-13). */
export async function orderRelease(run: Run, open: OpenPledge, asked: ReleaseAsked, actor: string): Promise<Ordered> {
  const system = open.project.systems.funder;
  const { releaseNo, repaymentNo, picker, lots } = asked;
  const { pledgeNo } = open;
  const drafted = await run.record(
    'draft the release order',
    (tx) => draftRelease(tx, { no: releaseNo, pledgeNo, repaymentNo, ...(picker ? { picker } : {}), lots }, actor),
    { undo: (tx) => undoRelease(tx, releaseNo, actor) },
  );
  await run.call(
    bank.operations.requestRelease,
    {
      releaseNo,
      pledgeNo,
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
      pledgeNo,
      maker: decision.maker,
      checker: decision.checker,
    });
    return { lots: drafted.lots, token, validTo: shanghaiTime(validTo) };
  });
}

/** Its number: of the release order for what nobody came to fetch. */
export const restNo = (releaseNo: string, caseId: string): string =>
  `${numberFor('RR', caseId)}-${releaseNo.slice(-6)}`;
