/** The command line of mappings, on the mappings of the house. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { codeTables, mappings as all } from '../mappings/mappings.ts';
import { mappings, type MappingsOptions } from './mappings.ts';
import { examplesOf, mappingsFolder, readExamples } from './mappings/examples.ts';
import { reviewOf } from './mappings/review.ts';

const folder = mkdtempSync(join(tmpdir(), 'lianshu-replay-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(all.map((each) => [each.name, each] as const))(
  '%s: all it does is shown by examples and said',
  (_, mapping) => {
    expect(reviewOf(mapping, examplesOf(mapping), codeTables).problems).toEqual([]);
  },
);

test('every example is the example of one mapping', () => {
  const claimed = all.flatMap((mapping) =>
    examplesOf(mapping).map(({ file }) => `${mapping.name.split('.')[0]}/${file}`),
  );
  const there = readdirSync(mappingsFolder, { withFileTypes: true })
    .filter((kind) => kind.isDirectory() && kind.name !== 'codes')
    .flatMap((kind) => readdirSync(join(mappingsFolder, kind.name, 'examples')).map((file) => `${kind.name}/${file}`));
  expect(claimed.sort()).toEqual(there.sort());
});

describe('check', () => {
  test('of all tells how much there is, and that nothing is wrong', async () => {
    const { code, out } = await said(['check'], { json: true });
    const figures = JSON.parse(out) as { mappings: number; wrong: number; codes: number; reviews: unknown[] };
    expect({ code, wrong: figures.wrong, mappings: figures.mappings }).toEqual({
      code: 0,
      wrong: 0,
      mappings: all.length,
    });
    expect(figures.reviews).toHaveLength(all.length);
    expect(figures.codes).toBeGreaterThan(100);
  });

  test('of one shows every field', async () => {
    const { code, out } = await said(['check', 'clearing.cpcn.payment']);
    expect(code).toBe(0);
    expect(out).toContain('/amount → /Amount');
    expect(out).toContain('/HasSubsequentSplit = "1"');
    expect(out).toMatch(/丢弃 dropped\n {4}\/payee\/account\/accountName {2}— the gateway/);
  });

  test('of what is not there says what is', async () => {
    const { code, err } = await said(['check', 'bank.closed']);
    expect(code).toBe(2);
    expect(err).toContain('bank.open.toApplication');
  });
});

describe('replay', () => {
  const name = 'wms.qimen.orderOutbound';
  const mapping = all.find((each) => each.name === name);
  const [example] = mapping ? examplesOf(mapping) : [];
  const recorded = (file: string, change: object) => {
    const path = join(folder, file);
    const to = { ...(example?.to as { deliveryOrder: object }) };
    writeFileSync(
      path,
      JSON.stringify({ from: example?.from, to: { ...to, deliveryOrder: { ...to.deliveryOrder, ...change } } }),
    );
    return path;
  };

  test('of what still comes out the same is 0, of a difference 1, of an accepted one 0', async () => {
    const from = recorded('same.json', {});
    expect(await said(['replay', name], { from })).toMatchObject({ code: 0 });
    recorded('other.json', {
      warehouseCode: 'XM02',
      pickerInfo: { name: '张三', id: '350600199509090090', carNo: 'X' },
    });
    const different = await said(['replay', name], { from: folder });
    expect(different.code).toBe(1);
    expect(different.out).toContain('/deliveryOrder/warehouseCode: "XM02" →');
    expect(different.out).toContain('/deliveryOrder/pickerInfo/name: "张*" →');
    expect(different.out).not.toContain('350600199509090090');
    const accepted = await said(['replay', name], { from: folder, accept: true, json: true });
    expect(accepted.code).toBe(0);
    expect(JSON.parse(accepted.out)).toMatchObject({ messages: 2, different: 1, accepted: true });
  });

  test('of what is no record says which file, and never what is in it', () => {
    writeFileSync(join(folder, 'broken.json'), '{"from": 350600199509090090');
    expect(() => readExamples(join(folder, 'broken.json'))).toThrow(/^[^{]*broken\.json is not JSON$/);
    writeFileSync(join(folder, 'broken.json'), '{"secret": 1}');
    expect(() => readExamples(join(folder, 'broken.json'))).toThrow('was expected');
  });

  test('against something that is no commit is refused before git sees it', async () => {
    const options = { from: recorded('same.json', {}), against: '--output=/tmp/x' };
    await expect(mappings(['replay', name], options)).rejects.toThrow('is no name of a commit');
  });
});

test.each([[[]], [['show']], [['replay', 'bank']], [['check', 'a', 'b']]])(
  '%j is not understood',
  async (positionals) => {
    expect(await said(positionals)).toMatchObject({ code: 2, err: expect.stringContaining('usage') });
  },
);

async function said(positionals: readonly string[], options: MappingsOptions = {}) {
  const texts = { out: '', err: '' };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((texts.out += String(text)))),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((texts.err += String(text)))),
  ];
  try {
    return { code: await mappings(positionals, options), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
