/** The whole engine, with its claims, leases and sweeps, running ten steps at a time. */
import { Clock } from '../../engine/clock.ts';
import { Engine } from '../../engine/engine.ts';
import { uuidv7 } from '../../engine/journal.ts';
import type { EngineOptions } from '../../engine/options.ts';
import { openStore, type Store } from '../../store/store.ts';
import { tenSteps, waitingFlow } from './flows.ts';
import type { Contender, Witness } from './load.ts';

interface Setting {
  readonly url: string;
  readonly call: EngineOptions['call'];
  /** A call that only looks, or one that is kept before it leaves. */
  readonly operation: 'look' | 'order';
}

export async function tenStepsOn({ url, call, operation }: Setting, witness: Witness): Promise<Contender> {
  const store = await openStore(url, { applicationName: 'bench-engine' });
  const flow = tenSteps(operation, witness.stepped);
  const engine = new Engine({ store, url, clock: new Clock(), flows: [flow, waitingFlow], call });
  engine.events.on('problem', (said) => witness.failed(new Error(`the engine had a problem: ${said}`)));
  engine.events.on('run', (run, _case, what) => {
    if (what === 'attention') void problemOf(store, run).then((told) => witness.failed(new Error(`${run}: ${told}`)));
  });
  await engine.start();
  return {
    async once() {
      const { run } = await engine.begin(flow.name, { no: uuidv7() });
      const { outcome, detail } = await engine.ended(run);
      if (outcome !== 'done') throw new Error(`a run ended with ${outcome}: ${detail}`);
    },
    async close() {
      await engine.stop();
      await store.close();
    },
  };
}

async function problemOf(store: Store, run: string): Promise<string> {
  const found = await store.pool.query<{ problem: string | null }>('select problem from run where id = $1', [run]);
  return found.rows[0]?.problem ?? 'it needs people';
}
