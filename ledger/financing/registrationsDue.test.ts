/** Who should have cancelled a registration may have stopped on the way: the last day rings all the same (I-33). */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installFixtureProject, project } from '../configuration/project.fixture.ts';
import { actor, books, type Books } from '../fixture.ts';
import { warnOfRegistrations } from './registrations.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
  await installFixtureProject(the);
}, 30_000);
afterAll(() => the.drop());

test('a registration whose loan is settled rings on the last day on which it is to be cancelled, once', async () => {
  const { requestNo, caseId } = await the.bring('posted');
  const { rows } = await the.store.pool.query<{ no: string; due: string; before: string }>(
    'select registration_no no, cancel_due::text due, (cancel_due - 1)::text "before" from registration where request_no = $1',
    [requestNo],
  );
  const { no, due = '', before = '' } = rows[0] ?? {};
  const warn = (on: string) => the.store.tx((tx) => warnOfRegistrations(tx, project, on, actor));
  const alerts = async () =>
    (await the.store.pool.query("select case_id, state from alert where type = 'REG_EXPIRING' and subject = $1", [no]))
      .rows;
  expect(await warn(before)).toBe(0);
  expect(await alerts()).toEqual([]);
  expect([await warn(due), await warn(due)]).toEqual([1, 1]);
  expect(await alerts()).toEqual([{ case_id: caseId, state: 'OPEN' }]);
});
