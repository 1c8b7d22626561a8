/** The hub's day, on a clock that is moved: each work is told at its time, once, and missed days are made up for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import { freshDatabase } from '../test/database.ts';
import { days } from './days.flow.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('each work of a day is told once and not before its time; a month that was missed is made up for', async () => {
  const { store } = database;
  await store.pool.query(
    `insert into system (id, kind, dialect, url, name_zh, name_en) values ('files-one', 'clearing', 'files', 'sftp://127.0.0.1:1', '文件', 'Files')`,
  );
  const clock = new Clock();
  const at = (instant: string) =>
    clock.set({ realMs: Date.now(), businessMs: new Date(instant).getTime(), speed: 0 }, store);
  await at('2026-11-23T08:00:00+08:00');
  const engine = new Engine({
    store,
    url: database.url,
    clock,
    flows: [days],
    sweepMs: 100,
    call: async () => ({ outcome: 'refused', code: 'INTERNAL', detail: 'nobody is asked' }),
  });
  const problems: string[] = [];
  engine.events.on('problem', (problem: string) => problems.push(problem));
  const told = async () =>
    (await store.pool.query<{ key: string }>("select key from signal where notice = 'hub.due' order by key")).rows.map(
      ({ key }) => key.slice('hub.due:'.length),
    );
  const eventually = async (count: number) => {
    for (let i = 0; i < 200 && (await told()).length < count; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return told();
  };
  await engine.start();
  await engine.begin('days', { on: '2026-11-23' });
  await at('2026-11-23T08:59:00+08:00');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await told()).toEqual([]);
  await at('2026-11-23T09:01:00+08:00');
  expect(await eventually(1)).toEqual(['settlement/files-one/2026-11-23']);
  await at('2026-12-05T10:00:00+08:00');
  const all = await eventually(13);
  expect(all).toEqual(
    Array.from({ length: 13 }, (_none, day) => {
      const on = new Date(Date.UTC(2026, 10, 23 + day)).toISOString().slice(0, 10);
      return `settlement/files-one/${on}`;
    }),
  );
  expect(problems).toEqual([]);
  await engine.stop();
}, 30_000);
