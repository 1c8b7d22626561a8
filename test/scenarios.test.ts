/** The stories of the business, each folder on a hub and counterparties of its own: every flow and every failure that its table names. */
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStage } from '../sandbox/scenarios/stage.ts';
import type { Scenario } from '../sandbox/scenarios/scenario.ts';
import { scenarios } from '../sandbox/scenarios/scenarios.ts';
import { newHome, startTestHub, type Home } from './hub.ts';

const folders = Map.groupBy(scenarios, ({ name }) => name.slice(0, name.indexOf('/')));
/** For one story: seconds, where nothing else runs. */
const storyMs = 120_000;
const startMs = 60_000;

let home: Home;
beforeEach(async () => {
  home = await newHome();
});
afterEach(() => home.remove());

const played: { flow: string; failures: readonly string[] }[] = [];

test.each([...folders].map(([folder, some]) => ({ folder, some })))(
  '$folder: each story goes as it must',
  async ({ some }) => {
    const hub = await startTestHub(home);
    const failed: string[] = [];
    for (const scenario of some) {
      const why = await playOn(home.folder, scenario);
      if (why === undefined) played.push(scenario);
      else failed.push(`${scenario.name}: ${why}`);
    }
    await hub.stop();
    expect(failed).toEqual([]);
  },
  Math.max(...[...folders.values()].map(({ length }) => length)) * storyMs + startMs,
);

test('names are unique, and each says its flow', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  for (const { name, flow, failures } of scenarios) {
    expect(name).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
    for (const row of failures) expect(row).toMatch(new RegExp(`^F\\d+\\.\\d+[a-z]?$`));
    expect(flow).toMatch(/^F\d+$/);
  }
});

afterAll(() => {
  const rows = [...Map.groupBy(played, ({ flow }) => flow)].toSorted(
    (a, b) => Number(a[0].slice(1)) - Number(b[0].slice(1)),
  );
  for (const [flow, some] of rows) {
    const failures = [...new Set(some.flatMap((one) => one.failures))].toSorted();
    process.stdout.write(
      `scenarios: ${flow.padEnd(4)} ${String(some.length).padStart(3)} played, failures of ${failures.join(' ') || '–'}\n`,
    );
  }
});

async function playOn(folder: string, scenario: Scenario): Promise<string | undefined> {
  const stage = await openStage(folder);
  try {
    await scenario.play(stage);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } finally {
    await stage.close();
  }
}
