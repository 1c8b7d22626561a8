import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multipart } from './multipart.ts';

test('another reader finds the texts and the file as they were, whatever is in them', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((each) => each.replaceAll(/[\r\n]/g, ' '));
  const bytes = fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(text, text, bytes, async (title, fileName, content) => {
      const { type, body } = multipart(
        { contractId: '1', title },
        { name: 'file', fileName, contentType: 'application/pdf', bytes: Buffer.from(content) },
      );
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
      expect([form.get('contractId'), form.get('title')]).toEqual(['1', title]);
      const file = form.get('file');
      if (file === null || typeof file === 'string') throw new Error('no file');
      expect(Buffer.from(await file.arrayBuffer()).equals(Buffer.from(content))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('a file name cannot end its own place', () => {
  const fileName = 'a"; name="x"\r\nX-Evil: 1\r\n\r\n';
  const { body } = multipart({}, { name: 'file', fileName, contentType: 'application/pdf', bytes: Buffer.alloc(0) });
  expect(body.toString()).toContain('filename="a%22; name=%22x%22%0D%0AX-Evil: 1%0D%0A%0D%0A"');
});
