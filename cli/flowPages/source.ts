/** The house's source as syntax trees: what a name in a file stands for, wherever it was written. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** A node of the syntax tree (ESTree); fields beyond its kind and place are read by name. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly body: readonly Node[];
  /** Functions of the file by name, and constants that hold one. */
  readonly functions: ReadonlyMap<string, Node>;
  /** Other constants of the file. */
  readonly constants: ReadonlyMap<string, Node>;
  /** Imported names: the file, and the name there. */
  readonly imports: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
}

const files = new Map<string, SourceFile>();

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export function child(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

export function children(node: Node, field: string): readonly Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** @throws Error where the text is no TypeScript */
export function sourceOf(path: string): SourceFile {
  const known = files.get(path);
  if (known) return known;
  const text = readFileSync(path, 'utf8');
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const body = program.body as unknown as readonly Node[];
  const made = { path, text, body, ...namesIn(path, body) };
  files.set(path, made);
  return made;
}

export function textOf(file: SourceFile, node: Node): string {
  return file.text.slice(node.start, node.end).replaceAll(/\s+/g, ' ');
}

/** The function behind a name that is called in that file. */
export function functionNamed(file: SourceFile, name: string): { file: SourceFile; node: Node } | undefined {
  const own = file.functions.get(name);
  if (own) return { file, node: own };
  const imported = file.imports.get(name);
  if (!imported || !existsSync(imported.path)) return undefined;
  return functionNamed(sourceOf(imported.path), imported.name);
}

/** The constant behind a name, as written. */
export function constantNamed(file: SourceFile, name: string): { file: SourceFile; node: Node } | undefined {
  const own = file.constants.get(name);
  if (own) return { file, node: own };
  const imported = file.imports.get(name);
  if (!imported || !existsSync(imported.path)) return undefined;
  return constantNamed(sourceOf(imported.path), imported.name);
}

function namesIn(path: string, body: readonly Node[]): Pick<SourceFile, 'functions' | 'constants' | 'imports'> {
  const functions = new Map<string, Node>();
  const constants = new Map<string, Node>();
  const imports = new Map<string, { path: string; name: string }>();
  for (const statement of body) {
    if (statement.type === 'ImportDeclaration') namesFrom(path, statement, ['local', 'imported'], imports);
    // Handed on: known here by the name under which it leaves.
    if (statement.type === 'ExportNamedDeclaration') namesFrom(path, statement, ['exported', 'local'], imports);
    const declared = statement.type === 'ExportNamedDeclaration' ? child(statement, 'declaration') : statement;
    if (declared?.type === 'FunctionDeclaration') functions.set(nameOf(child(declared, 'id')), declared);
    for (const declarator of declared?.type === 'VariableDeclaration' ? children(declared, 'declarations') : []) {
      const value = bare(child(declarator, 'init'));
      if (!value) continue;
      const name = nameOf(child(declarator, 'id'));
      if (value.type === 'ArrowFunctionExpression') functions.set(name, value);
      else constants.set(name, value);
    }
  }
  return { functions, constants, imports };
}

function namesFrom(
  path: string,
  statement: Node,
  [here, there]: readonly [string, string],
  names: Map<string, { path: string; name: string }>,
): void {
  const from = child(statement, 'source')?.['value'];
  if (typeof from !== 'string' || !from.startsWith('.')) return;
  for (const specifier of children(statement, 'specifiers')) {
    const imported = child(specifier, there);
    if (imported)
      names.set(nameOf(child(specifier, here)), { path: join(dirname(path), from), name: nameOf(imported) });
  }
}

export function nameOf(node: Node | undefined): string {
  return typeof node?.['name'] === 'string' ? node['name'] : '';
}

/** Without what only the types see. */
export function bare(node: Node | undefined): Node | undefined {
  const dressed = node && ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'ParenthesizedExpression'];
  return node && dressed?.includes(node.type) ? bare(child(node, 'expression')) : node;
}
