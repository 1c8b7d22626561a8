/** Breaks between the books of those who take part (差异): what is open, how old, whose, and what corrects it. */
import type { FastifyInstance } from 'fastify';
import { breakKinds, listBreaks, type ShownBreak } from '../ledger/money/breaks.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import { filtersOf, invalid } from './query.ts';

export function breakRoutes(app: FastifyInstance, edge: Edge): void {
  app.get('/v1/breaks', { preHandler: requireOperator(edge) }, async (request) => {
    const { kind, owner } = filtersOf(request.raw.url ?? '', ['kind', 'owner']);
    if (kind !== undefined && !Object.hasOwn(breakKinds, kind))
      throw invalid('kind', 'unknown', `is not one of ${Object.keys(breakKinds).join(', ')}`);
    const wanted = (one: ShownBreak) => (kind ?? one.kind) === one.kind && (owner ?? one.owner) === one.owner;
    return { breaks: (await listBreaks(edge.store.pool)).filter(wanted) };
  });
}
