/**
 * What a company lets the hub pass on, to whom and for what (数据授权), as the company itself says over the signed API: it sees its
 * consents, gives one, narrows it to some kinds of data, or takes it back (PIPL 15). What was passed on is not undone by that.
 */
import type { FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { ConsentWish } from '../contracts/portal/feedback.ts';
import { changeConsent, consentsOf } from '../ledger/oversight/feedback.ts';
import { answerOnce } from './once.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';
import { verifySigned } from './signature.ts';

const bodyBytesMax = 4_000;

export function consentRoutes(app: FastifyInstance, edge: Edge): void {
  const partyOf = async (caller: string): Promise<string> => {
    const spoken = await edge.speaksFor?.(caller);
    if (!spoken) throw new Failure('NOT_ALLOWED', { detail: `${caller} speaks for no party of the hub` });
    return spoken.party;
  };

  app.get('/v1/consents', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    filtersOf(request.raw.url ?? '', []);
    return { consents: await consentsOf(edge.store, await partyOf(caller)) };
  });

  app.post('/v1/consents', { bodyLimit: bodyBytesMax }, (request, reply) =>
    answerOnce(edge, request, reply, async ({ caller }, said) => {
      const wish = ConsentWish.check(said);
      const party = await partyOf(caller);
      await edge.store.tx((tx) => changeConsent(tx, party, wish, `caller:${caller}`));
      return { consents: await consentsOf(edge.store, party) };
    }),
  );
}
