/** What did not come in time is no failure where the next step is known. */
import { isFailure } from '../../contracts/failures.ts';
import type { Period } from '../../engine/calendar.ts';

/** Undefined when the time for it is over. */
export async function inTime<T>(awaited: Promise<T>): Promise<T | undefined> {
  try {
    return await awaited;
  } catch (thrown) {
    if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED') return undefined;
    throw thrown;
  }
}

/** What is left until then; a second when it is past. */
export function until(now: Date, deadline: Date): Period {
  return `${Math.max(1, Math.ceil((deadline.getTime() - now.getTime()) / 1000))} seconds`;
}
