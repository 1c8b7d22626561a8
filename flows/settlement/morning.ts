/** The hours of a settlement: files are looked for from 01:00 of the day after, and at 09:00 people are told that there is none. */
import type { Message } from '../../contracts/contract.ts';
import type { Due } from '../../contracts/hub/due.ts';
import type { Run } from '../../engine/flow.ts';
import { alarm, parkMissing } from '../../ledger/money/settlementDay.ts';

export type Day = Message<typeof Due>;

const hourMs = 3_600_000;
/** Shanghai has no daylight saving: a day begins eight hours before that of Greenwich. */
const shanghaiOffsetMs = 8 * hourMs;

/** An hour of the day after the one that is settled. */
function hourAfter({ on }: Day, hour: number): number {
  return Date.parse(`${on}T00:00:00Z`) - shanghaiOffsetMs + (24 + hour) * hourMs;
}

/** Until 01:00 in one sleep, then every half hour. */
export async function untilNextLook(run: Run, day: Day): Promise<void> {
  const minutes = Math.ceil((hourAfter(day, 1) - run.now().getTime()) / 60_000);
  if (minutes > 0) await run.sleep('until 01:00', `${minutes} minutes`);
  else await run.sleep('until the next look', '30 minutes');
}

export function isLate(run: Run, day: Day): boolean {
  return run.now().getTime() >= hourAfter(day, 9);
}

/** Nothing by 09:00: people are told, and the day stands open for whoever it is about. */
export async function tellMissing(
  run: Run,
  day: Day,
  funder: string | undefined,
  why: string,
  actor: string,
): Promise<void> {
  await run.record('nothing came by 09:00', async (tx) => {
    await alarm(tx, day.scope, day.on, why, 'CALL', actor);
    await parkMissing(tx, day.scope, day.on, funder, actor);
  });
}
