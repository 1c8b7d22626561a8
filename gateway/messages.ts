/**
 * The messages of a case, in the order in which they began, and those that are on the wire right now.
 *
 * An exchange is recorded only when its answer is there, so a message under way is known by its effect alone. Both show
 * under one id, `<run>~<system>~<operation>~<n>`, the n-th time that the run asked this: what is drawn in flight fills in.
 */
import { shanghaiTime } from '../engine/calendar.ts';
import type { Store } from '../store/store.ts';
import { hubParty, type Pictures } from './pictures.ts';
import type { MessageState, MessageView } from './view.ts';

interface MessageRecord {
  id: string;
  seq: string;
  system: string;
  operation: string;
  direction: 'in' | 'out';
  run: string | null;
  nth: string;
  attempt: number;
  state: MessageState;
  code: string | null;
  ms: number;
  at: Date;
  status: number | null;
}

interface Asking {
  run_id: string;
  system: string;
  operation: string;
  attempts: string;
  open: string;
  attempt: number;
  at: Date;
}

export interface CaseMessages {
  readonly messages: readonly MessageView[];
  /** The highest exchange among them; `0` when there is none. */
  readonly lastSeq: string;
}

/** A case has tens of messages. One with more than this shows its latest. */
const messagesMax = 2_000;

export async function messagesOf(
  store: Store,
  pictures: Pictures,
  caseId: string,
  runs: readonly string[],
): Promise<CaseMessages> {
  const [kept, asked] = await Promise.all([
    store.pool.query<MessageRecord>(keptMessages, [caseId, runs, messagesMax]),
    store.pool.query<Asking>(askedOf, [runs]),
  ]);
  const rows = kept.rows.toReversed();
  const lastSeq = rows.at(-1)?.seq ?? '0';
  const messages = [...rows.map((row) => view(pictures, row)), ...underWay(pictures, rows, asked.rows, lastSeq)];
  // Shown as they began, one zone and one width: text sorts them. Of several under way at once the last to begin may end first.
  return { messages: messages.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)), lastSeq };
}

function idInFlight(run: string, system: string, operation: string, nth: number | string): string {
  return `${run}~${system}~${operation}~${nth}`;
}

/** The parts of such an id; undefined for anything else. */
export function readIdInFlight(
  id: string,
): { readonly run: string; readonly system: string; readonly operation: string; readonly nth: number } | undefined {
  const [, run, system, operation, nth] = /^([0-9a-f-]{36})~(.{1,64})~([\w.]{1,128})~(\d{1,6})$/.exec(id) ?? [];
  if (run === undefined || system === undefined || operation === undefined) return undefined;
  return { run, system, operation, nth: Number(nth) };
}

/** `$1` case, `$2` its runs. A message that carried a fact belongs to the case of the run that took it. */
const keptMessages = `
  with taken as (
    select exchange_id as id, (array_agg(taken_by order by taken_by))[1] as run
    from signal where taken_by = any($2::uuid[]) and exchange_id is not null group by exchange_id),
  chosen as (select id from exchange where case_id = $1 union select id from taken)
  select e.id, e.seq, e.system, e.operation, e.direction, coalesce(e.run_id, taken.run) as run,
         row_number() over (partition by e.direction, e.run_id, e.system, e.operation order by e.seq) as nth,
         e.attempt, e.state, e.code, e.ms, e.at,
         (select status from exchange_part p where p.exchange_id = e.id order by p.no desc limit 1) as status
  from chosen join exchange e on e.id = chosen.id left join taken on taken.id = e.id
  order by e.seq desc limit $3`;

const askedOf = `
  select run_id, system, operation, sum(attempts) as attempts, count(*) filter (where state = 'intent' and next_at is null) as open,
         max(attempts) filter (where state = 'intent' and next_at is null) as attempt,
         max(coalesce(sent_at, intent_at)) filter (where state = 'intent' and next_at is null) as at
  from effect where run_id = any($1::uuid[]) group by run_id, system, operation
  having count(*) filter (where state = 'intent' and next_at is null) > 0`;

function view(pictures: Pictures, row: MessageRecord): MessageView {
  const outside = pictures.partyIdOf(row.system);
  const inward = row.direction === 'in';
  return {
    id: inward || row.run === null ? row.id : idInFlight(row.run, row.system, row.operation, row.nth),
    seq: row.seq,
    run: row.run,
    at: shanghaiTime(row.at),
    from: inward ? outside : hubParty,
    to: inward ? hubParty : outside,
    verb: pictures.verb(row.operation),
    operation: row.operation,
    state: row.state,
    status: row.status,
    code: row.code,
    ms: row.ms,
    attempt: row.attempt,
    importance: pictures.importance(row.operation, row.state),
  };
}

/** As many as were asked and are not recorded, but no more than effects are still open. */
function underWay(
  pictures: Pictures,
  rows: readonly MessageRecord[],
  asked: readonly Asking[],
  lastSeq: string,
): MessageView[] {
  return asked.flatMap((asking) => {
    const same = rows.filter(
      (row) =>
        row.direction === 'out' &&
        row.run === asking.run_id &&
        row.system === asking.system &&
        row.operation === asking.operation,
    );
    const recorded = Math.max(0, ...same.map((row) => Number(row.nth)));
    const count = Math.min(Number(asking.open), Math.max(0, Number(asking.attempts) - recorded));
    return Array.from({ length: count }, (_, index): MessageView => ({
      id: idInFlight(asking.run_id, asking.system, asking.operation, recorded + index + 1),
      seq: lastSeq,
      run: asking.run_id,
      at: shanghaiTime(asking.at),
      from: hubParty,
      to: pictures.partyIdOf(asking.system),
      verb: pictures.verb(asking.operation),
      operation: asking.operation,
      state: 'inflight',
      status: null,
      code: null,
      ms: null,
      attempt: asking.attempt,
      importance: 'high',
    }));
  });
}
