/**
 * What a flow's code says that it does, in the order in which it says it: read from the syntax tree, through the functions of `flows/`
 * that it calls, and into those of `ledger/` for what they change in the books. Nothing is run.
 */
import {
  bare,
  child,
  children,
  constantNamed,
  functionNamed,
  isNode,
  nameOf,
  textOf,
  type Node,
  type SourceFile,
} from './source.ts';

/** A change of the books: a life cycle moves. */
export interface Change {
  readonly entity: string;
  readonly event: string;
}

export interface Step {
  readonly kind: 'call' | 'wait' | 'record' | 'tell' | 'ask' | 'sleep' | 'milestone' | 'stop' | 'return';
  /** Of a call: `bank.disburse`; of a wait or a tell: the notice; of the others: the name. */
  readonly what: string;
  /** Who is asked or waited for, as the code says it. */
  readonly party?: string;
  readonly within?: string;
  /** The operation of the second road, and how often. */
  readonly poll?: string;
  readonly changes: readonly Change[];
  readonly evidence: readonly string[];
  readonly guards: readonly string[];
  /** What takes it back. */
  readonly undo: readonly Step[];
}

export type Item =
  | { readonly step: Step }
  | { readonly block: 'alt' | 'loop' | 'par'; readonly label: string; readonly items: readonly Item[] };

/** Changes of one step, gathered on the way. */
interface Books {
  readonly changes: Change[];
  readonly evidence: string[];
  readonly guards: string[];
}

const verbs = new Set(['call', 'wait', 'record', 'tell', 'ask', 'sleep', 'milestone', 'stop']);
/** How flows and their branches call what they run in. */
const runNames = new Set(['run', 'r', 'branch']);
const depthMax = 12;

export function itemsOf(file: SourceFile, body: Node): Item[] {
  return read(file, body, []);
}

function read(file: SourceFile, node: Node, inside: readonly Node[]): Item[] {
  if (inside.length > depthMax) return [];
  const into = (part: Node | undefined): Item[] => (part ? read(file, part, inside) : []);
  switch (node.type) {
    case 'CallExpression':
      return readCall(file, node, inside);
    case 'IfStatement': {
      const asked = child(node, 'test');
      return [
        ...into(asked),
        ...blockOf('alt', asked ? textOf(file, asked) : '', into(child(node, 'consequent'))),
        ...blockOf('alt', 'otherwise', into(child(node, 'alternate'))),
      ];
    }
    case 'ForStatement':
    case 'ForOfStatement':
    case 'WhileStatement': {
      const over = child(node, 'right') ?? child(node, 'test');
      return [...into(over), ...blockOf('loop', over ? textOf(file, over) : 'again', into(child(node, 'body')))];
    }
    case 'TryStatement':
      return [
        ...into(child(node, 'block')),
        ...blockOf('alt', 'when that fails', into(child(node, 'handler'))),
        ...into(child(node, 'finalizer')),
      ];
    case 'ReturnStatement': {
      const ending = endingOf(file, bare(child(node, 'argument')));
      return ending ? [{ step: stepOf('return', ending) }] : partsOf(node).flatMap(into);
    }
    default:
      return partsOf(node).flatMap(into);
  }
}

function readCall(file: SourceFile, node: Node, inside: readonly Node[]): Item[] {
  const callee = bare(child(node, 'callee'));
  const args = children(node, 'arguments');
  const method = callee?.type === 'MemberExpression' ? nameOf(child(callee, 'property')) : '';
  const object = callee?.type === 'MemberExpression' ? bare(child(callee, 'object')) : undefined;
  if (object?.type === 'Identifier' && runNames.has(nameOf(object))) {
    if (method === 'all') return readBranches(file, args, inside);
    if (method === 'continueAsNew') return [{ step: stepOf('return', 'continued') }];
    if (verbs.has(method)) return [{ step: readStep(file, method as Step['kind'], args, inside) }];
  }
  if (method === 'catch' && object)
    return [
      ...read(file, object, inside),
      ...blockOf(
        'alt',
        'when that fails',
        args.flatMap((arg) => read(file, arg, inside)),
      ),
    ];
  const before = [...(object ? read(file, object, inside) : []), ...args.flatMap((arg) => read(file, arg, inside))];
  const called = callee?.type === 'Identifier' ? functionNamed(file, nameOf(callee)) : undefined;
  if (!called || !called.file.path.includes('/flows/') || inside.includes(called.node)) return before;
  const body = child(called.node, 'body');
  return [...before, ...(body ? read(called.file, body, [...inside, called.node]) : [])];
}

function readBranches(file: SourceFile, [name, branches]: readonly Node[], inside: readonly Node[]): Item[] {
  const parts = branches ? children(branches, 'properties') : [];
  return blockOf(
    'par',
    literalOf(file, name),
    parts.flatMap((part) => {
      const value = child(part, 'value');
      return value ? read(file, value, inside) : [];
    }),
  );
}

function readStep(file: SourceFile, kind: Step['kind'], args: readonly Node[], inside: readonly Node[]): Step {
  const [first, second, third] = args;
  const options = bare(kind === 'call' ? third : kind === 'wait' ? second : kind === 'ask' ? second : undefined);
  const option = (name: string): Node | undefined => bare(fieldOf(options, name));
  const books: Books = { changes: [], evidence: [], guards: [] };
  for (const part of [option('before'), option('after'), ...(kind === 'record' ? [second] : [])])
    if (part) gather(file, part, books, []);
  const undo = option('undo') ?? bare(fieldOf(bare(third), 'undo'));
  const poll = option('poll');
  const polled =
    poll && `${nameIn(file, bare(fieldOf(poll, 'operation')))}, every ${literalOf(file, fieldOf(poll, 'every'))}`;
  const party = kind === 'call' ? option('system') : kind === 'wait' ? option('from') : option('roles');
  return {
    ...stepOf(kind, ['call', 'wait', 'tell'].includes(kind) ? nameIn(file, bare(first)) : literalOf(file, first)),
    ...(party ? { party: textOf(file, party) } : {}),
    ...(option('within')
      ? { within: literalOf(file, option('within')) }
      : kind === 'sleep' && second
        ? { within: literalOf(file, second) }
        : {}),
    ...(polled ? { poll: polled } : {}),
    changes: books.changes,
    evidence: books.evidence,
    guards: books.guards,
    undo: undo ? undone(file, undo, inside) : [],
  };
}

/** An undo of the books has no steps of its own: it is one. */
function undone(file: SourceFile, undo: Node, inside: readonly Node[]): Step[] {
  const steps = read(file, undo, inside).flatMap(stepsIn);
  if (steps.length > 0) return steps;
  const books: Books = { changes: [], evidence: [], guards: [] };
  gather(file, undo, books, []);
  return [{ ...stepOf('record', 'undo'), ...books }];
}

export function stepsIn(item: Item): Step[] {
  return 'step' in item ? [item.step] : item.items.flatMap(stepsIn);
}

/** Words that a function was handed for its parameters. */
type Handed = ReadonlyMap<string, readonly string[]>;
const nothingHanded: Handed = new Map();

/** What a function changes in the books, through all that it calls there. */
function gather(file: SourceFile, node: Node, books: Books, inside: readonly Node[], handed = nothingHanded): void {
  if (node.type === 'CallExpression') gatherCall(file, node, books, inside, handed);
  for (const part of partsOf(node)) gather(file, part, books, inside, handed);
}

function gatherCall(file: SourceFile, node: Node, books: Books, inside: readonly Node[], handed: Handed): void {
  const callee = bare(child(node, 'callee'));
  const name = callee?.type === 'Identifier' ? nameOf(callee) : '';
  const args = children(node, 'arguments');
  if (name === '') return;
  if (name === 'keepEvidence') return addOnce(books.evidence, literalOf(file, args[2]));
  if (name === 'move' || name === 'begin') {
    for (const entity of wordsOf(file, args[1], handed))
      for (const event of wordsOf(file, args[3], handed))
        if (!books.changes.some((one) => one.entity === entity && one.event === event))
          books.changes.push({ entity, event });
    return;
  }
  if (/^(guard|require)[A-Z]/.test(name)) addOnce(books.guards, name);
  const called = functionNamed(file, name);
  const body = called && child(called.node, 'body');
  if (!called || !body || inside.includes(called.node) || inside.length >= depthMax) return;
  if (!/\/(ledger|flows)\//.test(called.file.path)) return;
  const given = children(called.node, 'params').map((param, place): [string, readonly string[]] => [
    nameOf(param),
    wordsOf(file, args[place], handed),
  ]);
  gather(called.file, body, books, [...inside, called.node], new Map(given));
}

/** The words that an argument can be: one, or those of each branch of a condition. */
function wordsOf(file: SourceFile, dressed: Node | undefined, handed: Handed): readonly string[] {
  const node = bare(dressed);
  if (node?.type === 'ConditionalExpression')
    return ['consequent', 'alternate'].flatMap((branch) => wordsOf(file, child(node, branch), handed));
  if (node?.type === 'Identifier' && handed.has(nameOf(node))) return handed.get(nameOf(node)) ?? [];
  return [literalOf(file, node)];
}

function addOnce(list: string[], value: string): void {
  if (!list.includes(value)) list.push(value);
}

/** In the order of the text. */
function partsOf(node: Node): Node[] {
  return Object.entries(node)
    .flatMap(([, value]) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []))
    .toSorted((a, b) => a.start - b.start);
}

function blockOf(block: 'alt' | 'loop' | 'par', label: string, items: readonly Item[]): Item[] {
  return items.length === 0 ? [] : [{ block, label, items }];
}

function stepOf(kind: Step['kind'], what: string): Step {
  return { kind, what, changes: [], evidence: [], guards: [], undo: [] };
}

function fieldOf(node: Node | undefined, name: string): Node | undefined {
  if (node?.type !== 'ObjectExpression') return undefined;
  const field = children(node, 'properties').find(
    (part) => part.type === 'Property' && nameOf(child(part, 'key')) === name,
  );
  return field && child(field, 'value');
}

/** `{ outcome: 'disbursed', … }` as a return. */
function endingOf(file: SourceFile, node: Node | undefined): string | undefined {
  const outcome = fieldOf(node, 'outcome');
  return outcome && outcome.type !== 'Identifier' ? literalOf(file, outcome) : undefined;
}

/** `bank.operations.disburse` as `bank.disburse`; what is no such name as it is written. */
function nameIn(file: SourceFile, node: Node | undefined): string {
  if (!node) return '';
  if (node.type === 'Identifier') {
    const constant = constantNamed(file, nameOf(node));
    if (constant) return nameIn(constant.file, constant.node);
  }
  return textOf(file, node).replace(/\.(operations|notices)\./, '.');
}

/** Text as it is meant where it is written down; otherwise as the code has it. */
function literalOf(file: SourceFile, dressed: Node | undefined): string {
  const node = bare(dressed);
  if (!node) return '';
  if (node.type === 'Literal') return String(node['value']);
  if (node.type === 'Identifier') {
    const constant = constantNamed(file, nameOf(node));
    if (constant && constant.node.type === 'Literal') return literalOf(constant.file, constant.node);
  }
  if (node.type === 'TemplateLiteral')
    return textOf(file, node)
      .slice(1, -1)
      .replaceAll(/\$\{([^}]*)\}/g, '‹$1›');
  return textOf(file, node);
}
