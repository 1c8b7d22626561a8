/** `npm run new adapter <kind>`: the files that every adapter has, compiling and with a green test, to be filled in. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from './home.ts';

/** One read operation, `ping`, signed with HMAC in both directions; as text, so that no tool takes it for code of ours. */
const skeletonFolder = join(import.meta.dirname, 'skeleton');
const usage = 'npm run new adapter <kind> [-- --dialect <vendor>] [--into <folder>]';
const nameForm = /^[a-z][a-z0-9]{1,23}$/;
const vendorDefault = 'open';
const folders = ['contracts', 'mappings', 'adapters', 'sandbox'];
/** Names that the skeleton's own code uses, and words of the language. */
const taken = new Set(
  `adapter bench clock contract kind keys mapping operation service strict twin test expect json hub running ping wire
  answer folder signed ask parsed verify mac keys async await break case catch class const continue debugger default
  delete do else enum export extends false finally for function if implements import in instanceof interface let new
  null package private protected public return static super switch this throw true try typeof undefined var void while
  with yield eval arguments process string number boolean object symbol any never unknown`.split(/\s+/),
);

export async function newAdapter(
  args: string[],
  print: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<number> {
  const refuse = (message: string) => {
    print(`${message}\n`);
    return 2;
  };
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { dialect: { type: 'string' }, into: { type: 'string' } },
  });
  const [what, kind = '', ...rest] = positionals;
  if (what !== 'adapter' || rest.length > 0) return refuse(`用法 usage: ${usage}`);
  const vendor = values.dialect ?? vendorDefault;
  const root = resolve(values.into ?? projectFolder);
  const wrong = wrongName('kind', kind) ?? wrongName('dialect', vendor) ?? wrongPlace(root, kind);
  if (wrong !== undefined) return refuse(wrong);
  if (kind === vendor) return refuse(`the kind and its dialect cannot both be called ${kind}`);
  const files = skeletonOf(kind, vendor);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { flag: 'wx' });
  }
  offerTwin(root, kind, vendor);
  format([...files.keys()].map((path) => join(root, path)));
  process.stdout.write(`${[...files.keys()].join('\n')}\n\n${nextSteps(kind, vendor)}`);
  return 0;
}

/** Adapters' tests meet their twin through this file alone. */
function offerTwin(root: string, kind: string, vendor: string): void {
  const file = join(root, 'test', 'twins.ts');
  const name = `${kind}${vendor.charAt(0).toUpperCase()}${vendor.slice(1)}`;
  if (existsSync(file)) appendFileSync(file, `export { ${name} } from '../sandbox/${kind}/${vendor}.twin.ts';\n`);
}

/** Where a line breaks depends on the length of the names. Without the tool the text stays as it is: `check` tells. */
function format(files: readonly string[]): void {
  const tool = join(projectFolder, 'node_modules', 'oxfmt', 'bin', 'oxfmt');
  const config = join(projectFolder, '.oxfmtrc.json');
  spawnSync(process.execPath, [tool, '--config', config, ...files], { cwd: projectFolder, stdio: 'ignore' });
}

/** Text by path. */
function skeletonOf(kind: string, vendor: string): ReadonlyMap<string, string> {
  const names: Readonly<Record<string, string>> = {
    kind,
    vendor,
    Vendor: vendor.charAt(0).toUpperCase() + vendor.slice(1),
  };
  const fill = (text: string) => text.replaceAll(/__(\w+?)__/g, (_whole, name: string) => names[name] ?? '');
  return new Map(
    readdirSync(skeletonFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [fill(relative(skeletonFolder, file).replace(/\.txt$/, '')), fill(readFileSync(file, 'utf8'))]),
  );
}

function wrongName(what: string, name: string): string | undefined {
  if (!nameForm.test(name))
    return `${what} "${name}" is no name: 2 to 24 lower-case letters and digits, a letter first`;
  return taken.has(name) ? `${what} "${name}" would clash with a word of the code; choose another` : undefined;
}

function wrongPlace(root: string, kind: string): string | undefined {
  const there = folders.map((folder) => join(root, folder, kind)).find((folder) => existsSync(folder));
  return there === undefined ? undefined : `${there} exists already: nothing was written`;
}

function nextSteps(kind: string, vendor: string): string {
  return `下一步 next:
1. npm test -- adapters/${kind} sandbox/${kind} mappings/${kind}
2. contracts/${kind}/${kind}.ts: the operations and notices that the business needs; then wire, mapping, dialect, twin.
   The twin is written from the vendor's document, never from the dialect: two readings, or the test proves nothing.
3. mappings/mappings.ts: the module with the mappings; npx lianshu mappings check ${kind} (docs/mappings.md).
   cli/hub.ts: the service in \`services\`, the kind in \`kinds\`.  sandbox/twins.ts: the twin in \`twins\`.
4. adapters/${kind}/README.md: systems, settings, keys, limits, quirks of ${vendor}.
5. npm run check
`;
}
