import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHub, type TestHub } from './testHub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());

test('partners find every contract in the list and can download each file of it', async () => {
  const list = await fetch(`${hub.url}/contracts/index.json`);
  expect(list.headers.get('content-type')).toContain('application/json');
  const names = [...JSON.stringify(await list.json()).matchAll(/"([\w.-]+\.v\d+\.json)"/g)].map((match) => match[1]);
  expect(names.length).toBeGreaterThan(100);
  const one = await fetch(`${hub.url}/contracts/${names[0]}`);
  expect([one.status, one.headers.get('content-type')]).toEqual([200, 'application/schema+json']);
  expect(await one.json()).toHaveProperty('$id');
});

test.each(['../../package.json', '..%2f..%2fpackage.json', '%2e%2e/README.md', 'none.v1.json', 'README.md'])(
  '%s leads nowhere',
  async (name) => {
    const answer = await fetch(`${hub.url}/contracts/${name}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  },
);
