/** Customers: each order is posted until it is acknowledged, to whichever node answers. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Load {
  /** Orders that were answered with 2xx. */
  readonly acknowledged: string[];
  /** Orders of which one post had no answer, so that the customer could not know, and a later one was acknowledged. */
  readonly ambiguous: () => number;
  /** No new orders; resolves when every order is acknowledged. */
  stop(): Promise<void>;
}

const againMs = 150;
const postMs = 10_000;

export function startLoad(urls: () => readonly string[], ordersPerSecond: number): Load {
  const acknowledged: string[] = [];
  const underWay = new Set<Promise<void>>();
  let ambiguous = 0;
  let count = 0;
  const beganAt = performance.now();
  const order = async (no: string, first: number) => {
    let unanswered = false;
    for (let attempt = first; ; attempt += 1) {
      const said = await postTo(urls(), attempt, no);
      if (said === 'taken') break;
      unanswered ||= said === 'nothing';
      await sleep(againMs);
    }
    acknowledged.push(no);
    if (unanswered) ambiguous += 1;
  };
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beganAt) / 1000) * ordersPerSecond);
    for (; count < due; count += 1) {
      const posted = order(`N${count}`, count).finally(() => underWay.delete(posted));
      underWay.add(posted);
    }
  }, 20);
  return {
    acknowledged,
    ambiguous: () => ambiguous,
    async stop() {
      clearInterval(timer);
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

async function postTo(urls: readonly string[], attempt: number, no: string): Promise<'taken' | 'refused' | 'nothing'> {
  const url = urls[attempt % Math.max(1, urls.length)];
  if (url === undefined) return 'refused';
  try {
    const answer = await fetch(`${url}/shop.ordered`, {
      method: 'POST',
      body: JSON.stringify({ no }),
      signal: AbortSignal.timeout(postMs),
    });
    return answer.ok ? 'taken' : 'nothing';
  } catch (thrown) {
    const cause = thrown instanceof Error ? (thrown.cause as { code?: string } | undefined) : undefined;
    return cause?.code === 'ECONNREFUSED' ? 'refused' : 'nothing';
  }
}
