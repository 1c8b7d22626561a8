/** The commands that look into the sandbox, steer it and break it, against counterparties that run. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chanceOf } from '../sandbox/chance.ts';
import * as hub from './hub.ts';

const commandMs = 60_000;
const faultMs = 4_000;

let home: hub.Home;
let started: hub.TestHub;
beforeAll(async () => {
  home = await hub.newHome();
  started = await hub.startTestHub(home, ['--seed', '7']);
}, commandMs);
afterAll(async () => {
  try {
    await started.stop();
  } finally {
    await home.remove();
  }
}, commandMs);

const run = (...args: string[]) => hub.lianshu(home, ...args);
const parsed = async (...args: string[]) => JSON.parse((await run(...args)).out) as unknown;

interface State {
  readonly magic: readonly { readonly value: string }[];
  readonly can: readonly string[];
  readonly memory: Readonly<Record<string, unknown>>;
}
const stateOf = async (system: string) => (await parsed('twin', system, '--json')) as State;

test(
  'twin says who is there, and those that speak no HTTP are looked into as well',
  async () => {
    const { code, out } = await run('twin');
    expect([code, out.split('\n').filter((line) => /^bank-(open|pingan|iso20022) /.test(line)).length]).toEqual([0, 3]);
    expect(await stateOf('bank-pingan')).toMatchObject({
      memory: expect.any(Object),
      can: expect.arrayContaining(['settle']),
    });
    expect(await stateOf('bank-iso20022')).toMatchObject({ memory: expect.any(Object) });
    expect(await parsed('twin', 'bank-pingan', 'effects')).toEqual([]);
  },
  commandMs,
);

test(
  'twin with a system shows its magic values first, then what its people can do, then what it holds',
  async () => {
    const { code, out } = await run('twin', 'bank-open');
    const places = ['…000.02', 'chargeFee', '"dropCallbacks"'].map((text) => out.indexOf(text));
    expect([code, places.every((place) => place > 0), places]).toEqual([0, true, places.toSorted((a, b) => a - b)]);
    expect((await stateOf('bank-open')).magic.map(({ value }) => value)).toContain('…000.02');
  },
  commandMs,
);

test(
  'people act: with text, with yes and no, with JSON; and their log tells it',
  async () => {
    expect((await run('twin', 'bank-open', 'dropCallbacks', 'on=true')).code).toBe(0);
    expect((await stateOf('bank-open')).memory['dropCallbacks']).toBe(true);
    expect((await run('twin', 'bank-open', 'dropCallbacks', 'on=false')).code).toBe(0);
    expect((await stateOf('bank-open')).memory['dropCallbacks']).toBe(false);
    expect((await run('twin', 'bank-iso20022', 'deposit', 'amount:=12.5', 'name=来款 单位')).code).toBe(0);
    expect(await parsed('twin', 'bank-iso20022', 'effects')).toMatchObject([{ kind: 'deposited' }]);
  },
  commandMs,
);

test(
  'a fault for some seconds hits every request until they are over, and none afterwards',
  async () => {
    const { url } = ((await parsed('twin', '--json')) as { name: string; url: string }[]).find(
      ({ name }) => name === 'price-quotes',
    ) ?? { url: '' };
    const quote = async () => (await fetch(`${url}/v1/quotes`)).status;
    expect(await quote()).toBe(401);
    const planned = await parsed(
      'fault',
      'price-quotes',
      'error-500',
      '--operation',
      'quote',
      '--for',
      `${faultMs / 1_000}s`,
    );
    const lastMs = Date.now() + faultMs;
    expect(planned).toMatchObject([{ fault: 'error-500', operation: 'quote', forMs: expect.any(Number) }]);
    expect([await quote(), await quote(), await quote()]).toEqual([500, 500, 500]);
    expect(await hub.until(async () => (await quote()) === 401, lastMs - Date.now() + 1_000)).toBe(true);
    expect(await parsed('fault', 'price-quotes')).toEqual([]);
  },
  commandMs,
);

test.each([
  ['a duration without a unit', ['fault', 'bank-open', 'slow', '--for', '30'], '--for 30s'],
  ['a duration of nothing', ['fault', 'bank-open', 'slow', '--for', '0s'], '--for 30s'],
  ['a number of times that is none', ['fault', 'bank-open', 'slow', '--times', 'often'], '--times 3'],
  ['a fault that nobody has', ['fault', 'bank-open', 'earthquake'], 'timeout-after-effect'],
  ['a fault where files are exchanged', ['fault', 'bank-iso20022', 'slow'], 'behave'],
  ['a system that is none', ['twin', 'bank-nobody'], 'bank-open'],
  ['an act that is none', ['twin', 'bank-open', 'fly'], 'chargeFee'],
  ['a field without a value', ['twin', 'bank-open', 'decide', 'applicationNo'], 'field=value'],
  ['a field whose JSON is none', ['twin', 'bank-open', 'decide', 'amount:=many'], 'JSON'],
  ['an act that lacks a field', ['twin', 'bank-open', 'settle'], 'instructionNo'],
  ['an act about a number of nobody', ['twin', 'bank-open', 'settle', 'instructionNo=X-1'], 'X-1'],
  ['a time that is none', ['clock', 'advance', '30s'], '30d'],
])(
  '%s is told what it should be, with exit code 1',
  async (_, args, hint) => {
    const { code, out, err } = await run(...args);
    expect([code, out, err]).toEqual([1, '', expect.stringContaining(hint)]);
    expect(err).not.toMatch(/\n\s+at /);
  },
  commandMs,
);

test(
  'the clock advances for a counterparty that speaks no HTTP too',
  async () => {
    const read = async () => Date.parse(((await hub.control(home, 'bank-pingan', 'clock')) as { now: string }).now);
    const before = await read();
    expect((await run('clock', 'advance', '30d')).code).toBe(0);
    expect((await read()) - before).toBeGreaterThanOrEqual(30 * 86_400_000);
  },
  commandMs,
);

test('the seed decides the numbers of orders', async () => {
  expect(await hub.placeOrder(started)).toBe(`45${chanceOf('7', 'orders').digits(8)}`);
});

test(
  'the magic values of all of them need no running hub',
  async () => {
    const elsewhere = await hub.newHome();
    const { code, out } = await hub.lianshu(elsewhere, 'twin', '--magic', '--json');
    await elsewhere.remove();
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.arrayContaining([expect.objectContaining({ system: 'bank-open' })]),
    ]);
  },
  commandMs,
);
