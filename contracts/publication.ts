/**
 * What partners download: one JSON Schema 2020-12 file per contract and version, and an index with the hash of each. A
 * version is for ever: files of old versions stay as they were, and the current one changes only in ways that break
 * nobody (`compatibility.ts`). Pure: files in, findings and files to write out.
 */
import { createHash } from 'node:crypto';
import type { Definition } from './canonical/definition.ts';
import { breakingChanges } from './compatibility.ts';

const indexFile = 'index.json';

export interface IndexRow {
  readonly name: string;
  readonly version: number;
  readonly kind: string;
  readonly title: string;
  readonly file: string;
  readonly sha256: string;
}

/** `stale` is mended by publishing; `refused` by people: a new version, or the file as it was. */
export interface Finding {
  readonly grade: 'stale' | 'refused';
  readonly name: string;
  readonly file: string;
  readonly what: string;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** What publishing would write, by file name. */
  readonly writes: ReadonlyMap<string, string>;
}

/** By file name, in the folder of published contracts. */
export type PublishedFiles = ReadonlyMap<string, string>;

export function fileOf({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name.replaceAll('/', '.')}.v${version}.json`;
}

/** The contract as a partner gets it: complete in itself, without references. */
export function documentOf({ name, version, title, description, contract, example }: Definition): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:lianshu:contract:${name}:v${version}`,
    ...contract.schema,
    title,
    description,
    examples: [example],
  };
}

export function judge(definitions: readonly Definition[], files: PublishedFiles): Verdict {
  const published = definitions.filter((definition) => definition.published);
  const rows = readIndex(files.get(indexFile));
  const names = new Set(published.map(({ name }) => name));
  const findings: Finding[] = rows
    .filter(({ name }) => !names.has(name))
    .map((row) => finding('refused', row, 'is published and cannot be withdrawn'));
  const writes = new Map<string, string>();
  const index = rows.filter(({ name }) => !names.has(name));
  for (const definition of published) {
    const earlier = rows.filter(({ name }) => name === definition.name);
    const text = textOf(documentOf(definition));
    const own = judgeOne(definition, text, earlier, files);
    findings.push(...own);
    if (own.some(({ grade }) => grade === 'stale')) writes.set(fileOf(definition), text);
    index.push(...earlier.filter(({ version }) => version !== definition.version), rowOf(definition, text));
  }
  const indexText = textOf({ contracts: index.sort(byNameAndVersion) });
  if (files.get(indexFile) !== indexText) {
    findings.push({ grade: 'stale', name: 'index', file: indexFile, what: 'does not list what there is' });
    writes.set(indexFile, indexText);
  }
  return { findings: [...findings, ...strays(index, files)], writes };
}

function judgeOne(
  definition: Definition,
  text: string,
  earlier: readonly IndexRow[],
  files: PublishedFiles,
): Finding[] {
  const { name, version } = definition;
  const file = fileOf(definition);
  const highest = Math.max(0, ...earlier.map((row) => row.version));
  if (version < highest || version > highest + 1)
    return [finding('refused', { name, file }, `version ${version} cannot follow version ${highest}`)];
  const altered = earlier.flatMap((row) => {
    const kept = files.get(row.file);
    if (kept === undefined) return [finding('refused', row, 'is published and its file is gone')];
    return hash(kept) === row.sha256 ? [] : [finding('refused', row, 'its file was changed by hand')];
  });
  if (altered.length > 0) return altered;
  if (version > highest) return [finding('stale', { name, file }, 'is not published yet')];
  const kept = files.get(file) ?? '';
  if (kept === text) return [];
  const broken = breakingChanges(JSON.parse(kept), JSON.parse(text));
  return broken.length === 0
    ? [finding('stale', { name, file }, 'is not what the code makes')]
    : broken.map(({ pointer, breaks, what }) =>
        finding(
          'refused',
          { name, file },
          `${pointer} ${what}, which breaks ${who[breaks]}: needs version ${version + 1}`,
        ),
      );
}

const who = { writers: 'writers', readers: 'readers', both: 'writers and readers' } as const;

function strays(index: readonly IndexRow[], files: PublishedFiles): Finding[] {
  const known = new Set([indexFile, ...index.map(({ file }) => file)]);
  return [...files.keys()]
    .filter((file) => file.endsWith('.json') && !known.has(file))
    .map((file) => ({ grade: 'refused', name: file, file, what: 'belongs to no contract' }));
}

function rowOf(definition: Definition, text: string): IndexRow {
  const { name, version, kind, title } = definition;
  return { name, version, kind, title, file: fileOf(definition), sha256: hash(text) };
}

function readIndex(text: string | undefined): readonly IndexRow[] {
  return text === undefined ? [] : (JSON.parse(text) as { contracts: IndexRow[] }).contracts;
}

function byNameAndVersion(a: IndexRow, b: IndexRow): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.version - b.version;
}

function finding(grade: Finding['grade'], { name, file }: { name: string; file: string }, what: string): Finding {
  return { grade, name, file, what };
}

function textOf(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
