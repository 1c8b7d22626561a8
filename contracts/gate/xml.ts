/**
 * XML in and out: `parseXml` gates the bytes (xmlGate.ts), lets xml2js build the tree and hands out elements that are
 * all alike, so that a field named `constructor`, `_` or `__proto__` is a field like any other. `buildXml` is the way back.
 *
 * While the tree is made, every element is compared with what the gate saw: two parsers must agree, or nothing is taken.
 */
import { Builder, Parser } from 'xml2js';
import { Failure } from '../failures.ts';
import { gateXml, xmlLimits, type GatedElement, type XmlLimits } from './xmlGate.ts';

export interface XmlElement {
  /** As written, prefix included: `soap:Body`. */
  name: string;
  /** The namespace URI, '' for none. `buildXml` does not look at it: write `xmlns` as an attribute. */
  namespace?: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** The text directly inside, comments left out. Text that is only white space is ''. */
  text: string;
}

/** The root element. @throws Failure BODY_MALFORMED or BODY_TOO_LARGE with path, line and column. */
export function parseXml(bytes: Uint8Array, limits: Partial<XmlLimits> = {}): XmlElement {
  const { text, elements } = gateXml(bytes, { ...xmlLimits, ...limits });
  const inDocumentOrder = elements.values();
  return elementFrom(treeOf(text), inDocumentOrder, undefined, 1);
}

/** The first child of that name; a name without prefix matches any prefix. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((each) => isNamed(each, name));
}

export function children(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((each) => isNamed(each, name));
}

/** The text of the first child of that name; undefined when there is none. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text;
}

/** Where a parsed element, or a field of it, stands: `/ORDERS05/IDOC[1]/E1EDP01[2]/MENGE`. */
export function pathOf(element: XmlElement, field?: string): string {
  const place = places.get(element);
  const step = place?.parent ? `${pathOf(place.parent)}/${element.name}[${place.index}]` : `/${element.name}`;
  return field === undefined ? step : `${step}/${field}`;
}

/**
 * The document as text, without any white space of our own. Text and attributes are escaped; a name that is none throws.
 * Children of one name stay in order; those of different names are grouped by the first of each (xml2js does it so).
 * @throws Failure CONTRACT_VIOLATED for a character that XML cannot carry.
 */
export function buildXml(
  element: XmlElement,
  options: { declaration?: 'UTF-8' | 'GB18030' | 'GBK' | 'GB2312' } = {},
): string {
  const builder = new Builder({
    attrkey: ATTRIBUTES,
    charkey: TEXT,
    renderOpts: { pretty: false },
    headless: options.declaration === undefined,
    xmldec: { version: '1.0', encoding: options.declaration ?? 'UTF-8' },
    allowSurrogateChars: true,
  });
  assertXmlName(element.name);
  const document = { [element.name]: builderNode(element) };
  try {
    return builder.buildObject(document);
  } catch {
    // The message of the builder shows the whole value, which may be personal.
    throw new Failure('CONTRACT_VIOLATED', {
      detail: `${element.name}: a value holds a character that XML cannot carry`,
    });
  }
}

// Keys that no XML name can be, so that no element can take their place.
const ATTRIBUTES = '#attributes';
const TEXT = '#text';
const CHILDREN = '#children';

const places = new WeakMap<XmlElement, { parent: XmlElement | undefined; index: number }>();

interface TreeNode {
  readonly '#name': string;
  readonly [TEXT]?: string;
  readonly [CHILDREN]?: readonly TreeNode[];
}

function treeOf(text: string): TreeNode {
  const parser = new Parser({
    async: false,
    strict: true,
    explicitRoot: false,
    explicitCharkey: true,
    explicitChildren: true,
    preserveChildrenOrder: true,
    ignoreAttrs: true, // The gate has them.
    charkey: TEXT,
    childkey: CHILDREN,
    emptyTag: '',
  });
  let tree: unknown;
  let fault: unknown;
  parser.parseString(text, (error: unknown, result: unknown) => {
    fault ??= error;
    tree ??= result;
  });
  if (fault || typeof tree !== 'object' || tree === null) throw disagreement(fault);
  return tree as TreeNode;
}

function elementFrom(
  node: TreeNode,
  gated: Iterator<GatedElement>,
  parent: XmlElement | undefined,
  index: number,
): XmlElement {
  const seen = gated.next().value as GatedElement | undefined;
  if (seen?.name !== node['#name']) throw disagreement();
  const { name, namespace, attributes } = seen;
  const element: XmlElement = { name, namespace, attributes, children: [], text: node[TEXT] ?? '' };
  places.set(element, { parent, index });
  const counts = new Map<string, number>();
  for (const each of node[CHILDREN] ?? []) {
    const count = (counts.get(each['#name']) ?? 0) + 1;
    counts.set(each['#name'], count);
    element.children.push(elementFrom(each, gated, element, count));
  }
  return element;
}

function disagreement(cause?: unknown): Failure {
  const detail = 'two parsers read the document differently';
  return new Failure('BODY_MALFORMED', {
    detail,
    errors: [{ pointer: '/', code: 'ambiguous', detail }],
    cause,
  });
}

function isNamed(element: XmlElement, name: string): boolean {
  return element.name === name || element.name.slice(element.name.indexOf(':') + 1) === name;
}

function builderNode(element: XmlElement): object {
  const node = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(element.attributes)) assertXmlName(name, true);
  node[ATTRIBUTES] = Object.assign(Object.create(null), element.attributes);
  if (element.text !== '') node[TEXT] = element.text;
  for (const each of element.children) {
    assertXmlName(each.name);
    const namesakes = (node[each.name] ??= []) as object[];
    namesakes.push(builderNode(each));
  }
  return node;
}

/** A name comes from our own code: one that is none is a bug, not a failure. */
function assertXmlName(name: string, isAttribute = false): void {
  const writable = name !== '__proto__' || !isAttribute; // xml2js would lose such an attribute without a word.
  if (!writable || !/^[\p{L}_][\p{L}\p{N}_.\-·]*(?::[\p{L}_][\p{L}\p{N}_.\-·]*)?$/u.test(name))
    throw new Error('not an XML name');
}
