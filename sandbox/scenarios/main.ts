/**
 * Plays scenarios against the hub that runs in `LIANSHU_HOME`: `node sandbox/scenarios/main.ts list|run [<name> ...]`. Says one JSON
 * line for each, and ends with 1 when one did not go as it must.
 */
import { openStage } from './stage.ts';
import { flowTitles, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

interface Played {
  readonly scenario: string;
  readonly flow: string;
  readonly failures: readonly string[];
  readonly passed: boolean;
  readonly seconds: number;
  readonly why?: string;
}

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** One after the other: time is moved for all. */
async function run(chosen: readonly Scenario[]): Promise<boolean> {
  let well = true;
  for (const scenario of chosen) {
    const began = performance.now();
    // Each with people of its own: nobody of the story before acts in this one.
    const stage = await openStage(process.env['LIANSHU_HOME'] ?? '.lianshu');
    const why = await scenario.play(stage).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    await stage.close();
    well &&= why === undefined;
    say({
      scenario: scenario.name,
      flow: scenario.flow,
      failures: scenario.failures,
      passed: why === undefined,
      seconds: Math.round(performance.now() - began) / 1_000,
      ...(why === undefined ? {} : { why }),
    } satisfies Played);
  }
  return well;
}

/** A name, the folder of several, or nothing: all. */
function chosenBy(words: readonly string[]): readonly Scenario[] {
  if (words.length === 0) return scenarios;
  const unknown = words.find((word) => !scenarios.some(({ name }) => name === word || name.startsWith(`${word}/`)));
  if (unknown !== undefined) throw new Error(`没有该场景 no such scenario: ${unknown}. Try: scenario list`);
  return scenarios.filter(({ name }) => words.some((word) => name === word || name.startsWith(`${word}/`)));
}

const [verb, ...words] = process.argv.slice(2);
try {
  if (verb === 'list')
    for (const { play: _play, ...scenario } of chosenBy(words)) say({ ...scenario, of: flowTitles[scenario.flow] });
  else if (verb === 'run') process.exitCode = (await run(chosenBy(words))) ? 0 : 1;
  else throw new Error('list or run');
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 2;
}
