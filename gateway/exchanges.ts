/** One exchange, as an operator may see it: masked by its contract, its raw bytes only as sizes and hashes. */
import { hash } from 'node:crypto';
import { Failure, failures, isFailure, type FailureCode } from '../contracts/failures.ts';
import { mask } from '../contracts/mask.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { places } from '../store/sealing/places.ts';
import type { Store } from '../store/store.ts';
import { readIdInFlight } from './messages.ts';
import type { Pictures } from './pictures.ts';
import { isRunId } from './runs.ts';
import { scrubbed } from './scrub.ts';
import type { ExchangeView } from './view.ts';

interface ExchangeRecord {
  id: string;
  system: string;
  operation: string;
  direction: 'in' | 'out';
  state: 'ok' | 'refused' | 'unknown';
  verified: boolean | null;
  code: string | null;
  detail: string | null;
  ms: number;
  request: Buffer | null;
  answer: Buffer | null;
  at: Date;
  no: number | null;
  method: string | null;
  path: Buffer | null;
  status: number | null;
  part_request: Buffer | null;
  part_answer: Buffer | null;
}

/** The last part is the message itself; before it stand logins and uploads. Of its bytes, size and hash are told. */
const select = `
  select e.id, e.system, e.operation, e.direction, e.state, e.verified, e.code, e.detail, e.ms, e.request, e.answer, e.at,
         p.no, p.method, p.path, p.status, p.request as part_request, p.answer as part_answer
  from exchange e left join lateral (select * from exchange_part where exchange_id = e.id order by no desc limit 1) p on true`;

/** @throws Failure NOT_FOUND */
export async function readExchange(store: Store, pictures: Pictures, id: string): Promise<ExchangeView> {
  if (isRunId(id)) {
    const found = await store.pool.query<ExchangeRecord>(`${select} where e.id = $1`, [id]);
    const record = found.rows[0];
    if (record) return view(store, pictures, id, record);
  }
  const asked = readIdInFlight(id);
  if (asked) {
    const { run, system, operation, nth } = asked;
    const found = await store.pool.query<ExchangeRecord>(
      `${select} where e.case_id = (select case_id from run where id = $1 union all select case_id from run_done where id = $1)
         and e.run_id = $1 and e.system = $2 and e.operation = $3 and e.direction = 'out'
       order by e.seq offset $4 limit 1`,
      [run, system, operation, Math.max(0, nth - 1)],
    );
    const record = found.rows[0];
    if (record) return view(store, pictures, id, record);
    const inFlight = await onTheWire(store, id, run, system, operation);
    if (inFlight) return inFlight;
  }
  throw new Failure('NOT_FOUND', { detail: 'there is no such exchange' });
}

async function onTheWire(
  store: Store,
  id: string,
  run: string,
  system: string,
  operation: string,
): Promise<ExchangeView | undefined> {
  const found = await store.pool.query<{ at: Date }>(
    `select coalesce(sent_at, intent_at) as at from effect
     where run_id = $1 and system = $2 and operation = $3 and state = 'intent' order by 1 desc limit 1`,
    [run, system, operation],
  );
  const effect = found.rows[0];
  if (!effect) return undefined;
  return {
    id,
    system,
    operation,
    direction: 'out',
    at: shanghaiTime(effect.at),
    ms: null,
    status: null,
    state: 'inflight',
    verified: null,
    request: null,
    answer: null,
    wire: { method: '', path: '', ...noBytes, contentType: null },
    failure: null,
  };
}

const noBytes = { requestBytes: null, requestSha256: null, answerBytes: null, answerSha256: null };

interface Content {
  readonly request: unknown;
  readonly answer: unknown;
  readonly path: string;
  readonly bytes: Omit<ExchangeView['wire'], 'method' | 'path' | 'contentType'>;
}

/** What is sealed of it; undefined parts are absent. @throws Failure PAYLOAD_ERASED, PAYLOAD_UNREADABLE */
async function opened(store: Store, record: ExchangeRecord): Promise<Content> {
  const sealing = await sealingOf(store.pool);
  const { id, no, path, part_request, part_answer } = record;
  const of = (place: typeof places.partPath, sealed: Buffer | null) =>
    sealed === null ? null : sealing.open(place, [id, no ?? 0], sealed);
  const [wirePath, asked, answered] = await Promise.all([
    of(places.partPath, path),
    of(places.partRequest, part_request),
    of(places.partAnswer, part_answer),
  ]);
  const sha256 = (bytes: Buffer | null) => bytes && hash('sha256', bytes, 'hex');
  return {
    request: (await sealing.openJson(places.exchangeRequest, [id], record.request)) ?? null,
    answer: (await sealing.openJson(places.exchangeAnswer, [id], record.answer)) ?? null,
    path: wirePath?.toString() ?? '',
    bytes: {
      requestBytes: asked?.length ?? null,
      requestSha256: sha256(asked),
      answerBytes: answered?.length ?? null,
      answerSha256: sha256(answered),
    },
  };
}

/** What cannot be opened is said, not shown: the exchange itself is still a fact. */
async function view(store: Store, pictures: Pictures, id: string, record: ExchangeRecord): Promise<ExchangeView> {
  const content = await opened(store, record).catch((thrown: unknown) => {
    if (isFailure(thrown)) return thrown.type;
    throw thrown;
  });
  if (typeof content !== 'string') return shown(pictures, id, record, content);
  const nothing = { request: null, answer: null, path: '', bytes: noBytes };
  return { ...shown(pictures, id, record, nothing), failure: unreadable(content) };
}

function unreadable(code: FailureCode): NonNullable<ExchangeView['failure']> {
  const { zh, en } = failures[code];
  return { code, zh, en, detail: null };
}

function shown(pictures: Pictures, id: string, record: ExchangeRecord, content: Content): ExchangeView {
  const { request, answer } = pictures.contracts(record.operation);
  const asked = Array.isArray(content.request)
    ? content.request.map((one) => mask(request, one))
    : mask(request, content.request);
  return {
    id,
    system: record.system,
    operation: record.operation,
    direction: record.direction,
    at: shanghaiTime(record.at),
    ms: record.ms,
    status: record.status,
    state: record.state,
    verified: record.verified,
    request: asked,
    // The hub's own answers hold its own words only.
    answer: record.direction === 'in' ? content.answer : mask(answer, content.answer),
    wire: {
      method: record.method ?? '',
      // A query may hold tokens, signatures and personal data.
      path: content.path.replace(/\?.*$/s, ''),
      ...content.bytes,
      contentType: null, // Not kept.
    },
    failure: record.state === 'ok' ? null : failureView(record),
  };
}

/** A code of ours says what it means; a counterparty's own is shown beside what it came to. */
function failureView({ state, code, detail }: ExchangeRecord): NonNullable<ExchangeView['failure']> {
  const fallback = state === 'unknown' ? 'OUTCOME_UNKNOWN' : 'SYSTEM_REFUSED';
  const row = Object.entries(failures).find(([name]) => name === code)?.[1] ?? failures[fallback];
  return { code: code ?? fallback, zh: row.zh, en: row.en, detail: detail === null ? null : scrubbed(detail) };
}
