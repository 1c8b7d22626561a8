/**
 * The commands of trading units and dealers. A command is a notice of the portal: signed, kept raw, committed together
 * with its fact and its answer, and only then acknowledged.
 *
 * Two keys make a repetition harmless:
 * - `webhook-id`: same id and same bytes, the first answer again; other bytes, a conflict.
 * - the business number of the notice: pushed again under another id, the first result; other content, a conflict.
 */
import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import type { CallerRole } from '../contracts/portal/command.ts';
import { portal, portalCommands } from '../contracts/portal/portal.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import type { ExchangeRow } from '../engine/exchanges.ts';
import type { Tx } from '../engine/flow.ts';
import { openedAnswer, openedFact, sealedAnswer } from '../engine/sealed.ts';
import { signalKey, type FactRow } from '../engine/signals.ts';
import { mayRead } from './cases.ts';
import { checkText } from './commandText.ts';
import type { Edge } from './options.ts';
import { failureOf } from './problems.ts';
import { filtersOf } from './query.ts';
import { verifySigned, type Signed } from './signature.ts';

type Command = (typeof portalCommands)[number];

interface Answer {
  readonly request_id: string;
  readonly accepted: string;
  readonly case?: string;
  /** Where a person may watch what becomes of it. */
  readonly watch: string;
}

interface Result {
  readonly status: number;
  readonly answer: Answer;
  readonly replay: boolean;
}

interface Taking {
  readonly edge: Edge;
  readonly command: Command;
  readonly signed: Signed;
  readonly body: Buffer;
  readonly bodyHash: string;
  readonly requestId: string;
  readonly startedAt: number;
}

/** Thrown inside the transaction to undo it: the same thing was committed a moment ago by another request. */
class Overtaken extends Error {}

export function commandRoutes(app: FastifyInstance, edge: Edge): void {
  for (const command of portalCommands) {
    app.post(command.path, { bodyLimit: edge.limits.commandBytesMax }, (request, reply) =>
      answerTo(edge, command, request, reply),
    );
  }
}

async function answerTo(edge: Edge, command: Command, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const startedAt = performance.now();
  filtersOf(request.raw.url ?? '', []);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const signed = verifySigned(request.headers, body, edge.secretOf);
  // The path is not part of what is signed: under one id, a body belongs to one address.
  const bodyHash = createHash('sha256').update(`POST ${command.path}\n`).update(body).digest('hex');
  const taking: Taking = { edge, command, signed, body, bodyHash, requestId: request.id, startedAt };
  const { status, answer, replay } = await take(taking).catch(async (thrown: unknown) => {
    await keepRefused(taking, failureOf(thrown));
    throw thrown;
  });
  if (replay) void reply.header('idempotent-replay', 'true');
  void reply.code(status);
  return answer;
}

async function take(taking: Taking): Promise<Result> {
  const { command, body } = taking;
  const earlier = await earlierAnswer(taking);
  if (earlier) return earlier;
  mayPost(taking);
  const message = checkText(command.notice.contract.check(parseJson(body))) as Record<string, unknown>;
  await speaksForItself(taking, message);
  const caseId = typeof message['caseNo'] === 'string' ? message['caseNo'] : undefined;
  if (caseId !== undefined) await takesPart(taking, message, caseId);
  const { keyOf, idOf, name } = command.notice;
  const fact: FactRow = { notice: name, key: keyOf(message), id: idOf(message), message };
  const known = await earlierFact(taking, fact, caseId);
  if (known) return known;
  const answer = answerFor(taking, fact, caseId);
  try {
    await commit(taking, fact, answer, caseId);
    return { status: 202, answer, replay: false };
  } catch (thrown) {
    if (!(thrown instanceof Overtaken)) throw thrown;
  }
  const overtaking = (await earlierAnswer(taking)) ?? (await earlierFact(taking, fact, caseId));
  if (overtaking) return overtaking;
  throw new Failure('OVERLOADED', { detail: 'another request with the same number is being taken' });
}

/** @throws Failure NOT_ALLOWED */
function mayPost({ edge, command, signed }: Taking): void {
  const role = edge.roleOf(signed.caller);
  if (role !== undefined && command.by.includes(role)) return;
  throw new Failure('NOT_ALLOWED', {
    detail: `${command.path} is posted by ${command.by.join(' or ')}; ${signed.caller} speaks as ${role ?? 'nobody of these'}`,
  });
}

/** Fields in which a command names the company of whoever gives it. */
const ownFields: Readonly<Partial<Record<CallerRole, readonly string[]>>> = {
  dealer: ['borrowerUscc', 'ownerUscc'],
  funder: ['funderUscc'],
  supplier: ['supplierUscc'],
};

/** A funder's command names its funder, a dealer's the borrower or owner: nobody speaks for another one. @throws Failure NOT_ALLOWED */
async function speaksForItself({ edge, signed }: Taking, message: Record<string, unknown>): Promise<void> {
  const role = edge.roleOf(signed.caller);
  const [field] = (role && ownFields[role])?.filter((name) => message[name] !== undefined) ?? [];
  if (field === undefined) return;
  const own = edge.companyOf?.(signed.caller) ?? (await edge.speaksFor?.(signed.caller))?.uscc;
  if (own === undefined || message[field] === own) return;
  throw new Failure('NOT_ALLOWED', {
    detail: `${signed.caller} speaks for another company than the one that is named`,
    errors: [{ pointer: `#/${field}`, code: 'foreign', detail: 'is not the company of the caller' }],
  });
}

/** Those who serve every case of theirs that there is: the operator, and a seller whom a case names without knowing it as a party. */
const servesAny: ReadonlySet<string> = new Set(['operator', 'seller']);

/**
 * A case is moved by those who take part in it. Whoever holds its invitation comes in by that, and so does a caller for whom no party is
 * known yet: what he shows is the flow's to check. Somebody else's case and no case look the same. @throws Failure NOT_FOUND
 */
async function takesPart(
  { edge, command, signed }: Taking,
  message: Record<string, unknown>,
  caseId: string,
): Promise<void> {
  const found = await edge.store.pool.query('select 1 from cases where id = $1', [caseId]);
  if (found.rowCount === 1) {
    if (command.joins || servesAny.has(edge.roleOf(signed.caller) ?? '')) return;
    if (message['invitationCode'] !== undefined) return;
    if (!(await edge.speaksFor?.(signed.caller)) || (await mayRead(edge, caseId, signed.caller))) return;
  }
  throw new Failure('NOT_FOUND', {
    detail: 'there is no such case of this caller',
    errors: [
      { pointer: '#/caseNo', code: 'unknown', detail: 'is not the number of a case in which the caller takes part' },
    ],
  });
}

async function commit(taking: Taking, fact: FactRow, answer: Answer, caseId: string | undefined): Promise<void> {
  const { edge, signed, bodyHash } = taking;
  const exchange = exchangeOf(taking, { case: caseId, request: fact.message, answer, status: 202 });
  await edge.exchanges.deliverWith(exchange, [fact], async (tx) => {
    const mine = await tx.query('select 1 from signal where key = $1 and id = $2 and exchange_id = $3', [
      signalKey(fact),
      fact.id,
      exchange.id,
    ]);
    if (mine.rowCount !== 1 || !(await keepAnswer(tx, signed, bodyHash, 202, answer))) throw new Overtaken();
  });
}

/** Same id: the first answer again, or a conflict. */
async function earlierAnswer({ edge, signed, bodyHash }: Taking): Promise<Result | undefined> {
  const found = await edge.store.pool.query<{ body_hash: string; status: number; answer: Buffer; at: Date }>(
    'select body_hash, status, answer, at from request where caller = $1 and key = $2',
    [signed.caller, signed.id],
  );
  const first = found.rows[0];
  if (!first) return undefined;
  const answer = (await openedAnswer(edge.store.pool, signed.caller, signed.id, first.answer)) as Answer;
  if (first.body_hash === bodyHash) return { status: first.status, answer, replay: true };
  throw new Failure('IDEMPOTENCY_CONFLICT', {
    detail:
      `webhook-id ${signed.id} was first seen at ${shanghaiTime(first.at)} as ${answer.request_id} with another ` +
      `body or address (hash ${first.body_hash.slice(0, 16)}, now ${bodyHash.slice(0, 16)})`,
    errors: [{ pointer: 'header:webhook-id', code: 'reused', detail: 'a new message needs a new id' }],
  });
}

/** Same business number: the first result when it is the same thing from the same sender, or a conflict. */
async function earlierFact(taking: Taking, fact: FactRow, caseId: string | undefined): Promise<Result | undefined> {
  const { edge, command, signed, bodyHash } = taking;
  const found = await edge.store.pool.query<{ body: Buffer; at: Date; sender: string | null; case_id: string | null }>(
    `select s.body, s.at, e.system as sender, coalesce(r.case_id, d.case_id, e.case_id) as case_id
     from signal s left join exchange e on e.id = s.exchange_id
       left join run r on r.id = s.taken_by left join run_done d on d.id = s.taken_by
     where s.key = $1 and s.id = $2`,
    [signalKey(fact), fact.id],
  );
  const first = found.rows[0];
  if (!first) return undefined;
  const key = signalKey(fact);
  const told = without(
    await openedFact(edge.store.pool, { key, id: fact.id, body: first.body }),
    command.volatile ?? [],
  );
  if (first.sender !== signed.caller || !isDeepStrictEqual(told, without(fact.message, command.volatile ?? []))) {
    const seen = first.sender === signed.caller ? ` at ${shanghaiTime(first.at)}` : ' from another sender';
    throw new Failure('IDEMPOTENCY_CONFLICT', {
      detail: `${fact.notice} ${fact.id} was first seen${seen} with other content; a change needs a number of its own`,
    });
  }
  const answer = answerFor(taking, fact, caseId ?? first.case_id ?? undefined);
  const kept = await edge.store.tx((tx) => keepAnswer(tx, signed, bodyHash, 200, answer));
  // Not kept: the fact is that of the same message, taken a moment ago by another request with the same id.
  return kept ? { status: 200, answer, replay: true } : earlierAnswer(taking);
}

async function keepAnswer(tx: Tx, signed: Signed, bodyHash: string, status: number, answer: Answer): Promise<boolean> {
  const kept = await tx.query(
    'insert into request (caller, key, body_hash, status, answer) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [signed.caller, signed.id, bodyHash, status, await sealedAnswer(tx, signed.caller, signed.id, answer)],
  );
  return kept.rowCount === 1;
}

/** What a known sender sent and was not taken is kept for the operators. That must never hide why it was refused. */
async function keepRefused(taking: Taking, failure: Failure): Promise<void> {
  const exchange = exchangeOf(taking, { failure, status: undefined });
  await taking.edge.exchanges.record(exchange).catch(() => undefined);
}

function exchangeOf(
  { command, signed, body, startedAt }: Taking,
  told: {
    case?: string | undefined;
    request?: unknown;
    answer?: Answer;
    status: number | undefined;
    failure?: Failure;
  },
): ExchangeRow {
  const ms = performance.now() - startedAt;
  const answer = told.answer && Buffer.from(JSON.stringify(told.answer));
  return {
    id: randomUUID(),
    system: signed.caller,
    operation: command.notice.name,
    direction: 'in',
    run: undefined,
    case: told.case,
    attempt: 1,
    state: told.failure ? 'refused' : 'ok',
    verified: true,
    code: told.failure?.type,
    detail: told.failure?.message,
    ms,
    request: told.request,
    answer: told.answer,
    parts: [{ method: 'POST', path: command.path, request: body, status: told.status, answer, ms }],
  };
}

function answerFor({ edge, command, requestId }: Taking, fact: FactRow, caseId: string | undefined): Answer {
  const order = command.notice.name === portal.notices.orderPlaced.name;
  const watched = order ? `order/${encodeURIComponent(fact.key)}` : `case/${encodeURIComponent(caseId ?? '')}`;
  return {
    request_id: requestId,
    accepted: command.notice.name,
    ...(caseId === undefined ? {} : { case: caseId }),
    watch: `${edge.publicAddress()}/k/${watched}`,
  };
}

function without(message: unknown, fields: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(message as object).filter(([name]) => !fields.includes(name)));
}
