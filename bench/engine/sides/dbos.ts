/**
 * Ten steps on DBOS Transact, set up as its documentation advises: steps by `runStep`, a workflow id of the caller as
 * idempotency key, no conductor, no tracing, no logging. Its ids are time-ordered, which is kinder to its indexes than
 * the random ones that it would make, and the size of its pool is whatever serves it best (see ../pools.ts).
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { uuidv7 } from '../../../engine/journal.ts';
import { stepsPerRun } from '../flows.ts';
import { serveLoad } from '../load.ts';

interface Setting {
  readonly url: string;
  readonly poolSize: number;
}

const silent = () => undefined;

serveLoad(async ({ url, poolSize }: Setting, { stepped, failed }) => {
  const look = async (no: string) => ({ no });
  const tenSteps = DBOS.registerWorkflow(
    async (no: string) => {
      for (let step = 0; step < stepsPerRun; step += 1) {
        await DBOS.runStep(() => look(`${no}/${step}`), { name: 'look' });
        stepped();
      }
      return { outcome: 'done' };
    },
    { name: 'tenSteps' },
  );
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: url,
    systemDatabasePoolSize: poolSize,
    executorID: String(process.pid),
    applicationVersion: '1',
    logger: { info: silent, debug: silent, warn: silent, error: (problem) => failed(problem) },
  });
  await DBOS.launch();
  return {
    async once() {
      const no = uuidv7();
      const handle = await DBOS.startWorkflow(tenSteps, { workflowID: no })(no);
      const { outcome } = await handle.getResult();
      if (outcome !== 'done') throw new Error(`a workflow ended with ${outcome}`);
    },
    close: () => DBOS.shutdown(),
  };
});
