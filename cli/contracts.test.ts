import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { contracts, type ContractsOptions } from './contracts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'contracts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(words: string, options: ContractsOptions = {}): Promise<{ code: number; out: string }> {
  let out = '';
  const code = await contracts(words.split(' '), { folder, ...options }, (text) => (out += text));
  return { code, out };
}

test('list names every contract with its Chinese title, version and file', async () => {
  const { code, out } = await run('list');
  expect(code).toBe(0);
  expect(out).toMatch(/^warehouse-receipt +仓单 +v1 +entity +warehouse-receipt\.v1\.json$/m);
  expect(out).toMatch(/^bank\/disbursement +\S+ +v1 +operation +内部 internal$/m);
  const { out: json } = await run('list', { json: true, kind: 'message' });
  const listed = (JSON.parse(json) as { contracts: { name: string }[] }).contracts.map(({ name }) => name);
  expect(listed).toContain('evt.loan.overdue');
  expect(listed).not.toContain('loan');
  await expect(run('list', { kind: 'nothing' })).rejects.toThrow('no such kind');
});

test('show tells each field: type, unit, limits, source in law, mark for personal data', async () => {
  const { out } = await run('show release-order');
  expect(out).toMatch(/^picker\.idNo +证件号码 +string +是 yes .*idNo/m);
  expect(out).toMatch(/^valueCheck\.valueAfter +解押后价值 +money 0\.00 +是 yes +CNY/m);
  expect((await run('show warehouse-receipt')).out).toMatch(/^lossStandard .*Civil Code art\. 909\(3\)/m);
  await expect(run('show receipt')).rejects.toThrow('Perhaps: goods-receipt, warehouse-receipt');
  await expect(run('show')).rejects.toThrow('usage');
  await expect(run('shew')).rejects.toThrow('no such act');
});

test('publish writes files that any validator of JSON Schema 2020-12 takes, with examples that keep them', async () => {
  expect((await run('check')).code).toBe(1);
  expect((await run('publish')).code).toBe(0);
  expect(await run('check')).toEqual({ code: 0, out: expect.stringContaining('as published') });
  const ajv = new Ajv2020({ strict: false });
  (addFormats as unknown as (target: typeof ajv) => void)(ajv);
  const files = readdirSync(folder).filter((name) => name !== 'index.json');
  expect(files.length).toBeGreaterThan(130);
  for (const file of files) {
    const schema = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { examples: unknown[] };
    expect([file, ajv.validate(schema, schema.examples[0])]).toEqual([file, true]);
  }
});

test('publish refuses a breaking change, says the field, and writes nothing', async () => {
  await run('publish');
  const file = join(folder, 'price-quote.v1.json');
  const index = join(folder, 'index.json');
  // As if the version that was published had one field more than the code has now.
  const earlier = readFileSync(file, 'utf8').replace('"properties": {', '"properties": {\n    "bid": {},');
  writeFileSync(file, earlier);
  const { createHash } = await import('node:crypto');
  const rows = JSON.parse(readFileSync(index, 'utf8')) as { contracts: { name: string; sha256: string }[] };
  const row = rows.contracts.find(({ name }) => name === 'price-quote');
  if (row) row.sha256 = createHash('sha256').update(earlier).digest('hex');
  writeFileSync(index, JSON.stringify(rows));
  const { code, out } = await run('publish');
  expect(code).toBe(1);
  expect(out).toContain('✗ price-quote (price-quote.v1.json): #/bid field removed, which breaks writers and readers');
  expect(readFileSync(file, 'utf8')).toBe(earlier);
});

test('the published files of this checkout are what the code makes, and break nobody', async () => {
  let out = '';
  const code = await contracts(['check'], {}, (text) => (out += text));
  expect([code, out]).toEqual([0, expect.stringContaining('as published')]);
});
