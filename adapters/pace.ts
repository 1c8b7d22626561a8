/**
 * Keeps below what a counterparty takes in a second (real time), for each system: who asks more often is told to come back
 * later, and a queue would meet that all day. Evenly spaced, since what leaves at once and is held up on its way arrives with
 * what left a second later. Other nodes of the hub count for themselves; the counterparty's own answer is what protects it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const secondMs = 1_000;

/** When the newest request of each system left, or will. */
const departures = new Map<string, number>();

/** Waits for its turn. */
export async function turnOn(system: string, perSecondMax: number): Promise<void> {
  const now = performance.now();
  const at = Math.max(now, (departures.get(system) ?? -Infinity) + secondMs / perSecondMax);
  departures.set(system, at);
  // A timer counts whole milliseconds and may fire a moment before its time.
  for (let left = at - now; left > 0; left = at - performance.now()) await sleep(Math.ceil(left));
}
