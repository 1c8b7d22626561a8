/** The first thing that a newcomer runs: one command, eleven steps, and nothing left behind. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { pledgeSteps, releaseSteps } from '../flows/steps.ts';
import { effectsOf, launch, newHome, processesIn, repeatedEffects, until, type Home } from './hub.ts';

let home: Home;
beforeEach(async () => {
  home = await newHome();
});
afterEach(() => home.remove());

const demoMs = 60_000;

test(
  'one command drives two spot pledges through all eleven steps, over two sets of vendors, each effect happens once, and no process is left',
  async () => {
    const { code, out, err } = await launch(home, ['start', '--once', '--json']).ended;
    const reports = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { steps: { party: string }[] });
    const steps = [...pledgeSteps, ...releaseSteps];
    const whole = {
      case: expect.stringMatching(/^CASE-\d{8}-00000[12]$/),
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
    };
    expect(reports).toMatchObject([whole, whole]);
    // Two selling organisations, two sets of vendors, one hub.
    expect(reports.map((report) => [3, 4, 5].map((place) => report.steps[place]?.party))).toEqual([
      ['bank-open', 'esign-tsign', 'wms-qimen'],
      ['bank-icbc', 'esign-fasc', 'wms-flux'],
    ]);
    expect(steps).toHaveLength(11);
    expect(err).toContain('11/11');
    expect(code).toBe(0);
    expect(processesIn(home.folder)).toEqual([]);
    for (const bank of ['bank-open', 'bank-icbc']) expect(effectsOf(home, bank, 'disbursed')).toHaveLength(1);
    for (const warehouse of ['wms-qimen', 'wms-flux']) expect(effectsOf(home, warehouse, 'outbound')).toHaveLength(1);
    // A collection that settles on the day after its quote is followed by another, of a day's interest.
    expect(effectsOf(home, 'clearing-cpcn', 'collected').length).toBeGreaterThanOrEqual(2);
    expect(repeatedEffects(home)).toEqual([]);
    expect(effectsOf(home, 'registry-zd', 'registered')).toHaveLength(2);
    expect(effectsOf(home, 'registry-zd', 'cancelled')).toHaveLength(2);
    expect(effectsOf(home, 'evidence-antchain', 'deposited').length).toBeGreaterThan(0);
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
