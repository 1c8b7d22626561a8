/** `lianshu contracts`: the contracts of the hub, to read, and the files of them that partners download. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { catalogue, contractByName } from '../contracts/canonical/catalogue.ts';
import type { Definition } from '../contracts/canonical/definition.ts';
import { fieldsOf, type FieldView } from '../contracts/canonical/view.ts';
import { documentOf, fileOf, judge, type Finding } from '../contracts/publication.ts';
import { projectFolder } from './home.ts';

export interface ContractsOptions {
  readonly json?: boolean | undefined;
  /** `entity`, `message`, `operation` or `notice`. */
  readonly kind?: string | undefined;
  /** Where the published files are; another folder than the checkout's in tests. */
  readonly folder?: string | undefined;
}

type Say = (text: string) => void;

const acts = ['list', 'show', 'publish', 'check'] as const;

export function contractsCommand(args: string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, kind: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  return contracts(positionals, values);
}

export async function contracts(
  positionals: readonly string[],
  options: ContractsOptions,
  say: Say = (text) => void process.stdout.write(text),
): Promise<number> {
  const [verb = 'list', name] = positionals;
  const folder = options.folder ?? join(projectFolder, 'contracts', 'published');
  switch (verb) {
    case 'list':
      return list(options, say);
    case 'show':
      return show(name, options.json ?? false, say);
    case 'publish':
      return publish(folder, options.json ?? false, say);
    case 'check':
      return check(folder, options.json ?? false, say);
    default:
      throw new Error(`没有该操作 no such act: ${verb}. One of: ${acts.join(', ')}`);
  }
}

function list({ kind, json }: ContractsOptions, say: Say): number {
  const chosen = catalogue.filter((definition) => kind === undefined || definition.kind === kind);
  if (chosen.length === 0) throw new Error('没有该类别 no such kind. One of: entity, message, operation, notice');
  if (json) say(`${JSON.stringify({ contracts: chosen.map(summary) })}\n`);
  else {
    say(table([['名称 name', '中文名 title', '版本', '类别 kind', '文件 file'], ...chosen.map(row)]));
    const count = chosen.filter(({ published }) => published).length;
    say(`${chosen.length} 个契约 contracts, ${count} 个对外发布 published\n`);
  }
  return 0;
}

function summary(definition: Definition) {
  const { name, title, version, kind, published, description } = definition;
  return { name, title, version, kind, description, file: published ? fileOf(definition) : null };
}

function row(definition: Definition): string[] {
  const { name, title, version, kind, file } = summary(definition);
  return [name, title, `v${version}`, kind, file ?? '内部 internal'];
}

function show(name: string | undefined, json: boolean, say: Say): number {
  const definition = name === undefined ? undefined : contractByName(name);
  if (!definition) throw new Error(unknown(name));
  if (json) {
    say(`${JSON.stringify(documentOf(definition), null, 2)}\n`);
    return 0;
  }
  const { title, version, description, kind } = definition;
  say(`${definition.name} v${version}  ${title}  (${kind})\n${description}\n\n`);
  const head = [
    '字段 field',
    '中文名 title',
    '类型 type',
    '必填',
    '单位 unit',
    '个人信息 pii',
    '来源 source',
    '限制 limits — 说明',
  ];
  say(table([head, ...fieldsOf(definition.contract.schema).map(cells)]));
  return 0;
}

function cells(field: FieldView): string[] {
  const { path, title, type, required, unit, pii, source } = field;
  const told = [field.limits, field.text].filter((part) => part !== '');
  return [path, title, type, required ? '是 yes' : '', unit, pii, source, told.join(' — ')];
}

function unknown(name: string | undefined): string {
  if (name === undefined) return '用法 usage: npx lianshu contracts show <name>';
  const near = catalogue.filter((one) => one.name.includes(name) || one.title.includes(name)).slice(0, 10);
  const hint = near.length > 0 ? ` Perhaps: ${near.map((one) => one.name).join(', ')}` : ' See: npx lianshu contracts';
  return `没有该契约 no such contract: ${name}.${hint}`;
}

function publish(folder: string, json: boolean, say: Say): number {
  const { findings, writes } = judge(catalogue, filesIn(folder));
  const refused = findings.filter(({ grade }) => grade === 'refused');
  if (refused.length === 0) {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of writes) writeFileSync(join(folder, file), text);
  }
  const written = refused.length === 0 ? [...writes.keys()] : [];
  if (json) say(`${JSON.stringify({ written, refused })}\n`);
  else {
    say(lines(refused));
    say(refused.length > 0 ? '未发布 nothing was published\n' : `已写入 ${written.length} 个文件 files written\n`);
  }
  return refused.length === 0 ? 0 : 1;
}

function check(folder: string, json: boolean, say: Say): number {
  const { findings } = judge(catalogue, filesIn(folder));
  const count = catalogue.filter(({ published }) => published).length;
  if (json) say(`${JSON.stringify({ contracts: count, findings })}\n`);
  else {
    say(lines(findings));
    if (findings.length === 0) say(`${count} 个契约与发布文件一致 contracts are as published\n`);
    else if (findings.every(({ grade }) => grade === 'stale')) say('运行 run: npx lianshu contracts publish\n');
  }
  return findings.length === 0 ? 0 : 1;
}

function lines(findings: readonly Finding[]): string {
  return findings.map(({ name, file, what }) => `✗ ${name} (${file}): ${what}\n`).join('');
}

function filesIn(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The last column is as wide as it likes. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cell) => widthOf(cell[at] ?? ''))));
  return rows
    .map((cell) =>
      cell
        .map((text, at) => text + ' '.repeat((widths[at] ?? 0) - widthOf(text)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Chinese characters are two columns wide. */
function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1), 0);
}
