/**
 * Re-checks the evidence log against the evidence (I-27): every record has its leaf and every leaf its record, every kept
 * subtree is the hash of what is below it, and every head ever signed is still the root of what the log began with.
 *
 * One pass over the leaves in their order, by the page: memory does not grow with the log.
 */
import { Edge, leafHash } from '../../contracts/evidence/merkle.ts';
import { headHolds, leafEntry, readPublicKey } from '../../contracts/evidence/signing.ts';
import type { Store } from '../../store/store.ts';
import type { Tx } from '../lifecycle.ts';
import { headsAfter, type KeptHead } from './nodes.ts';

export interface LogCheck {
  /** Fingerprints of the keys that may have signed heads; without it, any key that a head names. */
  readonly trustedKeyIds?: ReadonlySet<string>;
}

const pageLeaves = 5_000;
const findingsMax = 100;

/** What is wrong with the log, a line each; empty when nothing is. At most 100 lines: then it stops looking. */
export async function verifyEvidenceLog(store: Store, check: LogCheck = {}): Promise<string[]> {
  return store.tx(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only');
    const findings = [...(await outsideTheLog(tx)), ...(await walk(tx, check))];
    return findings.slice(0, findingsMax);
  });
}

async function outsideTheLog(tx: Tx): Promise<string[]> {
  const lost = await tx.query<{ case_id: string; no: number }>(
    `select case_id, no from evidence e
     where not exists (select from evidence_leaf l where l.case_id = e.case_id and l.no = e.no)
       and not exists (select from evidence_due d where d.case_id = e.case_id and d.no = e.no)
     order by case_id, no limit $1`,
    [findingsMax],
  );
  return lost.rows.map(({ case_id: id, no }) => `record ${no} of ${id} is neither in the log nor due for it`);
}

interface LeafRow {
  readonly leaf_index: string;
  readonly hash: Buffer;
  readonly case_id: string;
  readonly no: number;
  readonly sha256: string | null;
  readonly sm3: string | null;
}

async function walk(tx: Tx, check: LogCheck): Promise<string[]> {
  const findings: string[] = [];
  const heads = new Heads(tx, check);
  await heads.load();
  const edge = new Edge();
  for (let from = 0; findings.length < findingsMax;) {
    const page = await tx.query<LeafRow>(
      `select l.leaf_index, l.hash, l.case_id, l.no, e.sha256, e.sm3 from evidence_leaf l
         left join evidence e on e.case_id = l.case_id and e.no = l.no
       where l.leaf_index >= $1 order by l.leaf_index limit $2`,
      [from, pageLeaves],
    );
    const subtrees: Subtree[] = [];
    for (const row of page.rows) {
      // A gap shifts everything behind it: what follows would be noise.
      if (Number(row.leaf_index) !== edge.size) return [...findings, `the log has no leaf ${edge.size}`];
      findings.push(...leafFindings(row));
      for (const { node, hash } of edge.append(row.hash)) subtrees.push({ ...node, hash });
      // Asked only when there is something to say: a log has many leaves to a head.
      if (edge.size === heads.due) findings.push(...(await heads.take(edge)));
    }
    findings.push(...(await subtreeFindings(tx, subtrees)));
    from = edge.size;
    if (page.rows.length < pageLeaves) break;
  }
  return [...findings, ...heads.end(edge)];
}

function leafFindings({ leaf_index: index, hash, case_id: caseId, no, sha256, sm3 }: LeafRow): string[] {
  if (sha256 === null || sm3 === null) return [`leaf ${index} is of record ${no} of ${caseId}, which is gone`];
  const due = leafHash(leafEntry(caseId, { seq: no, sha256, sm3 }));
  return due.equals(hash) ? [] : [`leaf ${index} is not that of record ${no} of ${caseId} as it is now`];
}

interface Subtree {
  readonly level: number;
  readonly position: number;
  readonly hash: Buffer;
}

async function subtreeFindings(tx: Tx, due: readonly Subtree[]): Promise<string[]> {
  const wrong = await tx.query<{ level: number; position: string }>(
    `select due.level, due.position from unnest($1::smallint[], $2::bigint[], $3::bytea[]) as due (level, position, hash)
       left join evidence_subtree kept on kept.level = due.level and kept.position = due.position
     where kept.hash is distinct from due.hash order by 1, 2 limit $4`,
    [due.map(({ level }) => level), due.map(({ position }) => position), due.map(({ hash }) => hash), findingsMax],
  );
  return wrong.rows.map(({ level, position }) => `subtree ${level}/${position} is not the hash of what is below it`);
}

/** The signed heads, in step with the growing edge. */
class Heads {
  readonly #tx: Tx;
  readonly #check: LogCheck;
  #page: KeptHead[] = [];
  #size = 0;

  constructor(tx: Tx, check: LogCheck) {
    this.#tx = tx;
    this.#check = check;
  }

  /** Of how many leaves the next head speaks. */
  get due(): number | undefined {
    return this.#page[0]?.treeSize;
  }

  async load(): Promise<void> {
    if (this.#page.length === 0) this.#page = await headsAfter(this.#tx, this.#size, pageLeaves);
  }

  async take(edge: Edge): Promise<string[]> {
    const head = this.#page.shift();
    if (!head) return [];
    this.#size = head.treeSize;
    await this.load();
    const said = `the head of ${head.treeSize} leaves`;
    const key = readPublicKey(head.publicKey);
    const trusted = this.#check.trustedKeyIds?.has(head.keyId) ?? true;
    return [
      ...(edge.root().toString('hex') === head.rootHash ? [] : [`${said} is not the root of the log as it is now`]),
      ...(trusted ? [] : [`${said} is signed by the key ${head.keyId}, which is not the hub's`]),
      ...(key?.id === head.keyId && headHolds(key, head) ? [] : [`${said} is not signed by the key that it names`]),
    ];
  }

  end(edge: Edge): string[] {
    const { due } = this;
    if (due !== undefined) return [`the log ends after ${edge.size} leaves, a head was signed for ${due}`];
    return this.#size === edge.size ? [] : [`the log has ${edge.size} leaves, its last head is for ${this.#size}`];
  }
}
