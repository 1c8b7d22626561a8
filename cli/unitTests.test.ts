import { expect, test } from '@jest/globals';
import { choose } from './unitTests.ts';

const files = new Map([
  ['contracts/a.ts', ''],
  ['contracts/a.test.ts', `import { a } from './a.ts';`],
  ['test/database.ts', ''],
  ['ledger/b.ts', `import { a } from '../contracts/a.ts';`],
  ['ledger/fixture.ts', `import { freshDatabase } from '../test/database.ts';\nimport { b } from './b.ts';`],
  ['ledger/b.test.ts', `import { books } from './fixture.ts';`],
  ['ledger/c.test.ts', `import { freshDatabase } from '../test/database.ts';`],
  ['test/whole.test.ts', `import { freshDatabase } from './database.ts';`],
]);

test('without a change only what needs no server runs', () => {
  expect(choose(files, [])).toEqual({ chosen: ['contracts/a.test.ts'], left: 2 });
});

test('a change runs every test that reaches it, however far', () => {
  expect(choose(files, ['contracts/a.ts']).chosen).toEqual(['contracts/a.test.ts', 'ledger/b.test.ts']);
  expect(choose(files, ['ledger/c.test.ts']).chosen).toEqual(['contracts/a.test.ts', 'ledger/c.test.ts']);
});

test('a migration concerns every test with a database, an example those of its folder', () => {
  expect(choose(files, ['store/migrations/0001-engine.sql']).left).toBe(0);
  expect(choose(files, ['ledger/examples/x.json']).left).toBe(0);
  expect(choose(files, ['package.json']).left).toBe(2);
});

test('where nobody knows what changed, all run but those of the whole', () => {
  const { chosen } = choose(files, undefined);
  expect(chosen).toEqual(['contracts/a.test.ts', 'ledger/b.test.ts', 'ledger/c.test.ts']);
});
