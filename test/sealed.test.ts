/**
 * After a whole pledge, from the order to the released goods, somebody looks through the database with a stolen backup in
 * hand: no number, phone, card or name of a person is in it, and of accounts only where they are the key of a row.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { dealers, funder, unit, warehouse } from '../sandbox/world.ts';
import { rotateData, statusOf } from '../store/sealing/rotate.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { openStore } from '../store/store.ts';
import { aboutHub, newHome, placeOrder, startTestHub, stateOf, type Home, type TestHub } from './hub.ts';
import { sweep } from './sweep.ts';

let home: Home;
let hub: TestHub;
beforeAll(async () => {
  home = await newHome();
  hub = await startTestHub(home);
}, 60_000);
afterAll(async () => {
  await hub.stop();
  await home.remove();
}, 60_000);

const caseMs = 60_000;
const companies = [unit, funder, warehouse, ...dealers];
const people = [
  ...companies.map(({ legalRep }) => legalRep),
  ...dealers.flatMap(({ agent, picker }) => [agent, picker]),
] as readonly { name: string; idNo: string; phone: string; cardNo?: string }[];

/**
 * Where an account number stands in the open, because it is the key by which rows of the books name an account. To seal it,
 * the books would name accounts by a number of their own (`bank_account.id`), and find them by a keyed hash.
 */
const openAccounts = [
  'bank_account.account_no',
  'application.payee_account',
  'envelope.mandate_payee',
  'payment.payer_account',
  'payment.payee_account',
  'history.entity_id', // Of a bank account: its key.
];

const read = async <T>(use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: aboutHub(home)?.databaseUrl ?? '' });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

test(
  'a stolen database tells no number, phone, card or name of a person, and accounts only where they are keys',
  async () => {
    expect(await stateOf(hub, await placeOrder(hub), caseMs)).toBe('released');
    const personal = people.flatMap(({ name, idNo, phone, cardNo }) => [
      name,
      idNo,
      phone,
      ...(cardNo ? [cardNo] : []),
    ]);
    expect(await read((client) => sweep(client, personal))).toEqual([]);
    const accounts = companies.map(({ account }) => account.accountNo);
    const seen = await read((client) => sweep(client, accounts));
    const places = new Set(seen.map(({ where }) => where.replace('public.', '')));
    expect([...places].filter((place) => !openAccounts.includes(place))).toEqual([]);
    // The sweep sees what is there.
    expect(places).toContain('bank_account.account_no');
  },
  caseMs + 30_000,
);

test(
  'new data keys while the hub works: the next case goes through, and nothing is left under the old ones',
  async () => {
    const store = await openStore(aboutHub(home)?.databaseUrl ?? '', { home: home.folder, maxConnections: 2 });
    try {
      const sealing = await sealingOf(store.pool);
      const [state, rotated] = await Promise.all([
        placeOrder(hub).then((no) => stateOf(hub, no, caseMs)),
        rotateData(sealing),
      ]);
      expect(state).toBe('released');
      expect(rotated.values).toBeGreaterThan(100);
      const { keys } = await statusOf(sealing, { count: true });
      expect(keys.filter((key) => key.state === 'retired' && key.values !== 0)).toEqual([]);
      expect(await stateOf(hub, await placeOrder(hub), caseMs)).toBe('released');
    } finally {
      await store.close();
    }
  },
  3 * caseMs,
);
