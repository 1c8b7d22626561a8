/** The architecture as a function: files in, breaches out. `layout.test.ts` holds the house to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { importsOf } from '../cli/imports.ts';

/** By path from the root, with `/`. */
export type Files = ReadonlyMap<string, string>;

/** What a folder may import, itself included. `*` is everything; a name with a dot or slash is that file or pattern only. */
const mayImport: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  contracts: ['contracts'],
  mappings: ['mappings', 'contracts'],
  // Of the engine, what carries a message and what an effect is; never runs, journal or flows.
  adapters: ['adapters', 'mappings', 'contracts', /^engine\/(exchanges|call)\.ts$/],
  store: ['store'],
  engine: ['engine', 'contracts', 'store'],
  ledger: ['ledger', 'contracts', 'store'],
  flows: ['flows', 'ledger', 'engine', 'contracts'],
  gateway: ['gateway', 'flows', 'ledger', 'engine', 'contracts', 'store'],
  // The other side of the wire: two independent implementations are what makes a green test mean something.
  sandbox: ['sandbox', /^contracts\/[^/]+\/[^/]+\.wire\.ts$/],
  console: ['console'],
  cli: [
    'cli',
    'gateway',
    'flows',
    'ledger',
    'engine',
    'adapters',
    'mappings',
    'contracts',
    'store',
    'moleculer.config.ts',
  ],
  // The peers of a bench sign as adapters do.
  bench: ['bench', 'ledger', 'engine', 'adapters', 'mappings', 'contracts', 'store', 'test'],
  // Examples of the documentation: what an author of flows sees.
  docs: ['docs', 'engine', 'contracts'],
  test: ['*'],
};
/** Tests, and what they start from, may also use these, wherever they stand. Twins they meet through test/twins.ts. */
const testsMayImport = ['test', 'store', 'contracts'];
/** Two sides that must agree, held against each other. */
const agreements: Readonly<Record<string, string>> = {
  'gateway/consoleApi.test.ts': 'console/api.ts', // What the gateway answers is what the console takes it for.
  'ledger/sums.test.ts': 'flows/terms.ts', // What the flow asks for is what the guards of the books grant.
};
const closed = new Set(['sandbox', 'console', 'contracts']);
const isTest = (path: string) => /\.(test|fixture)\.tsx?$/.test(path) || path in oddTests;
const oddTests: Readonly<Record<string, string>> = {
  'gateway/testHub.ts': 'a fixture by another name',
  'ledger/fixture.ts': 'a fixture without a subject',
};

/** Lines above which a file must be cut; the listed ones may not grow, and leave the list when they shrink. */
const linesMax = 400;
const longFiles: Readonly<Record<string, { readonly max: number; readonly why: string }>> = {
  'console/styles/base.css': { max: 500, why: 'the palette and the elements, in the order of the screen' },
  'console/styles/sequence.css': { max: 550, why: 'one diagram' },
  'store/migrations/0002-ledger.sql': { max: 450, why: 'applied migrations are never changed' },
};

const source = /\.(ts|tsx|mjs)$/;
const measured = /\.(ts|tsx|mjs|css|sql)$/;
const generated = new Set(['store/schema.sql']);
const mayDefault = /(\.service\.ts|\.config\.ts|^test\/(setup|teardown)\.ts)$/;
const machinePath = /(?<![\w.~-])\/(?:work\/|tmp\/brief|home\/[a-z]|Users\/[A-Za-z])/;
const notOurs = new Set(['node_modules', '.git', '.lianshu', 'dist', 'coverage', 'vectors']);

export function breachesOf(files: Files): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (source.test(path)) found.push(...importBreaches(path, text));
    if (source.test(path) && !mayDefault.test(path) && /^export default\b/m.test(text))
      found.push(`${path}: has a default export`);
    found.push(...lengthBreaches(path, text));
    const place = machinePath.exec(text)?.[0];
    if (place !== undefined) found.push(`${path}: names a place of one machine (${place})`);
  }
  for (const path of Object.keys(longFiles))
    if (files.size > 100 && !files.has(path)) found.push(`${path}: is listed as long but is not there`);
  return [...found, ...missingPieces(files)].sort();
}

function importBreaches(path: string, text: string): string[] {
  const [folder = ''] = path.split('/');
  const own = mayImport[folder];
  if (!path.includes('/') || own === undefined) return path.includes('/') ? [`${path}: is in no known folder`] : [];
  const rules = isTest(path) && !closed.has(folder) ? [...own, ...testsMayImport, agreements[path] ?? folder] : own;
  return importsOf(text)
    .map((name) => normalize(join(dirname(path), name)))
    .filter((target) => !rules.some((rule) => allows(rule, target)))
    .map((target) => `${path}: imports ${target}`);
}

function allows(rule: string | RegExp, target: string): boolean {
  if (typeof rule !== 'string') return rule.test(target);
  return rule === '*' || target === rule || target.startsWith(`${rule}/`);
}

function lengthBreaches(path: string, text: string): string[] {
  if (!measured.test(path) || generated.has(path)) return [];
  const lines = text.split('\n').length - 1;
  const listed = longFiles[path];
  if (listed && lines <= linesMax) return [`${path}: has ${lines} lines and need not be listed as long any more`];
  const max = listed?.max ?? linesMax;
  return lines > max ? [`${path}: has ${lines} lines, more than ${max}`] : [];
}

/** Folders of `adapters/` that are no kind: keys and signatures are in one place. */
const sharedByAdapters = ['crypto'];

/** One name, the same files: every adapter looks like every other (style.md 3). */
function missingPieces(files: Files): string[] {
  const paths = [...files.keys()];
  const kinds = new Set(paths.flatMap((path) => /^adapters\/([^/]+)\/.+/.exec(path)?.[1] ?? []));
  for (const shared of sharedByAdapters) kinds.delete(shared);
  return [...kinds].flatMap((kind) => {
    const service = files.get(`adapters/${kind}/${kind}.service.ts`) ?? '';
    const vendors = /dialects:\s*\{([^}]*)\}/.exec(service)?.[1]?.matchAll(/(\w+)\s*:/g) ?? [];
    const wanted = [
      `contracts/${kind}/${kind}.ts`,
      ...['.service.ts', '.test.ts'].map((end) => `adapters/${kind}/${kind}${end}`),
      `adapters/${kind}/README.md`,
      ...[...vendors].flatMap(([, vendor = '']) => piecesOf(kind, vendor)),
      ...(/dialects:\s*\{\s*\w/.test(service) ? [] : [`adapters/${kind}/dialects/<vendor>.ts`]),
    ];
    return wanted.filter((piece) => !paths.some((path) => matches(piece, path))).map((piece) => `${piece}: is missing`);
  });
}

/** A `*` may be empty: a large mapping is several files (`s4.orders05.ts`), and says so in its name. */
function piecesOf(kind: string, vendor: string): string[] {
  return [
    `contracts/${kind}/${vendor}.wire.ts`,
    `mappings/${kind}/${vendor}*.ts`,
    `mappings/${kind}/${vendor}.test.ts`,
    `mappings/${kind}/examples/${vendor}.*.json`,
    `adapters/${kind}/dialects/${vendor}.ts`,
    `sandbox/${kind}/${vendor}.twin.ts`,
    `sandbox/${kind}/${vendor}.test.ts`,
  ];
}

function matches(piece: string, path: string): boolean {
  if (!piece.includes('*')) return piece === path;
  const [before = '', after = ''] = piece.split('*');
  return path.startsWith(before) && path.endsWith(after) && !path.endsWith('.test.ts');
}

/** All files of a checkout but what git leaves out and what others wrote. */
export function readFiles(root: string, folder = ''): Files {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !notOurs.has(name));
  return new Map(
    entries.flatMap((entry): [string, string][] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return [...readFiles(root, path)];
      return entry.isFile() && !path.endsWith('.log') ? [[path, readFileSync(join(root, path), 'utf8')]] : [];
    }),
  );
}
