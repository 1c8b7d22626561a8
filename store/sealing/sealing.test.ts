import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { openStore, type Store } from '../store.ts';
import { sealingOf } from './of.ts';
import { ownerOfParty, ownerOfSystem, places } from './places.ts';
import { countByKey, sealAll } from './reseal.ts';
import { rootKeysHere } from './rootKeys.ts';
import { destroyKeys, prepareRoot, rotateData, rotateRoot, statusOf } from './rotate.ts';
import { Sealing } from './sealing.ts';

const folder = mkdtempSync(join(tmpdir(), 'lianshu-seal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const left: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of left.splice(0).toReversed()) await end();
});

let homes = 0;
const newHome = () => join(folder, `home-${(homes += 1)}`);

async function database(): Promise<FreshDatabase> {
  const fresh = await freshDatabase();
  left.push(() => fresh.drop());
  return fresh;
}

/** A process of its own, as far as keys go. */
async function hub(url: string, home: string): Promise<Store> {
  const store = await openStore(url, { home, maxConnections: 2 });
  left.push(() => store.close());
  return store;
}

const owner = ownerOfSystem('bank-one');
const text = '{"idNo":"350203199001010017","phone":"13800005521"}';

/** One message with two parts, as an exchange of a system. */
async function keepMessage(store: Store, id = randomUUID(), sealed = true): Promise<string> {
  const sealing = sealed ? await sealingOf(store.pool) : undefined;
  const request = sealing ? await sealing.seal(places.exchangeRequest, owner, [id], text) : Buffer.from(text);
  await store.pool.query(
    `insert into exchange (id, system, operation, direction, state, ms, request) values ($1, 'bank-one', 'o', 'out', 'ok', 1, $2)`,
    [id, request],
  );
  for (const no of [0, 1]) {
    const [path, body] = sealing
      ? [
          await sealing.seal(places.partPath, owner, [id, no], '/x?token=350203199001010017'),
          await sealing.seal(places.partRequest, owner, [id, no], text),
        ]
      : [Buffer.from('/x?token=350203199001010017'), Buffer.from(text)];
    await store.pool.query(
      `insert into exchange_part (exchange_id, no, method, path, request, ms) values ($1, $2, 'POST', $3, $4, 1)`,
      [id, no, path, body],
    );
  }
  return id;
}

async function readMessage(store: Store, id: string): Promise<string[]> {
  const sealing = await sealingOf(store.pool);
  const { rows } = await store.pool.query<{ asked: Buffer; no: number; path: Buffer; request: Buffer }>(
    'select e.request asked, p.no, p.path, p.request from exchange e join exchange_part p on p.exchange_id = e.id where e.id = $1 order by no',
    [id],
  );
  const opened = rows.flatMap(({ asked, no, path, request }) => [
    sealing.open(places.exchangeRequest, [id], asked),
    sealing.open(places.partPath, [id, no], path),
    sealing.open(places.partRequest, [id, no], request),
  ]);
  return (await Promise.all(opened)).map(String);
}

const part = [text, '/x?token=350203199001010017', text];
const whole = [...part, ...part];

test('new data keys: what was sealed is sealed anew and readable, here and on another node that knew the old ones', async () => {
  const { url, store } = await database();
  const other = await openStore(url);
  left.push(() => other.close());
  const ids = [await keepMessage(store), await keepMessage(store)];
  expect(await readMessage(other, ids[0] ?? '')).toEqual(whole);
  const late = await openStore(url);
  left.push(() => late.close());
  ids.push(await keepMessage(late));
  const sealing = await sealingOf(store.pool);
  const before = await countByKey(sealing);
  const { keys, values } = await rotateData(sealing, { settleMs: 0 });
  expect({ keys, values }).toEqual({ keys: 3, values: 15 });
  for (const id of ids) expect(await readMessage(other, id)).toEqual(whole);
  const status = await statusOf(sealing, { count: true });
  expect(status.keys.filter(({ state, values: n }) => state === 'retired' && n !== 0)).toEqual([]);
  expect([...(await countByKey(sealing)).values()]).toEqual([...before.values()]);
  // A node that had not seen it yet sealed with the old key: still readable, and the next time it is caught up with.
  await keepMessage(late);
  expect((await rotateData(sealing, { owner: 'system:nobody', settleMs: 0 })).values).toBe(5);
});

test('however many need a key at once, one connection makes it and one brings it', async () => {
  const { url, store } = await database();
  const sealing = await sealingOf(store.pool);
  const ids = Array.from({ length: 300 }, () => randomUUID());
  const sealed = await Promise.all(
    ids.map((id) => sealing.seal(places.exchangeRequest, ownerOfSystem('new'), [id], id)),
  );
  const other = await Sealing.open(url, rootKeysHere());
  const opened = ids.map((id, i) => other.open(places.exchangeRequest, [id], sealed[i] ?? Buffer.alloc(0)));
  expect((await Promise.all(opened)).map(String)).toEqual(ids);
});

test('an act that was approved is sealed anew, and still nobody can change it', async () => {
  const { store } = await database();
  const sealing = await sealingOf(store.pool);
  const [id, bulk] = [randomUUID(), randomUUID()];
  await store.pool.query(
    `insert into act (id, bulk_id, run_id, kind, body, reason, seq_seen, payload_hash, proposed_by, state, expires_at)
     values ($1, $2, gen_random_uuid(), 'retry', $3, 'because', 1, 'h', 'Wang', 'applied', now())`,
    [id, bulk, await sealing.seal(places.act, 'hub', [bulk], '{"n":1}')],
  );
  const before = await store.pool.query<{ body: Buffer }>('select body from act');
  expect((await rotateData(sealing, { settleMs: 0 })).values).toBe(1);
  const after = await store.pool.query<{ body: Buffer }>('select body from act');
  expect(after.rows[0]?.body.equals(before.rows[0]?.body ?? Buffer.alloc(0))).toBe(false);
  expect(await sealing.openJson(places.act, [bulk], after.rows[0]?.body ?? null)).toEqual({ n: 1 });
  await expect(store.pool.query(`update act set body = '\\x00'`)).rejects.toMatchObject({
    constraint: 'act_unchanged',
  });
  const alsoReason = store.tx(async (tx) => {
    await tx.query(`set local lianshu.resealing = 'on'`);
    await tx.query(`update act set reason = 'another one'`);
  });
  await expect(alsoReason).rejects.toMatchObject({ constraint: 'act_unchanged' });
});

test('another root key: data keys are sealed with it, the old one is not needed, nothing has to be sealed anew', async () => {
  const { url } = await database();
  const home = newHome();
  const store = await hub(url, home);
  const id = await keepMessage(store);
  const sealing = await sealingOf(store.pool);
  const file = join(home, 'keys', 'root.keys');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(rotateRoot(sealing)).rejects.toThrow('is the newest here');
  const prepared = prepareRoot(sealing);
  await expect(readMessage(await hub(url, home), id)).resolves.toEqual(whole);
  expect(await rotateRoot(sealing)).toEqual({ rootId: prepared, keys: 4 });
  const [, second = ''] = readFileSync(file, 'utf8').trim().split('\n');
  const later = newHome();
  rootKeysHere(later).add();
  writeFileSync(join(later, 'keys', 'root.keys'), second);
  expect(await readMessage(await hub(url, later), id)).toEqual(whole);
});

test('a hub without the root key of the database says which one is missing and where it goes, and makes none', async () => {
  const { url } = await database();
  const sealing = await sealingOf((await hub(url, newHome())).pool);
  const { rootId } = await statusOf(sealing, { count: false });
  const stranger = newHome();
  const refused = sealingOf((await hub(url, stranger)).pool);
  await expect(refused).rejects.toThrow(`sealed with root key ${rootId}`);
  await expect(refused).rejects.toThrow('Copy keys/root.keys');
  expect(() => statSync(join(stranger, 'keys', 'root.keys'))).toThrow('ENOENT');
  const wrong = newHome();
  const { id } = rootKeysHere(wrong).add();
  await expect(sealingOf((await hub(url, wrong)).pool)).rejects.toThrow(`holds ${id}`);
});

test('two first hubs at once on an empty database: the keys of one, and the other refuses', async () => {
  const { url } = await database();
  const both = await Promise.allSettled(
    [newHome(), newHome()].map(async (home) => sealingOf((await hub(url, home)).pool)),
  );
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a root key that others can read, or that is none, is refused, and is never said', async () => {
  const home = newHome();
  rootKeysHere(home).add();
  const file = join(home, 'keys', 'root.keys');
  chmodSync(file, 0o644);
  expect(() => rootKeysHere(home).list()).toThrow('can be read by others');
  chmodSync(file, 0o600);
  writeFileSync(file, `${'0'.repeat(63)}g\n`);
  expect(() => rootKeysHere(home).list()).toThrow('64 hex digits');
  expect(() => rootKeysHere(home).list()).not.toThrow('0000');
});

test('a key that was destroyed: what it sealed cannot be read by anybody, and says so; the owner begins anew', async () => {
  const { url, store } = await database();
  const other = await Sealing.open(url, rootKeysHere());
  const id = await keepMessage(store);
  const sealing = await sealingOf(store.pool);
  const kept = await sealing.seal(places.signerName, ownerOfParty('p1'), ['s'], '张三');
  expect(await destroyKeys(sealing, owner, 'Wang', 'left the platform')).toBe(1);
  await expect(readMessage(store, id)).rejects.toMatchObject({ type: 'PAYLOAD_ERASED' });
  await expect(readMessage(store, id)).rejects.toThrow('the key of system:bank-one was destroyed at 20');
  const { rows } = await store.pool.query<{ request: Buffer }>('select request from exchange where id = $1', [id]);
  await other.refresh();
  const opened = other.open(places.exchangeRequest, [id], rows[0]?.request ?? Buffer.alloc(0));
  await expect(opened).rejects.toMatchObject({ type: 'PAYLOAD_ERASED' });
  expect((await sealing.open(places.signerName, ['s'], kept)).toString()).toBe('张三');
  expect(await readMessage(store, await keepMessage(store))).toEqual(whole);
  await expect(destroyKeys(sealing, 'hub', 'Wang', 'a mistake')).rejects.toThrow('never destroyed');
  await expect(store.pool.query('update sealing_key set erased_at = null')).rejects.toMatchObject({
    constraint: expect.stringMatching(/^sealing_key_/),
  });
  await expect(store.pool.query('delete from sealing_key')).rejects.toMatchObject({
    constraint: 'sealing_key_unchanged',
  });
});

test('a value in the open, one moved by SQL, and a data key given to another owner are refused', async () => {
  const { store } = await database();
  const [a, b] = [await keepMessage(store), await keepMessage(store)];
  await store.pool.query('update exchange set request = (select request from exchange where id = $2) where id = $1', [
    a,
    b,
  ]);
  await expect(readMessage(store, a)).rejects.toMatchObject({ type: 'PAYLOAD_UNREADABLE' });
  await store.pool.query('alter table exchange disable trigger exchange_sealed');
  await store.pool.query('update exchange set request = $2 where id = $1', [b, Buffer.from('{"amount":"1.00"}')]);
  await expect(readMessage(store, b)).rejects.toThrow('exchange.request holds a value that is not sealed');
  await store.pool.query('alter table sealing_key disable trigger all');
  await store.pool.query(`update sealing_key set owner = 'system:other' where owner = $1`, [owner]);
  const { url } = await sealingOf(store.pool);
  const fresh = await Sealing.open(url, rootKeysHere());
  await expect(fresh.liveOf('system:other', 'message')).rejects.toThrow('its row was changed');
});

test('rows from before there were keys are sealed at the first start, whatever they begin with, and after an interruption', async () => {
  const { url, store } = await database();
  const ids: string[] = [];
  const guards = (how: 'disable' | 'enable') =>
    store.pool.query(
      `alter table exchange ${how} trigger exchange_sealed; alter table exchange_part ${how} trigger exchange_part_sealed`,
    );
  await guards('disable'); // They came with sealing.
  for (let i = 0; i < 210; i += 1) ids.push(await keepMessage(store, undefined, false));
  // Bytes that look like a sealed value and are none.
  const odd = Buffer.concat([Buffer.from([0xf5, 1, 0, 0, 0, 1]), Buffer.alloc(60, 9)]);
  await store.pool.query('update exchange_part set answer = $2 where exchange_id = $1 and no = 0', [ids[0], odd]);
  await guards('enable');
  const sealing = await Sealing.open(url, rootKeysHere());
  expect(sealing.sealed).toBe(false);
  const broken = sealAll(sealing, ({ done }) => {
    if (done > 0) throw new Error('interrupted');
  });
  await expect(broken).rejects.toThrow('interrupted');
  for (const id of [ids[0], ids[100], ids[209]]) expect(await readMessage(store, id ?? '')).toEqual(whole);
  const { rows } = await store.pool.query<{ answer: Buffer }>(
    'select answer from exchange_part where exchange_id = $1 and no = 0',
    [ids[0]],
  );
  const opened = await sealing.open(places.partAnswer, [ids[0] ?? '', 0], rows[0]?.answer ?? Buffer.alloc(0));
  expect(opened.equals(odd)).toBe(true);
  const open = await store.pool.query(`select from exchange_part where position($1::bytea in request) > 0`, [
    Buffer.from('350203'),
  ]);
  expect(open.rowCount).toBe(0);
  expect((await Sealing.open(url, rootKeysHere())).sealed).toBe(true);
});

test('a person is found by a keyed hash, however the number is spelt, and not by the hash that anybody can compute', async () => {
  const { store } = await database();
  const sealing = await sealingOf(store.pool);
  const hash = sealing.hash('idNo', '35020319900101001X');
  expect(sealing.hash('idNo', ' 35020319900101 001x').equals(hash)).toBe(true);
  expect(sealing.hash('phone', '35020319900101001X').equals(hash)).toBe(false);
  const elsewhere = await sealingOf((await database()).store.pool);
  expect(elsewhere.hash('idNo', '35020319900101001X').equals(hash)).toBe(false);
  await rotateData(sealing, { settleMs: 0 });
  expect(sealing.hash('idNo', '35020319900101001X').equals(hash)).toBe(true);
});
