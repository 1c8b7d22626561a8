/** The stories of the business, each folder on a hub and counterparties of its own: every flow and every failure that its table names. */
import { afterAll, expect, test } from '@jest/globals';
import { openStage } from '../sandbox/scenarios/stage.ts';
import type { Scenario } from '../sandbox/scenarios/scenario.ts';
import { scenarios } from '../sandbox/scenarios/scenarios.ts';
import { lianshu, newHome, rowsOf, startTestHub, type Home, type TestHub } from './hub.ts';
import { heldAgainst } from './rows.ts';

const folders = Map.groupBy(scenarios, ({ name }) => name.slice(0, name.indexOf('/')));
/** For one story: seconds, where nothing else runs. */
const storyMs = 120_000;
const startMs = 60_000;

/** Folders that are played at once: stories wait more than they compute. */
const atOnce = 4;

const entries = new Set<string>();
const kept = new Set<string>();
const played: { flow: string; failures: readonly string[] }[] = [];
let foldersPlayed = 0;

/** What went wrong in each folder. All begin with the first test, so many at a time. */
let results: ReadonlyMap<string, Promise<string[]>> | undefined;

function resultOf(folder: string): Promise<string[]> {
  results ??= begun();
  return results.get(folder) ?? Promise.resolve([`no folder ${folder}`]);
}

function begun(): ReadonlyMap<string, Promise<string[]>> {
  const turns = Array.from({ length: atOnce }, () => Promise.resolve());
  return new Map(
    [...folders].map(([folder, some], place) => {
      const turn = place % atOnce;
      const result = (turns[turn] ?? Promise.resolve()).then(() => playFolder(some));
      turns[turn] = result.then(
        () => undefined,
        () => undefined,
      );
      // Whoever asks for it hears of it; until then nobody is there to.
      result.catch(() => undefined);
      return [folder, result];
    }),
  );
}

/** Several at once look for a free port, and two may find the same one. */
async function started(tries = 3): Promise<{ home: Home; hub: TestHub }> {
  const home = await newHome();
  try {
    return { home, hub: await startTestHub(home) };
  } catch (thrown) {
    await home.remove();
    if (tries === 1) throw thrown;
    return started(tries - 1);
  }
}

async function playFolder(some: readonly Scenario[]): Promise<string[]> {
  const { home, hub } = await started();
  try {
    const failed: string[] = [];
    for (const scenario of some) {
      const why = await playOn(home.folder, scenario);
      if (why === undefined) played.push(scenario);
      else failed.push(`${scenario.name}: ${why}`);
    }
    await look(home);
    const verified = await lianshu(home, 'verify', '--json');
    if (verified.code !== 0) failed.push(`the books: ${verified.out}`);
    foldersPlayed += 1;
    await hub.stop();
    return failed;
  } finally {
    await home.remove();
  }
}

test.each([...folders.keys()])(
  '%s: each story goes as it must',
  async (folder) => expect(await resultOf(folder)).toEqual([]),
  scenarios.length * storyMs + startMs,
);

test('names are unique, and each says its flow', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  for (const { name, flow, failures } of scenarios) {
    expect(name).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
    for (const row of failures) expect(row).toMatch(new RegExp(`^F\\d+\\.\\d+[a-z]?$`));
    expect(flow).toMatch(/^F\d+$/);
  }
});

test('each step of the business is carried by an entry of a journal and its evidence, or is said not to be', () => {
  const { lines, wrong } = heldAgainst({ entries, evidence: kept });
  process.stdout.write(`${lines.join('\n')}\n`);
  // Of a part of the stories nothing can be said.
  if (foldersPlayed === folders.size) expect(wrong).toEqual([]);
});

/** What the journals and the evidence of these stories hold. */
async function look(home: Home): Promise<void> {
  const runs = '(select id, flow, case_id from run union all select id, flow, case_id from run_done) r';
  for (const { flow, path } of await rowsOf<{ flow: string; path: string }>(
    home,
    `select distinct r.flow, j.path from journal j join ${runs} on r.id = j.run_id`,
  ))
    entries.add(`${flow} ${(path.split('/').at(-1) ?? '').replace(/#\d+$/, '')}`);
  for (const { flow, node } of await rowsOf<{ flow: string; node: string }>(
    home,
    `select distinct r.flow, left(e.node, 3) node from evidence e join ${runs} on r.case_id = e.case_id`,
  ))
    kept.add(`${flow} ${node}`);
}

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
