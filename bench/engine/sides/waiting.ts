/** A node with nothing to do but wait: how long it takes to begin, what it costs while idle, how soon a fact wakes a run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../../engine/clock.ts';
import { Engine } from '../../../engine/engine.ts';
import { type Entry, kinds } from '../../../engine/journal.ts';
import { keepSignal } from '../../../engine/signals.ts';
import { openStore, type Store } from '../../../store/store.ts';
import { answerTo } from '../answer.ts';
import { shop, waitingFlow } from '../flows.ts';

interface Node {
  readonly store: Store;
  readonly engine: Engine;
  readonly startMs: number;
}

const lateMs = 30_000;
let node: Node | undefined;
let problem: string | undefined;

answerTo({
  open: async ({ url }: { url: string }) => {
    const store = await openStore(url, { applicationName: 'bench-waiting' });
    const engine = new Engine({
      store,
      url,
      clock: new Clock(),
      flows: [waitingFlow],
      call: async () => ({ outcome: 'refused', code: 'SYSTEM_REFUSED', detail: 'nothing is called here' }),
    });
    engine.events.on('problem', (said) => (problem ??= said));
    const beganAt = performance.now();
    await engine.start();
    node = { store, engine, startMs: performance.now() - beganAt };
  },
  startMs: async () => there().startMs,
  idle: async ({ ms }: { ms: number }) => {
    const from = process.cpuUsage();
    const beganAt = performance.now();
    await sleep(ms);
    const spent = process.cpuUsage(from);
    return {
      rssBytes: process.memoryUsage.rss(),
      cpuPercent: (spent.user + spent.system) / 10 / (performance.now() - beganAt),
    };
  },
  signal: async ({ numbers, everyMs }: { numbers: readonly string[]; everyMs: number }) => {
    const beganAt = performance.now();
    return Promise.all(
      numbers.map(async (no, index) => {
        await sleep(Math.max(0, beganAt + index * everyMs - performance.now()));
        return wake(there(), no);
      }),
    );
  },
  stop: async () => {
    await node?.engine.stop();
    await node?.store.close();
  },
});

function there(): Node {
  if (!node) throw new Error('not open');
  if (problem !== undefined) throw new Error(`the engine had a problem: ${problem}`);
  return node;
}

/** Milliseconds from the moment when a fact is there to be kept. */
export interface Woken {
  /** Until it is committed: then its sender is answered. */
  readonly keptMs: number;
  /** Until the run that waited for it has committed the entry that takes it. */
  readonly takenMs: number;
}

async function wake({ store, engine }: Node, no: string): Promise<Woken> {
  const { events } = engine;
  const taken = new Promise<number>((done, fail) => {
    const late = setTimeout(() => fail(new Error(`${no} was not taken within ${lateMs} ms`)), lateMs);
    const onEntries = (_run: string, _case: string, entries: readonly Entry[]) => {
      if (!entries.some((entry) => entry.kind === kinds.signal && factOf(entry.body) === no)) return;
      clearTimeout(late);
      events.off('entries', onEntries);
      done(performance.now());
    };
    events.setMaxListeners(0);
    events.on('entries', onEntries);
  });
  const beganAt = performance.now();
  const { name } = shop.notices.told;
  await store.tx((tx) => keepSignal(tx, { notice: name, key: no, id: no, message: { no } }));
  const keptMs = performance.now() - beganAt;
  await engine.signalled([`${name}:${no}`]);
  return { keptMs, takenMs: (await taken) - beganAt };
}

function factOf(body: unknown): unknown {
  return (body as { message?: { no?: unknown } } | undefined)?.message?.no;
}
