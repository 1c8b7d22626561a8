/**
 * The statement of one flush, put together from the parts that it needs: one prepared statement per combination.
 *
 * It first takes a key-share lock on this incarnation's `node` row (`f`) and joins every part to it. Rows of hot tables
 * are found by `lateral (... where primary key = x limit 1)` with the owner test outside: measured as the form whose
 * plan stays a primary-key probe, however large the table was when it was last analysed.
 */
import { binaryArray, type Element, type ElementType } from './binary.ts';
import { businessDate } from './calendar.ts';
import { kinds } from './journal.ts';
import type { SealedEntry, SealedStart, SealedWork } from './sealed.ts';
import type { ActSettled, EffectRow, WaitRow } from './work.ts';

interface Part<Row> {
  readonly columns: readonly (readonly [name: string, type: ElementType, value: (row: Row) => Element])[];
  /** Common table expressions; `rows` names the unnested parameters, already joined to the fence. */
  readonly sql: string;
}

/** Keeps the types of a part's rows to itself. */
function part<Row>(definition: Part<Row>): Part<Row> {
  return definition;
}

/** Of the parts of a start, those that none of the rows needs are left out: most of its cost is what it sets up. */
function startPart(opensCases: boolean, takesSignals: boolean): Part<SealedStart> {
  const cases: Part<SealedStart>['columns'] = [
    ['ck', 'text', (s) => ('id' in s.case ? null : s.case.key)],
    ['ct', 'text', (s) => ('id' in s.case ? null : s.case.title)],
    ['cd', 'text', (s) => ('id' in s.case ? null : businessDate(s.at).replaceAll('-', ''))],
  ];
  const signals: Part<SealedStart>['columns'] = [
    ['sk', 'text', (s) => s.signal?.key ?? null],
    ['si', 'text', (s) => s.signal?.id ?? null],
  ];
  return {
    columns: [
      ['r', 'uuid', (s) => s.run],
      ['fl', 'text', (s) => s.flow],
      ['v', 'int4', (s) => s.version],
      ['k', 'text', (s) => s.key],
      ['ci', 'text', (s) => ('id' in s.case ? s.case.id : null)],
      ['b', 'bytea', (s) => s.sealed],
      ['a', 'timestamptz', (s) => s.at],
      ['st', 'int2', (s) => (s.owned ? 2 : 1)],
      ...(opensCases ? cases : []),
      ...(takesSignals ? signals : []),
    ],
    // A run whose key is taken drops out at `s2`; the case is the one given, the one opened here, or the one there is.
    sql: `s1 as (insert into run_key (flow, key, run_id) select fl, k, r from rows on conflict do nothing returning run_id),
      s2 as materialized (select rows.* from rows, lateral (select from s1 where s1.run_id = rows.r limit 1) won),
      ${opensCases ? opening : ''}
      s4 as (insert into run (id, flow, version, case_id, key, state, owner, created_at)
        select r, fl, v, ${opensCases ? 'coalesce(ci, (select id from s3 where s3.key = ck), (select id from cases where cases.key = ck))' : 'ci'}, k, st,
          case when st = 2 then $1::bigint end, a from s2 returning id, case_id),
      s5 as (insert into journal (run_id, seq, kind, path, body, at) select r, 0, ${kinds.input}, 'input', b, a from s2)
      ${takesSignals ? taking : ''}`,
  };
}

const opening = `s3 as (insert into cases (id, key, title, opened_at)
        select 'CASE-' || cd || '-' || lpad(nextval('case_no')::text, 6, '0'), ck, ct, a
        from (select distinct on (ck) * from s2 where ck is not null) n
        where not exists (select from cases where cases.key = n.ck) on conflict (key) do nothing returning id, key),`;
const taking = `, s6 as (update signal set taken_by = t.r
        from (select s2.r, g.tid from s2, lateral (select ctid tid from signal where key = sk and id = si and taken_by is null limit 1) g) t
        where signal.ctid = t.tid)`;

const parts = {
  start: startPart(false, false),
  startCase: startPart(true, false),
  startSignal: startPart(false, true),
  startCaseSignal: startPart(true, true),
  journal: part<SealedEntry>({
    columns: [
      ['r', 'uuid', (e) => e.run],
      ['s', 'int4', (e) => e.seq],
      ['k', 'int2', (e) => e.kind],
      ['p', 'text', (e) => e.path],
      ['b', 'bytea', (e) => e.sealed],
      ['a', 'timestamptz', (e) => e.at],
    ],
    sql: 'j as (insert into journal (run_id, seq, kind, path, body, at) select rows.* from rows)',
  }),
  effect: part<EffectRow>({
    columns: [
      ['c1', 'text', (e) => e.key],
      ['c2', 'uuid', (e) => e.run],
      ['c3', 'text', (e) => e.caseId],
      ['c4', 'text', (e) => e.path],
      ['c5', 'text', (e) => e.system],
      ['c6', 'text', (e) => e.operation],
      ['c7', 'text', (e) => e.number ?? null],
      ['c8', 'text', (e) => e.payloadHash],
      ['c9', 'text', (e) => e.state],
      ['c10', 'int4', (e) => e.attempts],
      ['c11', 'int4', (e) => e.queries],
      ['c12', 'int4', (e) => e.notFound],
      ['c13', 'text', (e) => e.detail ?? null],
      ['c14', 'timestamptz', (e) => e.intentAt],
      ['c15', 'timestamptz', (e) => e.sentAt ?? null],
      ['c16', 'timestamptz', (e) => e.nextAt ?? null],
      ['c17', 'timestamptz', (e) => e.settledAt ?? null],
    ],
    sql: `e as (
      insert into effect (key, run_id, case_id, path, system, operation, number, payload_hash, state, attempts, queries, not_found, detail, intent_at, sent_at, next_at, settled_at)
      select rows.* from rows
      on conflict (key) do update set state = excluded.state, attempts = excluded.attempts, queries = excluded.queries,
        not_found = excluded.not_found, detail = excluded.detail, sent_at = excluded.sent_at, next_at = excluded.next_at, settled_at = excluded.settled_at)`,
  }),
  taken: part<{ run: string; key: string; id: string }>({
    columns: [
      ['r', 'uuid', (t) => t.run],
      ['k', 'text', (t) => t.key],
      ['i', 'text', (t) => t.id],
    ],
    sql: `t as (update signal set taken_by = g.r
      from (select rows.r, q.tid from rows, lateral (select ctid tid from signal where key = rows.k and id = rows.i and taken_by is null limit 1) q) g
      where signal.ctid = g.tid)`,
  }),
  act: part<ActSettled>({
    columns: [
      ['i', 'uuid', (a) => a.id],
      ['s', 'text', (a) => a.state],
      ['d', 'text', (a) => a.detail ?? null],
    ],
    sql: `a as (update act set state = g.s, detail = g.d, settled_at = clock_timestamp()
      from (select rows.s, rows.d, q.tid from rows, lateral (select ctid tid, state from act where id = rows.i limit 1) q where q.state = 'open') g
      where act.ctid = g.tid)`,
  }),
  ended: part<{ run: string; path: string }>({
    columns: [
      ['r', 'uuid', (e) => e.run],
      ['p', 'text', (e) => e.path],
    ],
    sql: `x as (delete from wait
      using (select q.tid from rows, lateral (select ctid tid from wait where run_id = rows.r and path = rows.p limit 1) q) g
      where wait.ctid = g.tid)`,
  }),
  wait: part<WaitRow>({
    columns: [
      ['c1', 'uuid', (w) => w.run],
      ['c2', 'text', (w) => w.path],
      ['c3', 'text', (w) => w.key],
      ['c4', 'text', (w) => w.party],
      ['c5', 'text', (w) => w.what.zh],
      ['c6', 'text', (w) => w.what.en],
      ['c7', 'timestamptz', (w) => w.since],
      ['c8', 'timestamptz', (w) => w.deadline ?? null],
      ['c9', 'timestamptz', (w) => w.pollAt ?? null],
    ],
    sql: `w as (
      insert into wait (run_id, path, key, party, what_zh, what_en, since, deadline, poll_at) select rows.* from rows
      on conflict (run_id, path) do update set key = excluded.key, party = excluded.party, what_zh = excluded.what_zh,
        what_en = excluded.what_en, deadline = excluded.deadline, poll_at = excluded.poll_at)`,
  }),
  park: part<{ run: string; state: number; wakeAt: Date | undefined; problem: string | undefined }>({
    columns: [
      ['i', 'uuid', (p) => p.run],
      ['s', 'int2', (p) => p.state],
      ['w', 'timestamptz', (p) => p.wakeAt ?? null],
      ['p', 'text', (p) => p.problem ?? null],
    ],
    sql: `p1 as materialized (
        select rows.*, q.tid from rows, lateral (select ctid tid, owner o from run where id = rows.i for update limit 1) q where q.o = $1::bigint),
      p2 as (update run set state = p1.s, owner = null, wake_at = p1.w, problem = p1.p from p1 where run.ctid = p1.tid returning run.id)`,
  }),
  finish: part<{ run: string; outcome: string; detail: string | undefined; at: Date }>({
    columns: [
      ['i', 'uuid', (f) => f.run],
      ['o', 'text', (f) => f.outcome],
      ['d', 'text', (f) => f.detail ?? null],
      ['a', 'timestamptz', (f) => f.at],
    ],
    sql: `d1 as materialized (
        select rows.*, q.tid from rows, lateral (select ctid tid, owner ow from run where id = rows.i for update limit 1) q where q.ow = $1::bigint),
      d2 as (delete from run using d1 where run.ctid = d1.tid
        returning run.id, run.flow, run.version, run.case_id, run.key, run.created_at, d1.o, d1.d, d1.a),
      d4 as (insert into run_done (id, flow, version, case_id, key, outcome, detail, created_at, finished_at)
        select id, flow, version, case_id, key, o, d, created_at, a from d2)`,
  }),
  /** What finished runs still waited for. */
  freed: part<{ run: string }>({
    columns: [['i', 'uuid', (f) => f.run]],
    sql: `w0 as (delete from wait
      using (select q.tid from rows, lateral (select ctid tid from wait where run_id = rows.i) q) g where wait.ctid = g.tid)`,
  }),
};

type PartName = keyof typeof parts;

export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** What the statement answers. */
export interface Flushed {
  readonly fenced: boolean;
  /** Runs that were parked or finished: those that are missing are not ours any more. */
  readonly kept: readonly string[];
  /** `<run> <case>` of each run that began. */
  readonly begun: readonly string[];
}

export function statementOf(node: bigint, works: readonly SealedWork[]): Statement {
  const rows = rowsOf(works);
  const present = partNames.filter((name) => rows[name].length > 0);
  const values: unknown[] = [String(node)];
  for (const name of present) {
    // oxlint-disable-next-line typescript/no-explicit-any -- each part's rows are of its own type
    for (const [, type, value] of parts[name].columns as Part<any>['columns'])
      values.push(binaryArray(type, rows[name].map(value)));
  }
  // By number: PostgreSQL tells names apart by their first 63 characters only.
  const name = `flush-${present.map((each) => partNames.indexOf(each)).join('-')}`;
  return { name, text: textOf(name, present), values };
}

const partNames = Object.keys(parts) as PartName[];
const texts = new Map<string, string>();

function textOf(name: string, present: readonly PartName[]): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  let next = 2;
  const has = (wanted: PartName) => present.includes(wanted);
  const ctes = present.map((each) => {
    const { columns, sql } = parts[each];
    const arrays = columns.map(([, type]) => `$${next++}::${type}[]`).join(', ');
    const rows = `${each}_rows`;
    return `${rows} as materialized (select u.* from unnest(${arrays}) u(${columns.map(([column]) => column).join(', ')}), f), ${sql.replaceAll(/\brows\b/g, rows)}`;
  });
  if (present.length === 1 && has('journal')) {
    // By far the most frequent: what it needs no more than that is not set up. Its count says whether the fence held.
    const { columns } = parts.journal;
    const arrays = columns.map(([, type], index) => `$${index + 2}::${type}[]`).join(', ');
    const bare = `with f as materialized (select from node where id = $1::bigint and state = 1 for key share)
      insert into journal (run_id, seq, kind, path, body, at) select u.* from unnest(${arrays}) u, f`;
    texts.set(name, bare);
    return bare;
  }
  const kept = [has('park') ? 'array(select id from p2)' : '', has('finish') ? 'array(select id from d2)' : ''];
  const starts = present.some((each) => each.startsWith('start'));
  const text = `with f as materialized (select from node where id = $1::bigint and state = 1 for key share),
    ${ctes.join(',\n')}
    select exists (select from f) fenced, ${kept.filter(Boolean).join(' || ') || "'{}'::uuid[]"} kept,
      ${starts ? "array(select id || ' ' || case_id from s4)" : "'{}'::text[]"} begun`;
  texts.set(name, text);
  return text;
}

function rowsOf(works: readonly SealedWork[]) {
  const rows = {
    start: [] as SealedStart[],
    startCase: [] as SealedStart[],
    startSignal: [] as SealedStart[],
    startCaseSignal: [] as SealedStart[],
    journal: [] as SealedEntry[],
    effect: [] as EffectRow[],
    taken: [] as { run: string; key: string; id: string }[],
    act: [] as ActSettled[],
    ended: [] as { run: string; path: string }[],
    wait: [] as WaitRow[],
    park: [] as { run: string; state: number; wakeAt: Date | undefined; problem: string | undefined }[],
    finish: [] as { run: string; outcome: string; detail: string | undefined; at: Date }[],
    freed: [] as { run: string }[],
  };
  const starts: SealedStart[] = [];
  const effects = new Map<string, EffectRow>();
  for (const work of works) {
    const { run, park, finish, attention } = work;
    if (work.entries) rows.journal.push(...work.entries);
    // The last state of an effect wins: a statement cannot touch one row twice.
    for (const effect of work.effects ?? []) effects.set(effect.key, effect);
    for (const signal of work.taken ?? []) rows.taken.push({ run, ...signal });
    if (work.acts) rows.act.push(...work.acts);
    for (const path of work.waitsEnded ?? []) rows.ended.push({ run, path });
    if (park) {
      rows.wait.push(...park.waits);
      rows.park.push({ run, state: 3, wakeAt: park.wakeAt, problem: undefined });
    }
    if (attention !== undefined) rows.park.push({ run, state: 4, wakeAt: undefined, problem: attention });
    if (finish) rows.finish.push({ run, ...finish });
    if (finish?.waited) rows.freed.push({ run });
    if (work.start) starts.push(work.start);
  }
  rows.effect.push(...effects.values());
  const opensCases = starts.some((start) => !('id' in start.case));
  const takesSignals = starts.some((start) => start.signal !== undefined);
  rows[`start${opensCases ? 'Case' : ''}${takesSignals ? 'Signal' : ''}`].push(...starts);
  return rows;
}
