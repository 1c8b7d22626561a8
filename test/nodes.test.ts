/** Several nodes: lean ones under every fault of `npm run chaos -- nodes`, and hubs as an operator starts them. */
import { afterAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceBroker } from 'moleculer';
import { NatsBus } from '../cli/nats.ts';
import { rootKeysHere } from '../store/sealing/rootKeys.ts';
import { openStore } from '../store/store.ts';
import { faults, run } from './chaos/nodes.chaos.ts';
import { hubReady, orderIn, startSandbox } from './chaos/sandbox.ts';
import { freePort, natsMissing, natsServerPath, startNats } from './chaos/wire.ts';
import { seedOfRun } from './chance.ts';
import * as hub from './hub.ts';
import { admin, urlOf } from './server.ts';

const missing = natsServerPath === undefined;
if (missing) process.stdout.write(`nodes.test.ts: ${natsMissing}: skipped\n`);
const withNats = missing && process.env['CI'] === undefined ? test.skip : test;
const campaignMs = 240_000;
const hubsMs = 180_000;
const meetMs = 30_000;
const caseMs = 90_000;
/** Slow enough that the case is still under way when a hub dies. */
const speed = 20_000;

const left: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of left.toReversed()) await end();
}, hubsMs);

withNats(
  'of two nodes one is killed, frozen, cut off, and their queue deleted: the other goes on, and nothing happens twice',
  async () => {
    const said: string[] = [];
    const verdict = await run({
      seed: seedOfRun(),
      times: 1,
      faults,
      ordersPerSecond: 8,
      cutMs: 5_000,
      freezeMs: 5_000,
      say: (line) => said.push(line),
    });
    if (verdict.found.length > 0) process.stdout.write(`nodes.test.ts:\n${said.join('\n')}\n`);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, stuck: 0, late: 0, found: [] });
    expect(verdict.faults.freeze?.appended).toBe(0);
  },
  campaignMs,
);

withNats(
  'two hubs begin at once on an empty database and without NATS, find each other, and one goes on when the other dies',
  async () => {
    const natsPort = await freePort();
    const databaseUrl = await emptyDatabase();
    const env = { DATABASE_URL: databaseUrl, NATS_URL: `nats://127.0.0.1:${natsPort}` };
    const first = await newHome();
    const second = await newHome();
    const clock = JSON.stringify({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed });
    const control = await startSandbox(first, clock);
    rootKeysHere(first.folder).add();
    // As an operator gives each node the same setup and keys.
    for (const part of ['setup.json', 'sandbox.json', 'keys'])
      cpSync(join(first.folder, part), join(second.folder, part), { recursive: true });
    const hubs = [first, second].map((home) =>
      hub.launch(home, ['hub', '--sandbox'], { ...env, LIANSHU_CLOCK: clock }),
    );
    for (const [at, started] of hubs.entries()) await hubReady(at === 0 ? first : second, started);

    const nats = await startNats(natsPort);
    left.push(() => nats.stop());
    const watcher = await watch(env.NATS_URL);
    expect(await hub.until(async () => (await nodesWith(watcher, 'bank')) === 2, meetMs)).toBe(true);
    const store = await openStore(databaseUrl, { applicationName: 'lianshu-test' });
    left.push(() => store.close());
    const alive = await store.pool.query('select id from node where state = 1');
    expect(alive.rowCount).toBe(2);

    const orderNo = await orderIn(control);
    const stateOf = async () =>
      (await store.pool.query<{ state: string }>('select state from cases where key = $1', [orderNo])).rows[0]?.state;
    expect(await hub.until(async () => (await stateOf()) === 'open', meetMs)).toBe(true);
    hub.kill(hubs[1]?.child.pid ?? 0, 'SIGKILL');
    expect(await hub.until(async () => (await nodesWith(watcher, 'bank')) === 1, meetMs)).toBe(true);
    await hub.until(async () => (await stateOf()) !== 'open', caseMs);
    const problems = await store.pool.query('select problem from run where problem is not null');
    expect({ state: await stateOf(), problems: problems.rows }).toEqual({ state: 'released', problems: [] });
    expect(hub.repeatedEffects(first)).toEqual([]);
    const holes = await store.pool.query(
      'select run_id from journal group by run_id having min(seq) <> 0 or max(seq) <> count(*) - 1',
    );
    expect(holes.rows).toEqual([]);
    hubs[0]?.child.kill('SIGTERM');
    expect((await hubs[0]?.ended)?.code).toBe(0);
  },
  hubsMs,
);

async function newHome(): Promise<hub.Home> {
  const home = await hub.newHome();
  left.push(() => home.remove());
  return home;
}

async function emptyDatabase(): Promise<string> {
  const server = process.env['LIANSHU_TEST_URL'];
  if (!server) throw new Error(process.env['LIANSHU_TEST_PROBLEM'] ?? 'run the tests through Jest (npm test)');
  const name = `lianshu_test_${randomUUID().replaceAll('-', '')}`;
  await admin(server, `create database ${name} template template0`);
  left.push(() => admin(server, `drop database if exists ${name} with (force)`));
  return urlOf(server, name);
}

async function watch(natsUrl: string): Promise<ServiceBroker> {
  const watcher = new ServiceBroker({
    namespace: 'lianshu',
    nodeID: 'watcher',
    transporter: new NatsBus(natsUrl),
    logger: false,
    heartbeatInterval: 1,
    heartbeatTimeout: 4,
    skipProcessEventRegistration: true,
  });
  await watcher.start();
  left.push(() => watcher.stop());
  return watcher;
}

interface NodeSeen {
  readonly available: boolean;
  readonly services: readonly { readonly name: string }[];
}

async function nodesWith(watcher: ServiceBroker, service: string): Promise<number> {
  const nodes = await watcher.call<NodeSeen[], object>('$node.list', { withServices: true });
  return nodes.filter((node) => node.available && node.services.some(({ name }) => name === service)).length;
}
