/** Whatever bytes come: a line is a line of the contract, or the file is refused with a failure that names the place. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { isFailure } from '../../../contracts/failures.ts';
import { csvRows } from './csv.ts';
import { fixedWidthRows } from './fixedWidth.ts';
import { settlementLines } from './reading.ts';
import type { Rows } from './rows.ts';

const file = { name: 'F', on: '2026-11-23', sequence: 1, sizeBytes: 0, sha256: '0'.repeat(64), count: 2 };
const pad = (text: string, bytes: number) => {
  const encoded = iconv.encode(text, 'gbk');
  return Buffer.concat([encoded, Buffer.alloc(bytes - encoded.length, 0x20)]);
};
const detail = (no: number, name = '厦门链枢') =>
  Buffer.concat([
    Buffer.from('D'),
    pad(`S${no}`, 20),
    pad(`RP-${no}`, 30),
    Buffer.from('D000000000000101CNY2026112309300000'),
    pad(name, 60),
    Buffer.from('\n'),
  ]);
const whole = Buffer.concat([
  Buffer.from('H100690      2026112301\n'),
  detail(1),
  detail(2),
  Buffer.from('T0000000200000000000000202\n'),
]);
const csv =
  'H,100690,20261123,01\r\nD,S1,RP-1,D,1.01,CNY,20261123,093000,00,"厦门,""链枢"""\r\nD,S2,RP-2,C,1.01,CNY,20261123,093000,01,\r\nT,2,2.02\r\n';

async function* inParts(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % Math.max(sizes.length, 1)] ?? 1;
    // One buffer for all parts, as the client does it: whoever keeps a view of it sees it change.
    yield Buffer.from(bytes.subarray(at, (at += size)));
  }
}

async function linesOf(rows: Rows) {
  const told = { totals: undefined };
  const lines = [];
  for await (const batch of settlementLines(rows, file, '100690', told)) lines.push(...batch);
  return lines;
}

const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });

test('wherever the bytes are cut into parts, through a character too, the lines are the same', async () => {
  const fixed = await linesOf(fixedWidthRows(inParts(whole, [whole.length]), 'F'));
  expect(fixed).toMatchObject([{ serialNo: 'S1', counterparty: '厦门链枢', amount: '1.01' }, { serialNo: 'S2' }]);
  await fc.assert(
    fc.asyncProperty(sizes, async (parts) => {
      expect(await linesOf(fixedWidthRows(inParts(whole, parts), 'F'))).toEqual(fixed);
      for (const encoding of ['gbk', 'utf8'] as const) {
        const bytes = iconv.encode(csv, encoding);
        expect(await linesOf(csvRows(inParts(bytes, parts), 'F', encoding))).toMatchObject([
          { counterparty: '厦门,"链枢"', direction: 'debit' },
          { serialNo: 'S2', status: 'failed' },
        ]);
      }
    }),
    { numRuns: 40 },
  );
});

const damage = fc.record({
  at: fc.nat(),
  bytes: fc.uint8Array({ minLength: 0, maxLength: 40 }),
  drop: fc.integer({ min: 0, max: 40 }),
});

test('however a file is damaged, it is read to the same totals or refused by a failure; nothing else is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(
      damage,
      fc.constantFrom('fixed' as const, 'gbk' as const, 'utf8' as const),
      async ({ at, bytes, drop }, form) => {
        const good = form === 'fixed' ? whole : iconv.encode(csv, form);
        const from = at % good.length;
        const bad = Buffer.concat([good.subarray(0, from), bytes, good.subarray(from + drop)]);
        const parts = inParts(bad, [64]);
        try {
          const lines = await linesOf(form === 'fixed' ? fixedWidthRows(parts, 'F') : csvRows(parts, 'F', form));
          expect(lines).toHaveLength(2);
          expect(lines.every(({ amount }) => /^\d+\.\d\d$/.test(amount))).toBe(true);
        } catch (thrown) {
          if (!isFailure(thrown)) throw thrown;
          expect(['CONTRACT_VIOLATED', 'FILE_NOT_WHOLE']).toContain(thrown.type);
          expect(thrown.message).toMatch(/^F/);
        }
      },
    ),
    { numRuns: Number(process.env['LIANSHU_CASES'] ?? '300') },
  );
});

test('what stands in a line that is refused is not told: it may be personal', async () => {
  const bad = Buffer.concat([whole.subarray(0, 24), detail(1, '张三六二二二'), Buffer.from('D张三\n')]);
  const failed = linesOf(fixedWidthRows(inParts(bad, [bad.length]), 'F'));
  await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining('张三') });
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('F line 3') });
});

test.each(['', '   ', '"', '"a', 'D', ',,,', '\r\n\r\n', 'H,1,2,3', '\u0000', 'D'.repeat(5_000)])(
  'the CSV %j is refused',
  async (text) => {
    const failed = linesOf(csvRows(inParts(Buffer.from(text), [64]), 'F', 'utf8'));
    await expect(failed).rejects.toMatchObject({ type: expect.stringMatching(/CONTRACT_VIOLATED|FILE_NOT_WHOLE/) });
  },
);
