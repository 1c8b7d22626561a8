/** Writes `store/schema.sql`: what all migrations together make, on an empty database that is thrown away again. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSchema } from '../store/schema.ts';
import { projectFolder } from './home.ts';
import { withDatabase } from '../store/throwaway.ts';

const file = join(projectFolder, 'store', 'schema.sql');

/** With `check` it writes nothing and fails when the committed file is not what the migrations make. */
export async function schema(check: boolean): Promise<number> {
  const fresh = await withDatabase(({ store }) => dumpSchema(store));
  if (!check) {
    writeFileSync(file, fresh);
    process.stdout.write(`${file}\n`);
    return 0;
  }
  const line = firstDifference(existsSync(file) ? readFileSync(file, 'utf8') : '', fresh);
  if (line === undefined) return 0;
  process.stderr.write(
    `store/schema.sql is not what the migrations make, first in line ${line}: run npx lianshu schema\n`,
  );
  return 1;
}

function firstDifference(kept: string, fresh: string): number | undefined {
  if (kept === fresh) return undefined;
  const [a, b] = [kept.split('\n'), fresh.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  return (at === -1 ? a.length : at) + 1;
}
