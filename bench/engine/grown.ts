/** What history costs: the engine on tables full of finished and waiting runs against empty ones, on one server. */
import { type Child, startChild } from './child.ts';
import { machineOf, progress, type Ratio, ratioOf, ratioText, tableText } from './figures.ts';
import { fillFinished, fillWaiting } from './fill.ts';
import { type BenchServer, withServer } from './server.ts';
import { medianTurn, type Turn, turnOf } from './turn.ts';

interface GrownLevel {
  readonly inFlight: number;
  readonly empty: Turn;
  readonly grown: Turn;
  /** Above 1 the grown tables are faster. */
  readonly grownOverEmpty: Ratio;
}

interface Plan {
  readonly finished: number;
  readonly waiting: number;
  readonly pairs: number;
  readonly windowMs: number;
}

const quickPlan: Plan = { finished: 100_000, waiting: 100_000, pairs: 1, windowMs: 1_500 };
const fullPlan: Plan = { finished: 1_000_000, waiting: 1_000_000, pairs: 3, windowMs: 4_000 };
const levels = [50, 200] as const;
const script = 'engine/sides/ours.ts';
const warmMs = 2_000;

export function measureGrown(json: boolean, quick: boolean): Promise<object> {
  const plan = quick ? quickPlan : fullPlan;
  return withServer(async (server) => {
    const machine = await machineOf(server);
    const [emptyUrl, grownUrl] = [await server.migrated('empty'), await server.migrated('grown')];
    await fillFinished(grownUrl, plan.finished);
    await fillWaiting(grownUrl, plan.waiting);
    const children: Child[] = [];
    try {
      for (const url of [emptyUrl, grownUrl]) {
        const child = await startChild(script, { url });
        children.push(child);
        await turnOf([child], server.admin, levels[0], warmMs);
      }
      const found: GrownLevel[] = [];
      for (const inFlight of levels) found.push(await levelOf(server, children, inFlight, plan));
      if (!json) process.stdout.write(tableOf(plan, found));
      return {
        machine,
        quick,
        grown: { finished: plan.finished, waiting: plan.waiting, pairs: plan.pairs, levels: found },
      };
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  });
}

async function levelOf(
  server: BenchServer,
  children: readonly Child[],
  inFlight: number,
  plan: Plan,
): Promise<GrownLevel> {
  const turns: Turn[][] = [[], []];
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    for (const which of pair % 2 === 0 ? [0, 1] : [1, 0]) {
      const turn = await turnOf(children.slice(which, which + 1), server.admin, inFlight, plan.windowMs);
      progress(`${inFlight}, pair ${pair + 1}: ${which === 0 ? 'empty' : 'grown'} ${turn.stepsPerSecond} steps/s`);
      turns[which]?.push(turn);
    }
  }
  const [empty = [], grown = []] = turns;
  const rate = (all: readonly Turn[]) => all.map((turn) => turn.stepsPerSecond);
  return {
    inFlight,
    empty: medianTurn(empty),
    grown: medianTurn(grown),
    grownOverEmpty: ratioOf(rate(grown), rate(empty)),
  };
}

function tableOf(plan: Plan, found: readonly GrownLevel[]): string {
  const head = ['in flight', 'empty steps/s', 'grown steps/s', 'empty p99 ms', 'grown p99 ms', 'grown / empty'];
  const rows = found.map((level) => [
    level.inFlight,
    level.empty.stepsPerSecond,
    level.grown.stepsPerSecond,
    level.empty.runMsP99,
    level.grown.runMsP99,
    ratioText(level.grownOverEmpty),
  ]);
  const foot = `grown: ${plan.finished} finished and ${plan.waiting} waiting runs; medians of ${plan.pairs} pairs\n`;
  return tableText([head, ...rows]) + foot;
}
