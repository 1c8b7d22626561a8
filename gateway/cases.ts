/** What becomes of a case: for its trading unit and dealer over the signed API, and the way into the console by a number. */
import type { FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { portal } from '../contracts/portal/portal.ts';
import { sap } from '../contracts/sap/sap.ts';
import { documentHeaders, waitingPage } from './consoleFiles.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import { progressOf } from './progress.ts';
import { filtersOf, invalid } from './query.ts';
import { verifySigned } from './signature.ts';

interface CaseAnswer {
  readonly case: string | null;
  readonly state: string;
  readonly key: string;
  readonly runs: readonly { readonly flow: string; readonly state: string; readonly outcome: string | null }[];
}

const orderNotices = [portal.notices.orderPlaced.name, sap.notices.orderPlaced.name];
const runStates: Readonly<Record<number, string>> = { 1: 'running', 2: 'running', 3: 'waiting', 4: 'attention' };
const numberCharsMax = 64;

export function caseRoutes(app: FastifyInstance, edge: Edge): void {
  app.get('/v1/cases', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    const { order } = filtersOf(request.raw.url ?? '', ['order']);
    if (order === undefined) throw invalid('order', 'required', 'is missing');
    const found = await findOrder(edge, order, caller);
    if (!found) throw new Failure('NOT_FOUND', { detail: 'the hub has no such order of this caller' });
    // Taken in, but no run has begun yet: that takes a moment.
    if (found.caseId === null) return { case: null, state: 'accepted', key: order, runs: [] } satisfies CaseAnswer;
    return tell(edge, found.caseId, caller);
  });

  app.get('/v1/cases/:caseNo', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    filtersOf(request.raw.url ?? '', []);
    const { caseNo } = request.params as { caseNo: string };
    return tell(edge, numberOf(caseNo), caller);
  });

  app.get('/k/order/:no', { preHandler: requireOperator(edge) }, async (request, reply) => {
    const no = numberOf((request.params as { no: string }).no);
    const found = await findOrder(edge, no);
    if (!found) throw new Failure('NOT_FOUND', { detail: 'the hub has no such order' });
    if (found.run !== null) return reply.redirect(`/runs/${found.run}`, 302);
    return reply.headers(documentHeaders).send(waitingPage(no));
  });

  app.get('/k/case/:no', { preHandler: requireOperator(edge) }, async (request, reply) => {
    const no = numberOf((request.params as { no: string }).no);
    const found = await edge.store.pool.query<{ id: string }>(
      `select id from (select id from run where case_id = $1 union all select id from run_done where case_id = $1) r
       order by id desc limit 1`,
      [no],
    );
    const run = found.rows[0];
    if (!run) throw new Failure('NOT_FOUND', { detail: 'the hub has no such case' });
    return reply.redirect(`/runs/${run.id}`, 302);
  });
}

/** The run that an order began. For a caller: one that it pushed, or whose case it may then be told of. */
async function findOrder(
  edge: Edge,
  order: string,
  caller?: string,
): Promise<{ run: string | null; caseId: string | null } | undefined> {
  const found = await edge.store.pool.query<{ run: string | null; case_id: string | null }>(
    `select s.taken_by as run, coalesce(r.case_id, d.case_id) as case_id
     from signal s left join exchange e on e.id = s.exchange_id
       left join run r on r.id = s.taken_by left join run_done d on d.id = s.taken_by
     where s.key = any($1::text[]) and ($2::text is null or e.system = $2 or s.taken_by is not null)
     order by s.taken_by nulls last limit 1`,
    [orderNotices.map((notice) => `${notice}:${numberOf(order)}`), caller ?? null],
  );
  const row = found.rows[0];
  return row && { run: row.run, caseId: row.case_id };
}

async function tell(edge: Edge, caseId: string, caller: string): Promise<object> {
  const [found, allowed] = await Promise.all([
    edge.store.pool.query<{ id: string; key: string; state: string }>(
      'select id, key, state from cases where id = $1',
      [caseId],
    ),
    mayRead(edge, caseId, caller),
  ]);
  const row = found.rows[0];
  // Somebody else's case and no case look the same.
  if (!row || !allowed) throw new Failure('NOT_FOUND', { detail: 'the hub has no such case of this caller' });
  const runs = await edge.store.pool.query<{ id: string; flow: string; state: number; outcome: string | null }>(
    `select id, flow, state, null as outcome from run where case_id = $1
     union all select id, flow, 0, outcome from run_done where case_id = $1 order by 1`,
    [caseId],
  );
  const answer: CaseAnswer = {
    case: row.id,
    state: row.state,
    key: row.key,
    runs: runs.rows.map((run) => ({ flow: run.flow, state: runStates[run.state] ?? 'done', outcome: run.outcome })),
  };
  const [progress, business] = await Promise.all([
    progressOf(edge, caseId, caller),
    edge.describeCase?.(caseId, caller),
  ]);
  return { ...answer, progress, ...business };
}

/** It takes part in the case; or it has begun it just now, and the case does not know its parties yet. */
export async function mayRead(edge: Edge, caseId: string, caller: string): Promise<boolean> {
  return (await edge.mayReadCase?.(caseId, caller)) === true || hasSpoken(edge, caseId, caller);
}

/** A run of the case began with, or went on by, a message of the caller. Naming a case in a message is not enough. */
async function hasSpoken(edge: Edge, caseId: string, caller: string): Promise<boolean> {
  const found = await edge.store.pool.query(
    `select 1 from signal s join exchange e on e.id = s.exchange_id
     where e.system = $2 and s.taken_by in (select id from run where case_id = $1 union all select id from run_done where case_id = $1)
     limit 1`,
    [caseId, caller],
  );
  return found.rowCount === 1;
}

function numberOf(text: string): string {
  if (text.length > 0 && text.length <= numberCharsMax && !/\p{Cc}/u.test(text)) return text;
  throw new Failure('NOT_FOUND', { detail: `a number has 1 to ${numberCharsMax} printable characters` });
}
