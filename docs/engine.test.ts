/** The documentation of the engine shows code that runs: its examples are files of their own, shown as they are. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { database, ended, eventually, liveState, node, openDatabase } from '../engine/engine.fixture.ts';
import type { ActionCall, ActionOutcome } from '../engine/host.ts';
import { keepSignal, signalKey } from '../engine/signals.ts';
import { decide, openTasks } from '../engine/tasks.ts';
import { checks } from './examples/checks.flow.ts';
import { depot } from './examples/depot.ts';
import { handOut } from './examples/handOut.flow.ts';
import { rent } from './examples/rent.flow.ts';

const text = readFileSync(join(import.meta.dirname, 'engine.md'), 'utf8');

beforeAll(openDatabase);
afterAll(() => database.drop());

test.each(['depot.ts', 'handOut.flow.ts', 'rent.flow.ts', 'checks.flow.ts'])('shows %s as it is', (file) => {
  const code = readFileSync(join(import.meta.dirname, 'examples', file), 'utf8');
  expect(text).toContain(`\`\`\`ts\n// docs/examples/${file}\n${code}\`\`\``);
});

test('names only tests, commands and files that exist', () => {
  const files = [...text.matchAll(/`([a-z]+\/[\w./-]+\.ts)`/g)].map(([, file]) => file ?? '');
  expect(files.length).toBeGreaterThan(3);
  for (const file of files)
    expect({ file, exists: existsSync(join(import.meta.dirname, '..', file)) }).toEqual({ file, exists: true });
});

test('hands out when two people agree, and takes the reservation back when one does not', async () => {
  const asked: string[] = [];
  const { engine } = await node([handOut], (call) => depotOf(call, asked));
  for (const [decision, outcome] of [
    ['approved', 'handed out'],
    ['rejected', 'rejected'],
  ] as const) {
    const orderNo = randomUUID().slice(0, 32);
    const { caseId } = await engine.begin(handOut.name, { orderNo, pieces: 3 });
    const task = await eventually(async () => (await openTasks(database.store)).find((each) => each.case === caseId));
    for (const person of decision === 'approved' ? ['Wang', 'Li'] : ['Wang']) {
      const decided = { person, decision, payloadHash: task.payloadHash, reason: 'as agreed' };
      const { key } = await decide(database.store, task.id, decided);
      if (key !== undefined) await engine.signalled([key]);
    }
    if (decision === 'approved') {
      await eventually(async () => ((await liveState(handOut.name, orderNo))?.state === 3 ? true : undefined));
      const fact = { notice: depot.notices.left.name, key: orderNo, id: orderNo, message: { orderNo } };
      await database.store.tx((tx) => keepSignal(tx, fact));
      await engine.signalled([signalKey(fact)]);
    }
    expect((await ended(handOut.name, orderNo)).outcome).toBe(outcome);
  }
  expect(asked).toEqual(['depot.reserve', 'depot.reserve', 'depot.cancel']);
  await engine.stop();
});

test('pays rent month by month, a run each', async () => {
  const { engine } = await node([rent]);
  const leaseNo = randomUUID().slice(0, 32);
  await engine.begin(rent.name, { leaseNo, months: 3 });
  await ended(rent.name, `${leaseNo}~3`);
  const { rows } = await database.store.pool.query<{ key: string; outcome: string }>(
    'select key, outcome from run_done where flow = $1 order by id',
    [rent.name],
  );
  expect(rows).toEqual([
    { key: leaseNo, outcome: 'continued' },
    { key: `${leaseNo}~2`, outcome: 'continued' },
    { key: `${leaseNo}~3`, outcome: 'lease ended' },
  ]);
  await engine.stop();
});

test('checks side by side', async () => {
  const { engine } = await node([checks], (call) => depotOf(call, []));
  const { run } = await engine.begin(checks.name, { orderNo: randomUUID().slice(0, 32), pieces: 101 });
  expect(await engine.ended(run)).toEqual({ outcome: 'checked', detail: 'A-7, large' });
  await engine.stop();
});

function depotOf(call: ActionCall, asked: string[]): ActionOutcome {
  asked.push(call.operation);
  if (call.operation === 'depot.reserve') return { outcome: 'confirmed', response: { place: 'A-7' } };
  return { outcome: 'confirmed', response: call.request };
}
