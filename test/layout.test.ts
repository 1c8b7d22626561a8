/** The architecture, kept. Each planted breach below must be found, or the first test proves nothing. */
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { breachesOf, readFiles } from './layout.ts';

test('the house is as architecture.md and style.md say', () => {
  expect(breachesOf(readFiles(resolve(import.meta.dirname, '..')))).toEqual([]);
});

test.each([
  ['contracts/bank/bank.ts', `import { x } from '../../engine/engine.ts';`],
  ['contracts/bank/bank.ts', `import { x } from '../../mappings/bank/open.ts';`],
  ['mappings/bank/open.ts', `import type { Wire } from '../../adapters/wire.ts';`],
  ['adapters/bank/dialects/open.ts', `import { Engine } from '../../../engine/engine.ts';`],
  ['adapters/wire.ts', `import { pool } from '../store/store.ts';`],
  ['adapters/wire.ts', `import { world } from '../sandbox/world.ts';`],
  ['engine/engine.ts', `import { lock } from '../ledger/goods/pledges.ts';`],
  ['engine/engine.ts', `const { flows } = await import('../flows/flows.ts');`],
  ['engine/engine.ts', `import service from '../adapters/bank/bank.service.ts';`],
  ['ledger/money.ts', `import { Engine } from '../engine/engine.ts';`],
  ['flows/release.flow.ts', `import { send } from '../adapters/http.ts';`],
  ['gateway/server.ts', `import { bankOpen } from '../sandbox/bank/open.twin.ts';`],
  ['cli/start.ts', `import { twins } from '../sandbox/twins.ts';`],
  ['console/api.ts', `import type { RunRow } from '../gateway/runs.ts';`],
  ['console/api.test.ts', `import type { RunRow } from '../gateway/runs.ts';`],
  ['store/store.ts', `export * from '../engine/engine.ts';`],
  ['sandbox/bank/open.twin.ts', `import { seal } from '../../adapters/bank/dialects/openSeal.ts';`],
  ['sandbox/bank/open.test.ts', `export { toOpen } from '../../mappings/bank/open.ts';`],
  ['sandbox/bank/open.twin.ts', `import '../../engine/clock.ts';`],
  ['sandbox/bank/open.twin.ts', `import { fen } from '../../ledger/money.ts';`],
  ['sandbox/bank/open.twin.ts', `import { Yuan } from '../../contracts/canonical/primitives.ts';`],
  ['sandbox/bank/open.twin.ts', `import {\n  bank,\n} from '../../contracts/bank/bank.ts';`],
  ['elsewhere/file.ts', ''],
])('%s may not say %s', (path, text) => {
  expect(breachesOf(new Map([[path, text]]))).toContainEqual(expect.stringContaining(`${path}: i`));
});

test.each([
  ['sandbox/bank/open.twin.ts', `import type { Form } from '../../contracts/bank/open.wire.ts';`],
  ['engine/engine.test.ts', `import { freshDatabase } from '../test/database.ts';`],
  ['console/main.tsx', `import { createRoot } from 'react-dom/client';\nimport { x } from './api.ts';`],
  ['cli/hub.ts', `import config from '../moleculer.config.ts';`],
  ['test/hub.ts', `import { twins } from '../sandbox/twins.ts';`],
])('%s may say %s', (path, text) => {
  expect(breachesOf(new Map([[path, text]]))).toEqual([]);
});

test('an adapter without one of its pieces is named', () => {
  const service = `export default adapter({ kind: price, dialects: { quotes: quotesDialect } });`;
  const whole = [
    'contracts/price/price.ts',
    'contracts/price/quotes.wire.ts',
    'mappings/price/quotes.ts',
    'mappings/price/quotes.test.ts',
    'mappings/price/examples/quotes.one.json',
    'adapters/price/price.service.ts',
    'adapters/price/price.test.ts',
    'adapters/price/README.md',
    'adapters/price/dialects/quotes.ts',
    'sandbox/price/quotes.twin.ts',
    'sandbox/price/quotes.test.ts',
  ].map((path) => [path, path.endsWith('service.ts') ? service : ''] as const);
  expect(breachesOf(new Map(whole))).toEqual([]);
  for (const [piece] of whole.filter(([path]) => !path.endsWith('service.ts'))) {
    const rest = new Map(whole.filter(([path]) => path !== piece));
    expect(breachesOf(rest)).toEqual([expect.stringMatching(/: is missing$/)]);
  }
});

test.each([
  ['a default export', 'engine/clock.ts', 'export default 1;\n', 'default export'],
  ['a file that is too long', 'engine/clock.ts', '\n'.repeat(401), '401 lines'],
  ['a listed file that grew', 'console/styles/base.css', '\n'.repeat(501), 'more than 500'],
  ['a listed file that shrank', 'console/styles/base.css', '\n', 'need not be listed'],
  ['a path of one machine', 'docs/start.md', `see ${['', 'work', 'main'].join('/')}/docs\n`, 'one machine'],
])('%s is found', (_what, path, text, said) => {
  expect(breachesOf(new Map([[path, text]]))).toEqual([expect.stringContaining(said)]);
});
