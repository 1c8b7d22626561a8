/** One exchange, as an operator may see it: masked by its contract, its raw bytes only as sizes and hashes. */
import { Failure, failures } from '../contracts/failures.ts';
import { mask } from '../contracts/mask.ts';
import { shanghaiTime } from '../engine/calendar.ts';
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
  request: unknown;
  answer: unknown;
  at: Date;
  method: string | null;
  path: string | null;
  status: number | null;
  request_bytes: number | null;
  request_sha256: string | null;
  answer_bytes: number | null;
  answer_sha256: string | null;
}

/** The last part is the message itself; before it stand logins and uploads. The bytes never leave the database. */
const select = `
  select e.id, e.system, e.operation, e.direction, e.state, e.verified, e.code, e.detail, e.ms, e.request, e.answer, e.at,
         p.method, p.path, p.status, length(p.request) as request_bytes, encode(sha256(p.request), 'hex') as request_sha256,
         length(p.answer) as answer_bytes, encode(sha256(p.answer), 'hex') as answer_sha256
  from exchange e left join lateral (select * from exchange_part where exchange_id = e.id order by no desc limit 1) p on true`;

/** @throws Failure NOT_FOUND */
export async function readExchange(store: Store, pictures: Pictures, id: string): Promise<ExchangeView> {
  if (isRunId(id)) {
    const found = await store.pool.query<ExchangeRecord>(`${select} where e.id = $1`, [id]);
    const record = found.rows[0];
    if (record) return view(pictures, id, record);
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
    if (record) return view(pictures, id, record);
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

function view(pictures: Pictures, id: string, record: ExchangeRecord): ExchangeView {
  const { request, answer } = pictures.contracts(record.operation);
  const asked = Array.isArray(record.request)
    ? record.request.map((one) => mask(request, one))
    : mask(request, record.request);
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
    answer: record.direction === 'in' ? record.answer : mask(answer, record.answer),
    wire: {
      method: record.method ?? '',
      // A query may hold tokens, signatures and personal data.
      path: (record.path ?? '').replace(/\?.*$/s, ''),
      requestBytes: record.request_bytes,
      requestSha256: record.request_sha256,
      answerBytes: record.answer_bytes,
      answerSha256: record.answer_sha256,
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
