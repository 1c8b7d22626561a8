/** The same ten signed calls as steps of a flow: each result is kept before the next call leaves. */
import { serveLoad } from '../../engine/load.ts';
import { tenStepsOn } from '../../engine/tenStepsOn.ts';
import { type ClientSetting, type Order, signedClient } from '../client.ts';

interface Setting extends ClientSetting {
  readonly url: string;
  readonly operation: 'look' | 'order';
}

serveLoad((setting: Setting, witness) => {
  const client = signedClient(setting);
  const { url, operation } = setting;
  return tenStepsOn(
    {
      url,
      operation,
      call: async ({ request }) => ({ outcome: 'confirmed', response: await client(request as Order) }),
    },
    witness,
  );
});
