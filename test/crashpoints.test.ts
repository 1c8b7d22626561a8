/**
 * A hundred of the kills of `lianshu crash`: the hub dies before, inside and after journal writes, requests and
 * messages, and the counterparties' own logs and the books say what became of it.
 *
 * `LIANSHU_SEED=<n>` chooses other points, `LIANSHU_SEED=random` new ones each time.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { seedOfRun } from './chance.ts';
import * as hub from './hub.ts';

const kills = 100;
/** Of those of the whole: goods, credit and receivables, each from its beginning to the money back. */
const stories = ['spot-pledge/happy', 'credit/happy', 'factoring/happy'];
/** Ten times what it takes on a machine that has nothing else to do. */
const limitMs = 1_200_000;

let home: hub.Home;
let started: hub.Started | undefined;
beforeEach(async () => {
  home = await hub.newHome();
});
afterEach(async () => {
  started?.child.kill('SIGTERM');
  await started?.ended;
  await home.remove();
}, 60_000);

test(
  'a hub that is killed at a hundred points loses nothing, does nothing twice, and leaves nothing stuck',
  async () => {
    const seed = seedOfRun();
    started = hub.launch(home, ['crash', ...stories, '--points', String(kills), '--seed', String(seed), '--json']);
    const { code, out, err } = await started.ended;
    const last = out.trim().split('\n').at(-1) ?? '';
    process.stdout.write(`crashpoints.test.ts: ${last}\n`);
    if (code !== 0) process.stdout.write(`${err}\n`);
    expect(JSON.parse(last || '{}')).toMatchObject({ kills, lost: 0, duplicated: 0, stuck: 0, broken: 0, seed });
    expect(code).toBe(0);
  },
  limitMs,
);
