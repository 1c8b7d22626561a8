/**
 * Keeps below the vendor's 20 requests a second (real time), for each system: who asks more often is told to come back
 * later, and a queue of anchors would meet that all day. Other nodes of the hub count for themselves; the vendor's own
 * answer (`FLOW_CONTROL`) is what protects it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const perSecondMax = 16;
const secondMs = 1_000;

/** When the newest requests of each system left, or will. */
const departures = new Map<string, number[]>();

/** Waits for its turn. */
export async function admitted(system: string): Promise<void> {
  const earlier = departures.get(system) ?? [];
  const now = performance.now();
  const at = Math.max(now, (earlier.at(-perSecondMax) ?? -Infinity) + secondMs);
  departures.set(system, [...earlier.slice(1 - perSecondMax), at]);
  if (at > now) await sleep(at - now);
}
