/** What parties wish to hear of, and what they have yet to hear (订阅与事件), over the signed API. */
import type { FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { Subscription } from '../contracts/portal/subscriptions.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { subscribe, subscriptionsOf } from '../ledger/oversight/subscriptions.ts';
import { cursorPattern, fromTheBeginning, readEvents } from '../ledger/oversight/tidings.ts';
import { answerOnce } from './once.ts';
import type { Edge } from './options.ts';
import { filtersOf, invalid } from './query.ts';
import { verifySigned } from './signature.ts';

const bodyBytesMax = 4_000;
const pageMax = 200;

export function eventRoutes(app: FastifyInstance, edge: Edge): void {
  app.get('/v1/events', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    const { after = fromTheBeginning, limit = String(pageMax) } = filtersOf(request.raw.url ?? '', ['after', 'limit']);
    if (!cursorPattern.test(after)) throw invalid('after', 'format', 'is not the `next` of an earlier answer');
    if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > pageMax)
      throw invalid('limit', 'range', `is not 1 to ${pageMax}`);
    const { events, next } = await readEvents(edge.store, caller, after, Number(limit));
    return {
      events: events.map(({ id, type, at, data }) => ({ id, type, timestamp: shanghaiTime(at), data })),
      next,
    };
  });

  app.get('/v1/subscriptions', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    filtersOf(request.raw.url ?? '', []);
    return { subscriptions: await subscriptionsOf(edge.store, caller) };
  });

  app.post('/v1/subscriptions', { bodyLimit: bodyBytesMax }, (request, reply) =>
    answerOnce(edge, request, reply, async ({ caller }, said) => {
      const wish = Subscription.check(said);
      const spoken = await edge.speaksFor?.(caller);
      if (spoken?.relation === undefined)
        throw new Failure('NOT_ALLOWED', { detail: `${caller} takes part in no case` });
      const { party, relation } = spoken;
      await edge.store.tx((tx) => subscribe(tx, caller, { party, relation }, wish));
      return { subscriptions: await subscriptionsOf(edge.store, caller) };
    }),
  );
}
