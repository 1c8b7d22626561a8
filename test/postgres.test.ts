/** `npm run chaos -- postgres`, short. */
import { expect, test } from '@jest/globals';
import { run } from './chaos/postgres.chaos.ts';
import { seedOfRun } from './chance.ts';

const seconds = 25;

test(
  'a database that is killed every five seconds under load loses nothing that was acknowledged, and flows go on within 3 s',
  async () => {
    const said: string[] = [];
    const verdict = await run({
      seed: seedOfRun(),
      seconds,
      killEveryMs: 5_000,
      nodes: 2,
      ordersPerSecond: 10,
      say: (line) => said.push(line),
    });
    if (verdict.found.length > 0) process.stdout.write(`postgres.test.ts:\n${said.join('\n')}\n`);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, stuck: 0, late: 0, found: [] });
    expect(verdict.kills).toBeGreaterThanOrEqual(2);
    expect(verdict.terminated).toBeGreaterThan(0);
    expect(verdict.runs).toBeGreaterThan(0);
  },
  seconds * 1000 + 240_000,
);
