/** The first thing that a newcomer runs: one command, eleven steps, and nothing left behind. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { pledgeSteps, releaseSteps } from '../flows/steps.ts';
import { effectsOf, launch, newHome, processesIn, until, type Home } from './hub.ts';

let home: Home;
beforeEach(async () => {
  home = await newHome();
});
afterEach(() => home.remove());

const demoMs = 60_000;

test(
  'one command drives a spot pledge through all eleven steps, each effect happens once, and no process is left',
  async () => {
    const { code, out, err } = await launch(home, ['start', '--once', '--json']).ended;
    const report: unknown = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    const steps = [...pledgeSteps, ...releaseSteps];
    expect(report).toMatchObject({
      case: expect.stringMatching(/^CASE-\d{8}-000001$/),
      flow: 'spot-pledge',
      state: 'released',
      steps: steps.map(({ no, name }) => ({
        no,
        name: name.en,
        party: expect.any(String),
        ms: expect.any(Number),
      })),
      exchanges: expect.any(Number),
      effects: { confirmed: expect.any(Number), refused: 0, unknown: 0 },
      invariants: { checked: expect.any(Number), broken: 0 },
    });
    expect(steps).toHaveLength(11);
    expect(err).toContain('11/11');
    expect(code).toBe(0);
    expect(processesIn(home.folder)).toEqual([]);
    expect(effectsOf(home, 'bank-open', 'disbursed')).toHaveLength(1);
    expect(effectsOf(home, 'wms-qimen', 'outbound')).toHaveLength(1);
    expect(effectsOf(home, 'clearing-cpcn', 'collected')).toHaveLength(1);
    expect(effectsOf(home, 'registry-zd', 'registered')).toHaveLength(1);
    expect(effectsOf(home, 'registry-zd', 'cancelled')).toHaveLength(1);
  },
  demoMs,
);

test.each([0, 400, 900, 1_500, 2_200])(
  'interrupted %d ms after its beginning, it leaves nothing behind',
  async (afterMs) => {
    const { child, ended } = launch(home, ['start', '--no-demo']);
    await sleep(afterMs);
    child.kill('SIGINT');
    await ended;
    await until(() => processesIn(home.folder).length === 0, 10_000);
    expect(processesIn(home.folder)).toEqual([]);
  },
  demoMs,
);

test.each([300, 1_200, 6_000])(
  'killed %d ms after its beginning, it takes its children along',
  async (afterMs) => {
    const { child, ended } = launch(home, ['start', '--no-demo']);
    await sleep(afterMs);
    child.kill('SIGKILL');
    await ended;
    await until(() => processesIn(home.folder).length === 0, 15_000);
    expect(processesIn(home.folder)).toEqual([]);
  },
  demoMs,
);
