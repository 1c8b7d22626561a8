/** The content of an operation by its contract: each field an element of the namespace, in the order of the contract, no other. */
import type { TSchema } from 'typebox';
import { Failure } from '../../../contracts/failures.ts';
import type { XmlElement } from '../../../contracts/gate/xml.ts';
import { attributesOf, localName } from './soapEnvelope.ts';

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
}

/** What stands in a list. */
const itemName = 'lot';

/** What is missing is the contract's to find. @throws Failure CONTRACT_VIOLATED with a pointer */
export function contentOf(element: XmlElement, schema: TSchema, namespace: string, pointer = '#'): unknown {
  const { properties, items }: Shape = schema;
  if (attributesOf(element).length > 0) throw violated(pointer, 'attribute', 'has attributes');
  if (!properties && !items) {
    if (element.children.length > 0) throw violated(pointer, 'structure', 'holds elements in place of a value');
    return element.text;
  }
  if (element.text !== '') throw violated(pointer, 'structure', 'has text beside its elements');
  if (items)
    return element.children.map((each, index) => {
      if (localName(each) !== itemName || each.namespace !== namespace)
        throw violated(`${pointer}/${index}`, 'structure', `is no ${itemName}`);
      return contentOf(each, items, namespace, `${pointer}/${index}`);
    });
  return fieldsOf(element, properties ?? {}, namespace, pointer);
}

/** `#/lots/0/quantity` as `/NotifyInbound/lots/lot[1]/quantity`. */
export function xpathOf(name: string, pointer: string): string {
  const steps = pointer
    .replace(/^#/, '')
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? `${itemName}[${Number(step) + 1}]` : step));
  return ['', name, ...steps].join('/');
}

function fieldsOf(
  element: XmlElement,
  properties: Readonly<Record<string, TSchema>>,
  namespace: string,
  pointer: string,
): Record<string, unknown> {
  const names = Object.keys(properties);
  const fields: Record<string, unknown> = {};
  let next = 0;
  for (const each of element.children) {
    const name = localName(each);
    const at = names.indexOf(name, next);
    const schema = properties[name];
    // A name of nobody is not repeated: it may be anything.
    if (!names.includes(name) || !schema || each.namespace !== namespace)
      throw violated(pointer, 'unknown_field', 'holds an element that is not of this message');
    if (at < 0) throw violated(`${pointer}/${name}`, 'order', 'stands twice, or in another place than its own');
    fields[name] = contentOf(each, schema, namespace, `${pointer}/${name}`);
    next = at + 1;
  }
  return fields;
}

function violated(pointer: string, code: string, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code, detail }] });
}
