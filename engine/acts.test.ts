import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approve, propose } from './acts.ts';
import { away, done, proposeAndApprove, runOf, settled, shopping, silent, standsAt, why } from './acts.fixture.ts';
import { database, ended, eventually, liveState, openDatabase, paths, shop, tell } from './engine.fixture.ts';
import { inspect } from './inspect.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

test('shows where a run stands, what would be undone in which order, and which acts are possible', async () => {
  const no = randomUUID();
  const { engine, acting } = await shopping('looked', () => done);
  await tell(engine, 'start.looked', no);
  const run = await standsAt('looked', no, 3);
  const before = await paths(no);
  const seen = await inspect(acting, run);
  expect(seen.standing).toMatchObject([{ path: 'shop.delivered', kind: 'wait', party: 'shop' }]);
  expect(seen.undos.map((undo) => undo.path)).toEqual(['shop.pay', 'reserve']);
  expect(seen.divergence).toBeNull();
  expect(seen.seq).toBe(4);
  const possible = seen.acts.filter((act) => act.possible).map((act) => act.kind);
  expect(possible).toEqual(expect.arrayContaining(['cancel', 'suspend', 'terminate', 'duplicate']));
  expect(seen.acts.find((act) => act.kind === 'resume')?.why).toBe('the run is not suspended');
  expect(await paths(no)).toEqual(before);
  await engine.stop();
});

test('cancels a waiting run: its undos run last first, and the journal says who did it and why', async () => {
  const no = randomUUID();
  const { engine, acting, undone } = await shopping('cancelled', () => done);
  await tell(engine, 'start.cancelled', no);
  const run = await standsAt('cancelled', no, 3);
  const act = await propose(acting, { run, kind: 'cancel', ...why });
  expect(await ended('cancelled', no)).toEqual({ outcome: 'cancelled', detail: 'by Zhang: agreed on the phone' });
  expect(undone).toEqual(['pay', 'reserve']);
  expect((await settled(act.id)).state).toBe('applied');
  const journal = await paths(no);
  expect(journal.slice(4)).toEqual(['act/cancel', '~shop.pay/pay back', '~reserve/undo', 'end']);
  await engine.stop();
});

test('a cancelled run learns what became of an unknown payment before it undoes it', async () => {
  const no = randomUUID();
  let answers = 0;
  const { engine, acting, undone } = await shopping('late', (call) => {
    if (call.operation === 'shop.pay') return silent;
    answers += 1;
    return { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'found' } } };
  });
  await tell(engine, 'start.late', no);
  const run = await standsAt('late', no, 3);
  await propose(acting, { run, kind: 'cancel', ...why });
  await eventually(async () => ((await paths(no)).includes('act/cancel') ? true : undefined));
  await standsAt('late', no, 3);
  expect(undone).toEqual([]);
  expect((await inspect(acting, run)).standing).toMatchObject([{ path: 'shop.pay', effect: { state: 'unknown' } }]);
  await database.store.pool.query('update effect set next_at = now() where number = $1', [no]);
  await engine.wake(run);
  expect((await ended('late', no)).outcome).toBe('cancelled');
  expect(answers).toBe(1);
  expect(undone).toEqual(['pay', 'reserve']);
  await engine.stop();
});

test('terminates without undoing anything, with two people, and opens an incident for what is left unknown', async () => {
  const no = randomUUID();
  const { engine, acting, undone } = await shopping('ended', () => silent);
  await tell(engine, 'start.ended', no);
  const run = await standsAt('ended', no, 3);
  const act = await propose(acting, { run, kind: 'terminate', ...why });
  await expect(approve(acting, act.id, { by: ' zhang ', payloadHash: act.payloadHash })).rejects.toMatchObject({
    type: 'SAME_PERSON_APPROVAL',
  });
  await expect(approve(acting, act.id, { by: 'Wang', payloadHash: 'other' })).rejects.toMatchObject({
    type: 'APPROVAL_STALE',
  });
  await approve(acting, act.id, { by: 'Wang', payloadHash: act.payloadHash });
  expect((await ended('ended', no)).outcome).toBe('terminated');
  expect(undone).toEqual([]);
  const incident = await database.store.pool.query('select kind from incident where run_id = $1', [run]);
  expect(incident.rows).toEqual([{ kind: 'abandonedEffect' }]);
  await engine.stop();
});

test('resolves an unknown effect by the verdict of two people, never by one', async () => {
  const no = randomUUID();
  const { engine, acting } = await shopping('resolved', () => silent);
  await tell(engine, 'start.resolved', no);
  const run = await standsAt('resolved', no, 3);
  const resolve = { path: 'shop.pay', verdict: 'confirmed', evidence: 'statement of 22 November, line 4' };
  await expect(
    propose(acting, { run, kind: 'resolve', body: { ...resolve, response: { serial: 7 } }, ...why }),
  ).rejects.toMatchObject({ type: 'CONTRACT_VIOLATED', errors: [{ pointer: '#/response/serial' }] });
  await proposeAndApprove(acting, {
    run,
    kind: 'resolve',
    body: { ...resolve, response: { serial: 'paper' } },
    ...why,
  });
  await eventually(async () => ((await paths(no)).length === 5 ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect(await ended('resolved', no)).toEqual({ outcome: 'delivered', detail: 'paper' });
  const effect = await database.store.pool.query('select state from effect where number = $1', [no]);
  expect(effect.rows).toEqual([{ state: 'confirmed' }]);
  await expect(
    database.store.pool.query(`update act set approved_by = proposed_by where run_id = $1`, [run]),
  ).rejects.toThrow();
  await engine.stop();
});

test('sends an instruction anew, under the same number, once two people know that it never came', async () => {
  const no = randomUUID();
  const sent: string[] = [];
  const { engine, acting } = await shopping('absent', (call) => {
    if (call.operation !== 'shop.pay') return silent;
    sent.push(call.effect.key);
    return sent.length < 2 ? silent : { outcome: 'confirmed', response: { serial: 'second' } };
  });
  await tell(engine, 'start.absent', no);
  const run = await standsAt('absent', no, 3);
  const body = { path: 'shop.pay', verdict: 'absent', evidence: 'their log has no line of it' };
  await proposeAndApprove(acting, { run, kind: 'resolve', body, ...why });
  await eventually(async () => ((await inspect(acting, run)).standing[0]?.kind === 'wait' ? true : undefined));
  expect(sent).toEqual([sent[0], sent[0]]);
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('absent', no)).detail).toBe('second');
  await engine.stop();
});

test('skips a call that the flow says may be skipped, and goes on with the answer supplied', async () => {
  const no = randomUUID();
  const { engine, acting } = await shopping('skipped', () => away);
  await tell(engine, 'start.skipped', no);
  const run = await standsAt('skipped', no, 3);
  await proposeAndApprove(acting, {
    run,
    kind: 'skip',
    body: { path: 'shop.pay', output: { serial: 'by hand' } },
    ...why,
  });
  await eventually(async () => ((await inspect(acting, run)).standing[0]?.kind === 'wait' ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('skipped', no)).detail).toBe('by hand');
  await engine.stop();
});

test('edits the input of a call that was certainly not sent: another effect under another key', async () => {
  const no = randomUUID();
  const sent: { key: string; no: string }[] = [];
  const { engine, acting } = await shopping('edited', (call) => {
    sent.push({ key: call.effect.key, no: (call.request as { no: string }).no });
    return (call.request as { no: string }).no === no ? away : done;
  });
  await tell(engine, 'start.edited', no);
  const run = await standsAt('edited', no, 3);
  await proposeAndApprove(acting, { run, kind: 'edit', body: { path: 'shop.pay', request: { no: `${no}b` } }, ...why });
  await eventually(async () => ((await inspect(acting, run)).standing[0]?.kind === 'wait' ? true : undefined));
  expect(sent.at(-1)?.no).toBe(`${no}b`);
  expect(new Set(sent.map((s) => s.key)).size).toBe(2);
  const effects = await database.store.pool.query('select state from effect where run_id = $1 order by state', [run]);
  expect(effects.rows).toEqual([{ state: 'confirmed' }, { state: 'replaced' }]);
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('edited', no)).outcome).toBe('delivered');
  await engine.stop();
});

test('refuses to edit what may have been sent, and to skip what the flow does not allow', async () => {
  const no = randomUUID();
  const { engine, acting } = await shopping(
    'strict',
    () => silent,
    async (run, order) => ({
      outcome: (await run.call(shop.operations.pay, order, { system: 'shop' })).serial,
    }),
  );
  await tell(engine, 'start.strict', no);
  const run = await standsAt('strict', no, 3);
  await expect(
    propose(acting, { run, kind: 'edit', body: { path: 'shop.pay', request: { no: 'x' } }, ...why }),
  ).rejects.toMatchObject({ type: 'ILLEGAL_TRANSITION', message: 'the call may have been sent: resolve it' });
  await expect(
    propose(acting, { run, kind: 'skip', body: { path: 'shop.pay', output: { serial: 'x' } }, ...why }),
  ).rejects.toMatchObject({ type: 'ILLEGAL_TRANSITION' });
  await engine.stop();
});

test('sends the same number again once, only because people say so', async () => {
  const no = randomUUID();
  let sent = 0;
  const { engine, acting } = await shopping('resent', (call) => {
    if (call.operation !== 'shop.pay') return silent;
    sent += 1;
    return sent === 1 ? silent : done;
  });
  await tell(engine, 'start.resent', no);
  const run = await standsAt('resent', no, 3);
  await propose(acting, { run, kind: 'resend', body: { path: 'shop.pay' }, ...why });
  await eventually(async () => ((await inspect(acting, run)).standing[0]?.kind === 'wait' ? true : undefined));
  expect(sent).toBe(2);
  const effects = await database.store.pool.query('select state, attempts from effect where run_id = $1', [run]);
  expect(effects.rows).toEqual([{ state: 'confirmed', attempts: 2 }]);
  await engine.stop();
});

test('an act that was decided before the run moved on is void, and says so', async () => {
  const no = randomUUID();
  const { engine, acting } = await shopping('moved', () => silent);
  await tell(engine, 'start.moved', no);
  const run = await standsAt('moved', no, 3);
  const { seq } = await inspect(acting, run);
  const body = { path: 'shop.pay', verdict: 'refused', detail: 'never arrived', evidence: 'letter of the bank' };
  const act = await propose(acting, { run, kind: 'resolve', body, ...why, seqSeen: seq });
  await propose(acting, { run, kind: 'suspend', ...why });
  await standsAt('moved', no, 4);
  await expect(approve(acting, act.id, { by: 'Wang', payloadHash: act.payloadHash })).rejects.toMatchObject({
    type: 'APPROVAL_STALE',
  });
  expect((await settled(act.id)).state).toBe('stale');
  await expect(propose(acting, { run, kind: 'retry', ...why, seqSeen: seq })).rejects.toMatchObject({
    type: 'APPROVAL_STALE',
  });
  await engine.stop();
});

test('a suspended run takes nothing until it is resumed', async () => {
  const no = randomUUID();
  const { engine, acting } = await shopping('paused', () => done);
  await tell(engine, 'start.paused', no);
  const run = await standsAt('paused', no, 3);
  await propose(acting, { run, kind: 'suspend', ...why });
  await standsAt('paused', no, 4);
  expect(await inspect(acting, run)).toMatchObject({
    suspended: true,
    problem: 'suspended by Zhang: agreed on the phone',
  });
  await tell(engine, shop.notices.delivered.name, no);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await liveState('paused', no))?.state).toBe(4);
  await propose(acting, { run, kind: 'resume', ...why });
  expect((await ended('paused', no)).outcome).toBe('delivered');
  await engine.stop();
});

test('cancels a run while it is executing, between two steps', async () => {
  const no = randomUUID();
  let calls = 0;
  const { engine, acting, undone } = await shopping(
    'busy',
    async () => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return done;
    },
    async (run, order) => {
      for (let i = 0; i < 200; i += 1)
        await run.call(
          shop.operations.pay,
          { no: `${order.no}-${i}` },
          {
            system: 'shop',
            undo: async (r) => r.record('back', async () => void undone.push(String(i))),
          },
        );
      return { outcome: 'never' };
    },
  );
  await tell(engine, 'start.busy', no);
  const run = await runOf('busy', no);
  await eventually(async () => (calls > 2 ? true : undefined));
  await propose(acting, { run, kind: 'cancel', ...why });
  expect((await ended('busy', no)).outcome).toBe('cancelled');
  expect(undone.length).toBe(calls);
  expect(undone).toEqual(undone.toSorted((a, b) => Number(b) - Number(a)));
  await engine.stop();
});
