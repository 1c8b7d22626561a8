/** What a file imports of its own project: packages and `node:` are nobody's concern here. */
import { dirname, join, normalize } from 'node:path/posix';

const pattern =
  /(?:^|[\s;}])(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"`]([^'"`]+)['"`]/g;

/** Every static and dynamic import, and every `export … from`, as it is written. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '').filter((name) => name.startsWith('.'));
}

/** Everything that a file imports, and what that imports, itself included. `files`: text by path from the root. */
export function closureOf(path: string, files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const reached = new Set([path]);
  for (const file of reached)
    for (const name of importsOf(files.get(file) ?? '')) reached.add(normalize(join(dirname(file), name)));
  return reached;
}
