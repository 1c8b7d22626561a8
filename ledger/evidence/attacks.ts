/** For tests: what somebody would do to the evidence log with SQL, what refuses it, and how to take that refusal away. */
export interface EvidenceAttack {
  readonly name: string;
  /** The constraint that is named in the refusal. */
  readonly code: string;
  /** Needs a database with at least one case that has evidence. Brings along the rows that it attacks. */
  readonly sql: string;
  readonly drop: string;
}

/** A row of each table, so that a trigger for each row has a row to refuse. */
const plants = {
  evidence_leaf: `insert into evidence_leaf (leaf_index, case_id, no, hash) select count(*), 'planted', 1, sha256('x') from evidence_leaf`,
  evidence_subtree: `insert into evidence_subtree values (53, 0, sha256('x'))`,
  evidence_head: `insert into evidence_head values (9000, sha256('x'), '', repeat('0', 64), '', repeat('0', 128))`,
  anchor: `insert into anchor select 'planted', id, 1, '', '', '', now() from cases limit 1`,
} as const;
const columns = { evidence_leaf: 'no', evidence_subtree: 'level', evidence_head: 'at', anchor: 'upto' } as const;
const due = `insert into evidence_due (case_id, no) values ('planted', 1)`;
const atCommit = 'set constraints all immediate';

export const evidenceAttacks: readonly EvidenceAttack[] = [
  ...(['evidence_leaf', 'evidence_subtree', 'evidence_head', 'anchor'] as const).flatMap((table) => [
    ...[`update ${table} set ${columns[table]} = ${columns[table]}`, `delete from ${table}`].map((act) => ({
      name: `append_only: ${act}`,
      code: 'append_only',
      sql: `${plants[table]}; ${act}`,
      drop: `drop trigger ${table}_append_only on ${table}`,
    })),
    notEmptied(table),
  ]),
  {
    name: 'append_only: update evidence_due',
    code: 'append_only',
    sql: `${due}; update evidence_due set no = no`,
    drop: 'drop trigger evidence_due_unchanged on evidence_due',
  },
  notEmptied('evidence_due'),
  {
    name: 'evidence_is_due: taken off the list without a leaf',
    code: 'evidence_is_due',
    sql: `${due}; delete from evidence_due where case_id = 'planted'; ${atCommit}`,
    drop: 'drop trigger evidence_due_until_sequenced on evidence_due',
  },
  {
    name: 'evidence_is_due: kept without being due',
    code: 'evidence_is_due',
    sql: `insert into evidence select case_id, 9000, node, business_key, payload, at, sha256, sm3 from evidence limit 1; ${atCommit}`,
    drop: 'drop trigger evidence_is_due on evidence',
  },
];

function notEmptied(table: string): EvidenceAttack {
  return {
    name: `append_only: truncate ${table}`,
    code: 'append_only',
    sql: `truncate ${table}`,
    drop: `drop trigger ${table}_not_emptied on ${table}`,
  };
}
