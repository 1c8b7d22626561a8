/** Ten signed calls one after the other and nothing kept: what is lost in a crash is lost. */
import { uuidv7 } from '../../../engine/journal.ts';
import { stepsPerRun } from '../../engine/flows.ts';
import { serveLoad } from '../../engine/load.ts';
import { type ClientSetting, signedClient } from '../client.ts';

serveLoad(async (setting: ClientSetting, { stepped }) => {
  const call = signedClient(setting);
  return {
    async once() {
      const no = uuidv7();
      for (let step = 0; step < stepsPerRun; step += 1) {
        await call({ no: `${no}/${step}` });
        stepped();
      }
    },
    close: async () => undefined,
  };
});
