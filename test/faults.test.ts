/**
 * A case in a bad week: answers that never come, answers that are noise, connections that break in the middle, notices
 * that get lost. It ends well all the same, and nothing happened twice.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as hub from './hub.ts';

const limitMs = 120_000;

let home: hub.Home;
beforeEach(async () => {
  home = await hub.newHome();
});
afterEach(() => home.remove());

test(
  'with a fault at every counterparty and all notices of the bank lost, goods are released and each effect happened once',
  async () => {
    const started = await hub.startTestHub(home);
    const plan = (twin: string, fault: string, operation: string) =>
      hub.control(home, twin, 'faults', { fault, operation });
    await plan('cfca-idv', 'error-500', 'verifyEnterprise');
    await plan('wms-qimen', 'reset-after-effect', 'lockStock');
    await plan('registry-zd', 'garbage', 'register');
    await plan('bank-open', 'timeout-after-effect', 'disburse');
    await plan('clearing-cpcn', 'timeout-before-effect', 'collect');
    await hub.control(home, 'bank-open', 'acts/dropCallbacks', {});

    const orderNo = await hub.placeOrder(started);
    expect(await hub.stateOf(started, orderNo, limitMs)).toBe('released');

    for (const twin of ['cfca-idv', 'wms-qimen', 'registry-zd', 'bank-open', 'clearing-cpcn'])
      expect({ twin, left: await hub.control(home, twin, 'faults') }).toEqual({ twin, left: [] });
    expect(hub.repeatedEffects(home)).toEqual([]);
    for (const [twin, kind] of onlyOne)
      expect({ twin, kind, times: hub.effectsOf(home, twin, kind).length }).toEqual({ twin, kind, times: 1 });
    // The collection was tried again days later, when more interest was owed than had been quoted.
    expect(hub.effectsOf(home, 'clearing-cpcn', 'collected').length).toBeGreaterThanOrEqual(2);
    expect(await hub.rowsOf(home, "select * from effect where state in ('intent', 'unknown')")).toEqual([]);
    const { code, out } = await hub.lianshu(home, 'verify', '--json');
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, broken: 0 });
    expect((await started.stop()).code).toBe(0);
  },
  limitMs + 60_000,
);

const onlyOne = [
  ['bank-open', 'applied'],
  ['bank-open', 'disbursed'],
  ['wms-qimen', 'locked'],
  ['wms-qimen', 'outbound'],
  ['registry-zd', 'registered'],
  ['registry-zd', 'cancelled'],
] as const;
