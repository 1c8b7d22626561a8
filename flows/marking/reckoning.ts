/** A call reckoned anew from the books, and how it ends. */
import type { MarginCalled } from '../../contracts/hub/marking.ts';
import type { Message } from '../../contracts/contract.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { calling, marksOf, warning, type PledgeMark } from '../../ledger/goods/marks.ts';
import type { PledgedLoan } from '../../ledger/goods/parties.ts';
import { pinQuotes, revalue } from '../../ledger/goods/prices.ts';
import { stateOf, type Actor, type Tx } from '../../ledger/lifecycle.ts';
import { clear, escalate, heighten, settle } from '../../ledger/oversight/alerts.ts';
import { isMet } from './demand.ts';

export interface Call extends Message<typeof MarginCalled> {
  readonly loan: PledgedLoan;
  readonly actor: Actor;
}

export type Reckoned =
  | { readonly met: true; readonly mark: PledgeMark | undefined }
  | { readonly met: false; readonly mark: PledgeMark };

/** One pledge at the latest prices, as a batch of its own: whatever came in since counts from here on. */
export async function reckon(run: Run, { callNo, pledgeNo, cause }: Call): Promise<Reckoned> {
  const { mark, over } = await run.record('reckon the call', async (tx) => {
    const counted = await tx.query<{ n: string }>('select count(*) n from quote_set where id like $1', [`${callNo}/%`]);
    const setId = `${callNo}/${Number(counted.rows[0]?.n) + 1}`;
    await pinQuotes(tx, setId, businessDate(run.now()));
    await revalue(tx, setId, { pledge: pledgeNo });
    const [found] = await marksOf(tx, setId, pledgeNo);
    if (found?.level === 'DISPOSE') await heighten(tx, callNo, 'DISPOSE');
    const state = await stateOf(tx, 'alert', callNo);
    return { mark: found ?? null, over: state === 'RESOLVED' || state === 'FALSE_POSITIVE' };
  });
  if (mark === null) return { met: true, mark: undefined };
  // What it was called for has turned out not to be so.
  if (over) return { met: true, mark };
  return isMet(mark, cause) ? { met: true, mark } : { met: false, mark };
}

/** Step 5: the alert ends, and rings again only for a new fall. */
export async function end(
  run: Run,
  call: Call,
  mark: PledgeMark | undefined,
  by: string,
): Promise<{ outcome: string; detail: string }> {
  const { callNo, pledgeNo, actor } = call;
  await run.record('resolve the call', async (tx) => {
    // A ratio above the line rings anew at the next marking, not here.
    if (mark?.level === 'OK' || mark?.level === 'WARN') await settle(tx, calling(mark), actor, by);
    else await closeCall(tx, call, by);
    if (mark?.level === 'OK') await settle(tx, warning(mark), actor, by);
    const left = mark ? { value: mark.value, exposure: mark.exposure, ltv: mark.ltv ?? 'none' } : {};
    await keepEvidence(tx, run.caseId, 'N20 price alert', `${callNo} resolved`, { pledgeNo, by, ...left });
  });
  await run.milestone(5);
  return { outcome: 'resolved', detail: by };
}

export async function closeCall(tx: Tx, { pledgeNo, actor }: Call, reason: string): Promise<void> {
  await clear(tx, { type: 'MARGIN_CALL', subject: pledgeNo }, actor, reason);
  await clear(tx, { type: 'PRICE_WARN', subject: pledgeNo }, actor, reason);
}

export async function escalateCall(tx: Tx, { callNo, actor }: Call): Promise<void> {
  await escalate(tx, callNo, actor);
}
