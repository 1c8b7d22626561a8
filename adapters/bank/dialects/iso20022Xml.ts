/**
 * ISO 20022 documents and plain objects, both ways. A contract says which elements are read: one that it has as an object or a
 * text must be there once, one that it has as a list any number of times; all of the one namespace that the message has, under
 * any prefix. What a contract does not name is left alone: banks fill many optional elements.
 */
import type { TSchema } from 'typebox';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { buildXml, parseXml, type XmlElement } from '../../../contracts/gate/xml.ts';

/** A statement of a busy day; a status file has some kilobytes. */
const limits = { bytesMax: 8 * 1024 * 1024, nodesMax: 300_000 };

/** The content of `Document`. @throws Failure BODY_MALFORMED, BODY_TOO_LARGE, CONTRACT_VIOLATED */
export function readIso<C extends Contract>(bytes: Buffer, namespace: string, contract: C): Message<C> {
  const root = parseXml(bytes, limits);
  if (localName(root) !== 'Document' || root.namespace !== namespace) throw wrong('the document is of another kind');
  return contract.check(valueOf(root, namespace, contract.schema)) as Message<C>;
}

/** Without any white space of our own, so that the same content is the same bytes. */
export function writeIso(namespace: string, content: object): Buffer {
  const root = elementOf('Document', content);
  return Buffer.from(buildXml({ ...root, attributes: { xmlns: namespace } }, { declaration: 'UTF-8' }));
}

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
}

function valueOf(element: XmlElement, namespace: string, schema: TSchema): unknown {
  const { properties } = schema as Shape;
  if (!properties) {
    if (element.children.length > 0) throw wrong(`${localName(element)} holds elements in place of a text`);
    return element.text.trim();
  }
  const value: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(properties)) {
    const found = partOf(element, namespace, name, part);
    if (found !== undefined) value[name] = found;
  }
  return value;
}

function partOf(element: XmlElement, namespace: string, name: string, schema: Shape & TSchema): unknown {
  if (name === '#') return element.text.trim();
  if (name.startsWith('@')) return element.attributes[name.slice(1)];
  const found = element.children.filter((each) => localName(each) === name);
  if (found.some((each) => each.namespace !== namespace)) throw wrong(`${name} is of another namespace`);
  if (schema.type === 'array') {
    const { items } = schema;
    return found.length === 0 || !items ? undefined : found.map((each) => valueOf(each, namespace, items));
  }
  if (found.length > 1) throw wrong(`${name} is there ${found.length} times`);
  return found[0] && valueOf(found[0], namespace, schema);
}

function elementOf(name: string, value: unknown): XmlElement {
  const element: XmlElement = { name, attributes: {}, children: [], text: '' };
  if (typeof value === 'string') return { ...element, text: value };
  for (const [field, part] of Object.entries(value as Record<string, unknown>)) {
    if (field === '#') element.text = String(part);
    else if (field.startsWith('@')) element.attributes[field.slice(1)] = String(part);
    else for (const each of Array.isArray(part) ? part : [part]) element.children.push(elementOf(field, each));
  }
  return element;
}

function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

function wrong(detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail });
}
