/**
 * The statement of one flush, put together from the parts that it needs: one prepared statement per combination.
 *
 * Rows of `run` are found by `lateral (... where id = x limit 1)` with the owner test outside: measured as the form
 * whose plan stays a primary-key probe (engine design, trap 1).
 */

export interface Part {
  readonly name: 'journal' | 'effect' | 'taken' | 'ended' | 'wait' | 'park' | 'finish';
  readonly columns: readonly (readonly unknown[])[];
}

const types: Record<Part['name'], readonly string[]> = {
  journal: ['uuid', 'int', 'smallint', 'text', 'bytea', 'timestamptz'],
  effect: [
    'text',
    'uuid',
    'text',
    'text',
    'text',
    'text',
    'text',
    'text',
    'text',
    'int',
    'int',
    'int',
    'text',
    'timestamptz',
    'timestamptz',
    'timestamptz',
  ],
  taken: ['text', 'text', 'uuid'],
  ended: ['uuid', 'text'],
  wait: ['uuid', 'text', 'text', 'text', 'text', 'text', 'timestamptz', 'timestamptz', 'timestamptz'],
  park: ['uuid', 'smallint', 'timestamptz', 'text'],
  finish: ['uuid', 'text', 'text'],
};

const sql: Record<Part['name'], (rows: string) => string> = {
  journal: (rows) => `j as (insert into journal (run_id, seq, kind, path, body, at) select u.* from ${rows} u, f)`,
  effect: (rows) => `e as (
    insert into effect (key, run_id, case_id, path, system, operation, number, payload_hash, state, attempts, queries, not_found, detail, sent_at, next_at, settled_at)
    select u.* from ${rows} u, f
    on conflict (key) do update set state = excluded.state, attempts = excluded.attempts, queries = excluded.queries,
      not_found = excluded.not_found, detail = excluded.detail, sent_at = excluded.sent_at, next_at = excluded.next_at, settled_at = excluded.settled_at)`,
  taken: (rows) =>
    `t as (update signal s set taken_by = u.r from ${rows} u (k, i, r), f where s.key = u.k and s.id = u.i and s.taken_by is null)`,
  ended: (rows) => `x as (delete from wait w using ${rows} u (r, p), f where w.run_id = u.r and w.path = u.p)`,
  wait: (rows) => `w as (
    insert into wait (run_id, path, key, party, what_zh, what_en, since, deadline, poll_at) select u.* from ${rows} u, f
    on conflict (run_id, path) do update set poll_at = excluded.poll_at)`,
  park: (rows) => `pk as materialized (
      select u.i, u.s, u.w, u.p, q.tid from ${rows} u (i, s, w, p), f, lateral (select ctid tid, owner o from run where id = u.i for update limit 1) q where q.o = $1),
    p as (update run set state = pk.s, owner = null, wake_at = pk.w, problem = pk.p from pk where run.ctid = pk.tid returning run.id)`,
  finish: (rows) => `fk as materialized (
      select u.i, u.o, u.d, q.tid from ${rows} u (i, o, d), f, lateral (select ctid tid, owner ow from run where id = u.i for update limit 1) q where q.ow = $1),
    d as (delete from run using fk where run.ctid = fk.tid returning run.id, run.flow, run.version, run.case_id, run.key, run.created_at, fk.o, fk.d),
    dw as (delete from wait using fk where wait.run_id = fk.i),
    dd as (insert into run_done (id, flow, version, case_id, key, outcome, detail, created_at) select id, flow, version, case_id, key, o, d, created_at from d)`,
};

const texts = new Map<string, string>();

export function statementFor(node: bigint, parts: readonly Part[]): { name: string; text: string; values: unknown[] } {
  const name = `flush-${parts.map((part) => part.name).join('-')}`;
  const values: unknown[] = [String(node), ...parts.flatMap((part) => part.columns)];
  let text = texts.get(name);
  if (text === undefined) {
    let next = 2;
    const ctes = parts.map((part) =>
      sql[part.name](`unnest(${types[part.name].map((type) => `$${next++}::${type}[]`).join(', ')})`),
    );
    const has = (part: Part['name']) => parts.some((p) => p.name === part);
    text = `with f as materialized (select id from node where id = $1::bigint and state = 1 for key share), ${ctes.join(',\n')}
      select exists (select from f) fenced,
        ${has('park') ? 'array(select id from p)' : "'{}'::uuid[]"} parked,
        ${has('finish') ? 'array(select id from d)' : "'{}'::uuid[]"} finished`;
    texts.set(name, text);
  }
  return { name, text, values };
}
