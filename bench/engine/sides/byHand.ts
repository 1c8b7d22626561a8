/**
 * Ten steps kept by hand, one insert and commit each: it keeps no start and no end, takes nothing over after a crash,
 * and knows of no outcome that is unknown.
 */
import { uuidv7 } from '../../../engine/journal.ts';
import { openStore } from '../../../store/store.ts';
import { stepsPerRun } from '../flows.ts';
import { serveLoad } from '../load.ts';

interface Setting {
  readonly url: string;
  readonly poolSize: number;
}

serveLoad(async ({ url, poolSize }: Setting, { stepped }) => {
  const store = await openStore(url, { applicationName: 'bench-by-hand', maxConnections: poolSize });
  return {
    async once() {
      const item = uuidv7();
      for (let step = 0; step < stepsPerRun; step += 1) {
        // A single statement commits by itself, as one would write it; named, so that it is planned once.
        await store.pool.query({
          name: 'step',
          text: 'insert into by_hand (item, step, body, at) values ($1, $2, $3, now())',
          values: [item, step, JSON.stringify({ no: `${item}/${step}` })],
        });
        stepped();
      }
    },
    close: () => store.close(),
  };
});
