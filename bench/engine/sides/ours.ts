/** Ten steps as a flow on the engine of this hub; each call is answered at once. */
import { serveLoad } from '../load.ts';
import { tenStepsOn } from '../tenStepsOn.ts';

serveLoad(({ url }: { url: string }, witness) =>
  tenStepsOn(
    { url, operation: 'look', call: async ({ request }) => ({ outcome: 'confirmed', response: request }) },
    witness,
  ),
);
