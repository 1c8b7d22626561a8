/** The published schemas, as libxml2 reads them (`xmllint`). */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needingXmllint } from '../../test/programs.ts';

export const { test: withXmllint } = needingXmllint();

/** Indices of those that are not valid. */
export async function invalidOnes(schema: string, documents: readonly string[]): Promise<number[]> {
  return [...new Set((await schemaFaults(schema, documents)).map((line) => Number(/\/(\d+)\.xml/.exec(line)?.[1])))];
}

/** What xmllint has to say; nothing when all are valid. */
export async function schemaFaults(schema: string, documents: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-xsd-'));
  try {
    const files = documents.map((document, index) => {
      writeFileSync(join(folder, `${index}.xml`), document);
      return join(folder, `${index}.xml`);
    });
    const place = join(import.meta.dirname, '../../contracts/wms/soap', schema);
    const said = await new Promise<string>((done) => {
      execFile('xmllint', ['--noout', '--nonet', '--schema', place, ...files], { maxBuffer: 1 << 26 }, (_e, _o, err) =>
        done(err),
      );
    });
    return said.split('\n').filter((line) => /fails to validate$|parser error/.test(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The element in the body, with the namespaces that the envelope declares. */
export function payloadIn(message: Buffer | undefined): string {
  const text = message?.toString() ?? '';
  const open = /<(?:[\w-]+:)?Envelope([^>]*)>/.exec(text)?.[1] ?? '';
  const declared = [...open.matchAll(/xmlns:[\w-]+="[^"]*"/g)].map(([each]) => each).join(' ');
  const body = /<([\w-]+:)?Body[^>]*>([\s\S]*)<\/\1?Body>/.exec(text)?.[2] ?? '';
  return body.trim().replace(/^<[\w:-]+/, (name) => `${name} ${declared}`);
}
