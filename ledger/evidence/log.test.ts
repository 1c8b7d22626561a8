/** The evidence log in the database: no gap, no double leaf, nothing that is not in it; and what the database refuses. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPublicKey, signerOf } from '../../contracts/evidence/signing.ts';
import { verifyExport } from '../../contracts/evidence/verify.ts';
import { openStore } from '../../store/store.ts';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { keepAnchor, keepEvidence } from '../evidence.ts';
import type { Tx } from '../lifecycle.ts';
import { evidenceAttacks } from './attacks.ts';
import { exportEvidence } from './export.ts';
import { sequenceEvidence } from './sequencer.ts';
import { verifyEvidenceLog } from './verify.ts';

const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
const trusted = [readPublicKey(signer.publicKey)].filter((key) => key !== undefined);

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
}, 60_000);
afterAll(() => db.drop());

test('an empty log verifies, and a case without evidence is not exported', async () => {
  expect(await sequenceEvidence(db.store, signer)).toEqual({ taken: 0, head: undefined });
  expect(await verifyEvidenceLog(db.store)).toEqual([]);
  await openCase('EMPTY');
  await expect(exportEvidence(db.store, signer, 'EMPTY')).rejects.toMatchObject({ type: 'NOT_FOUND' });
});

test('cases that keep evidence at once while sequencers run: no gap, no double leaf, each in the order of its chain', async () => {
  const cases = ['A', 'B', 'C', 'D'];
  for (const id of cases) await openCase(id);
  const other = await openStore(db.url, { maxConnections: 4, applicationName: 'lianshu-test-other' });
  const keeping = new AbortController();
  const sequencers = [db.store, other].map(async (store) => {
    let taken = 0;
    while (!keeping.signal.aborted) taken += (await sequenceEvidence(store, signer, { batchRecordsMax: 7 })).taken;
    return taken;
  });
  try {
    await Promise.all(
      cases.map(async (id, n) => {
        const store = n % 2 === 0 ? db.store : other;
        for (let i = 0; i < 25; i += 1) await store.tx((tx) => keep(tx, id, `${i}.00`));
      }),
    );
  } finally {
    keeping.abort();
  }
  const taken = await Promise.all(sequencers);
  const rest = await sequenceEvidence(other, signer, { batchRecordsMax: 7 });
  await other.close();
  expect(taken.reduce((sum, one) => sum + one, rest.taken)).toBe(100);
  expect(rest.head?.treeSize).toBe(100);
  const kept = await db.store.pool.query<{ n: number; max: string; due: number; disordered: number }>(
    `select (select count(*)::int from evidence_leaf) n, (select max(leaf_index) from evidence_leaf) max,
       (select count(*)::int from evidence_due) due,
       (select count(*)::int from evidence_leaf a join evidence_leaf b on a.case_id = b.case_id and a.no < b.no and a.leaf_index > b.leaf_index) disordered`,
  );
  expect(kept.rows[0]).toEqual({ n: 100, max: '99', due: 0, disordered: 0 });
  expect(await verifyEvidenceLog(db.store, { trustedKeyIds: new Set([signer.keyId]) })).toEqual([]);
}, 60_000);

test('a record that is kept while another case holds its transaction open is not waited for', async () => {
  await openCase('SLOW');
  await openCase('QUICK');
  const slow = await db.store.pool.connect();
  try {
    await slow.query('begin');
    await keep(slow, 'SLOW', '1.00');
    await db.store.tx((tx) => keep(tx, 'QUICK', '1.00'));
    expect((await sequenceEvidence(db.store, signer)).taken).toBe(1);
    await slow.query('commit');
  } finally {
    slow.release();
  }
  expect((await sequenceEvidence(db.store, signer)).taken).toBe(1);
});

test('the export of a case is proven, its anchors with the growth of the log since them', async () => {
  await openCase('PROVEN');
  for (let i = 0; i < 5; i += 1) {
    await db.store.tx((tx) => keep(tx, 'PROVEN', `${i}.00`));
    await sequenceEvidence(db.store, signer);
    if (i === 2) await db.store.tx((tx) => anchorNow(tx, 'PROVEN', 3));
    await db.store.tx((tx) => keep(tx, 'QUICK', `${i}.00`));
  }
  const document = await exportEvidence(db.store, signer, 'PROVEN');
  expect(document.manifest).toEqual({ records: 5, anchors: 1, heads: 2, keys: 1 });
  expect(document.statement.count).toBe(5);
  const verdict = verifyExport(Buffer.from(JSON.stringify(document)), trusted);
  expect(verdict.findings).toEqual([]);
  expect(verdict.proven).toBe(true);
});

test('after a change of the key the export carries both, and both are asked for', async () => {
  const next = signerOf(generateKeyPairSync('ed25519').privateKey);
  const document = await exportEvidence(db.store, next, 'PROVEN');
  const nextKeys = [readPublicKey(next.publicKey)].filter((key) => key !== undefined);
  const bytes = Buffer.from(JSON.stringify(document));
  expect(document.manifest.keys).toBe(2);
  expect(verifyExport(bytes, [...trusted, ...nextKeys]).findings).toEqual([]);
  expect(verifyExport(bytes, nextKeys).findings.map(({ code }) => code)).toEqual(['KEY_UNKNOWN']);
  expect(verifyExport(bytes, trusted).findings.map(({ code }) => code)).toEqual(['KEY_UNKNOWN']);
});

const hash = createHash('sha256').update('forged').digest();
/** Each with what `verifyEvidenceLog` says of it. The database is told to look away: it would refuse all of them. */
const tamperings: readonly [string, string, RegExp][] = [
  [
    'a record changed',
    `update evidence set sha256 = repeat('0', 64) where case_id = 'A' and no = 3`,
    /leaf \d+ is not that of record 3 of A/,
  ],
  [
    'a record deleted',
    `delete from evidence where case_id = 'A' and no = 3`,
    /leaf \d+ is of record 3 of A, which is gone/,
  ],
  [
    'a record slipped in',
    `insert into evidence select case_id, 99, node, business_key, payload, at, sha256, sm3 from evidence where case_id = 'A' and no = 3`,
    /record 99 of A is neither in the log nor due/,
  ],
  [
    'a leaf changed',
    `update evidence_leaf set hash = '\\x${hash.toString('hex')}' where leaf_index = 40`,
    /leaf 40 is not that of record/,
  ],
  ['a leaf taken out', `delete from evidence_leaf where leaf_index = 40`, /the log has no leaf 40$/],
  [
    'two leaves swapped',
    `update evidence_leaf l set hash = o.hash from evidence_leaf o where l.leaf_index in (40, 41) and o.leaf_index = 81 - l.leaf_index`,
    /leaf 41 is not that of record/,
  ],
  [
    'a subtree changed',
    `update evidence_subtree set hash = '\\x${hash.toString('hex')}' where level = 3 and position = 2`,
    /subtree 3\/2 is not the hash of what is below it/,
  ],
  ['a subtree lost', `delete from evidence_subtree where level = 3 and position = 2`, /subtree 3\/2/],
  [
    'the tail cut off',
    `delete from evidence_leaf where leaf_index >= (select max(tree_size) - 1 from evidence_head)`,
    /the log ends after \d+ leaves, a head was signed for \d+/,
  ],
  [
    'the last head deleted',
    `delete from evidence_head where tree_size = (select max(tree_size) from evidence_head)`,
    /the log has \d+ leaves, its last head is for/,
  ],
  [
    'a head changed',
    `update evidence_head set root_hash = '\\x${hash.toString('hex')}' where tree_size = 100`,
    /the head of 100 leaves is not the root of the log/,
  ],
  [
    'a head not signed',
    `update evidence_head set signature = repeat('0', 128) where tree_size = 100`,
    /the head of 100 leaves is not signed by the key that it names/,
  ],
  [
    'a head of another key',
    `update evidence_head set key_id = repeat('0', 64) where tree_size = 100`,
    /the head of 100 leaves is signed by the key 0{64}, which is not the hub's/,
  ],
];

describe('somebody with the whole database in hand is found by verifyEvidenceLog', () => {
  test.each(tamperings)('%s', async (_what, sql, due) => {
    const before = await verifyEvidenceLog(db.store, trust());
    expect(before).toEqual([]);
    const client = await db.store.pool.connect();
    try {
      await client.query('begin');
      await client.query('set local session_replication_role = replica');
      await client.query(sql);
      const seen = { ...db.store, tx: <T>(work: (tx: Tx) => Promise<T>) => inside(client, work) };
      const findings = await verifyEvidenceLog(seen, trust());
      expect(findings).toContainEqual(expect.stringMatching(due));
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('the database refuses', () => {
  const leaf = (caseId: string) =>
    `insert into evidence_leaf (leaf_index, case_id, no, hash) values (5000, '${caseId}', 1, sha256('x'))`;
  const [previous, once] = ['evidence_leaf_previous_fkey', 'evidence_leaf_case_id_no_key'];
  const without = (...names: string[]) =>
    `alter table evidence_leaf ${names.map((name) => `drop constraint ${name}`).join(', ')}`;
  test.each([
    ...evidenceAttacks,
    { name: 'a gap in the log', code: previous, sql: leaf('Z'), drop: without(previous) },
    { name: 'a second leaf of a record', code: once, sql: `${without(previous)}; ${leaf('A')}`, drop: without(once) },
  ])('$name, and not without $code', async ({ sql, code, drop }) => {
    expect(await refusedBy(sql)).toBe(code);
    expect(await refusedBy(`${drop}; ${sql}`)).toBe('nothing');
  });
});

function trust() {
  return { trustedKeyIds: new Set([signer.keyId]) };
}
/** The commit itself, with what is checked at commit, in a transaction that leaves nothing behind. */
async function refusedBy(sql: string): Promise<string> {
  const client = await db.store.pool.connect();
  try {
    await client.query(`begin; ${sql}; set constraints all immediate`);
    return 'nothing';
  } catch (thrown) {
    return (thrown as { constraint?: string }).constraint ?? String(thrown);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Reads in the transaction of the one who tampers, as if it were its own. */
async function inside<T>(client: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const reader = Object.assign(Object.create(client) as Tx, {
    query: (...args: unknown[]) => (String(args[0]).startsWith('set transaction') ? Promise.resolve() : query(...args)),
  });
  return work(reader);
}

async function openCase(id: string): Promise<void> {
  await db.store.pool.query(`insert into cases (id, key, title) values ($1, $1, $1)`, [id]);
}

function keep(tx: Tx, caseId: string, amount: string): Promise<void> {
  return keepEvidence(tx, caseId, 'N03 trade data', `${caseId}/${amount}`, { amount });
}

async function anchorNow(tx: Tx, caseId: string, upto: number): Promise<void> {
  const found = await tx.query<{ sha256: string }>('select sha256 from evidence where case_id = $1 and no = $2', [
    caseId,
    upto,
  ]);
  const outside = { txHash: `0x${'1'.repeat(64)}`, blockNumber: '7', anchoredAt: '2026-11-23T09:00:00+08:00' };
  await keepAnchor(tx, {
    no: `EV-${caseId}-${upto}`,
    caseId,
    upto,
    headSha256: found.rows[0]?.sha256 ?? '',
    ...outside,
  });
}
