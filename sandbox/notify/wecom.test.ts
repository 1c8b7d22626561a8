/** What the robot says to what is no message of a group. */
import { expect, test } from '@jest/globals';
import type { TwinContext, TwinRequest } from '../twin.ts';
import { notifyWecom } from './wecom.twin.ts';

const message = (content: unknown, msgtype = 'markdown') => JSON.stringify({ msgtype, markdown: { content } });

test.each([
  ['another key', message('x'), { key: 'other' }, 93000],
  ['no key', message('x'), {}, 93000],
  ['no JSON', '{', { key: 'k' }, 40035],
  ['another type', message('x', 'text'), { key: 'k' }, 40008],
  ['nothing to say', message(''), { key: 'k' }, 44004],
  ['a content that is no text', message(1), { key: 'k' }, 40035],
  ['more than 4096 bytes', message('链'.repeat(1_366)), { key: 'k' }, 45002],
  ['a message', message('链'.repeat(1_365)), { key: 'k' }, 0],
])('%s', async (_, body, query, errcode) => {
  const request: TwinRequest = {
    method: 'POST',
    path: '/cgi-bin/webhook/send',
    query,
    rawQuery: '',
    headers: {},
    body: Buffer.from(body),
  };
  const context = {
    memory: notifyWecom.memory(),
    clock: { now: () => new Date() },
    key: () => 'k',
    effect: () => undefined,
  } as unknown as TwinContext<ReturnType<typeof notifyWecom.memory>>;
  const answer = await notifyWecom.handle(request, context);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ errcode });
});
