/** Qimen's XML as plain objects and back. A list is a wrapper with one kind of child, nothing else occurs twice. */
import { Failure } from '../../../contracts/failures.ts';
import { buildXml, pathOf, type XmlElement } from '../../../contracts/gate/xml.ts';

/** Wrapper of a list to the name of its items. */
const lists = {
  orderLines: 'orderLine',
  batchs: 'batch',
  items: 'item',
  lines: 'line',
  receiptLines: 'line',
  criteriaList: 'criteria',
} as const satisfies Record<string, string>;

export type QimenValue = string | QimenValue[] | { [name: string]: QimenValue };

/** `{ entryOrder: { ... } }` as the bytes of `<request>`; these bytes are signed and sent. */
export function qimenBody(root: 'request' | 'response', fields: object): Buffer {
  const element = elementOf(root, fields as QimenValue);
  return Buffer.from(buildXml(element, { declaration: 'UTF-8' }), 'utf8');
}

/** The fields of an element; empty ones are left out, as Qimen means them. @throws Failure CONTRACT_VIOLATED on a field that occurs twice */
export function qimenFields(element: XmlElement): Record<string, QimenValue> {
  const fields = Object.create(null) as Record<string, QimenValue>; // A field may be named `__proto__`.
  for (const each of element.children) {
    if (Object.hasOwn(fields, each.name)) throw misread(each, 'occurs twice');
    const value = valueOf(each);
    if (value !== undefined) fields[each.name] = value;
  }
  return fields;
}

function valueOf(element: XmlElement): QimenValue | undefined {
  if (Object.hasOwn(lists, element.name)) {
    const item = lists[element.name as keyof typeof lists];
    const stranger = element.children.find((each) => each.name !== item);
    if (stranger) throw misread(stranger, `is no ${item}`);
    return element.children.map(qimenFields);
  }
  if (element.children.length > 0) return qimenFields(element);
  return element.text === '' ? undefined : element.text;
}

function misread(element: XmlElement, detail: string): Failure {
  const pointer = pathOf(element);
  return new Failure('CONTRACT_VIOLATED', {
    detail: `${pointer} ${detail}`,
    errors: [{ pointer, code: 'structure', detail }],
  });
}

function elementOf(name: string, value: QimenValue): XmlElement {
  if (typeof value === 'string') return { name, attributes: {}, children: [], text: value };
  const children = Array.isArray(value)
    ? value.map((item) => elementOf(itemNameOf(name), item))
    : Object.entries(value).map(([field, each]) => elementOf(field, each));
  return { name, attributes: {}, children, text: '' };
}

function itemNameOf(list: string): string {
  if (!Object.hasOwn(lists, list)) throw new Error(`${list} is no list of Qimen`);
  return lists[list as keyof typeof lists];
}
