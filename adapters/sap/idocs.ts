/**
 * IDoc XML to plain objects, one per IDOC. It takes what SAP's XML-HTTP port sends and what partners copy from the web:
 * fields that we do not know are left out, segments that customers added (Z..., or their own namespace `_-ABC_-...`) too.
 * A segment that is neither SAP's nor marked as an extension is refused by name: it may hold what changes the document.
 */
import type { Static } from 'typebox';
import { Failure } from '../../contracts/failures.ts';
import { child, children, parseXml, pathOf, textOf, type XmlElement } from '../../contracts/gate/xml.ts';
import type { Delvry07, Invoic02 } from '../../contracts/sap/s4.documents.wire.ts';
import { fieldCharsMax, idocsPerMessageMax, type Orders05, type WireShape } from '../../contracts/sap/s4.wire.ts';
import { idocTypes, type IdocType, type IdocTypeName } from './idocTypes.ts';
import { isList, isShape } from './pick.ts';

export type IdocAt =
  | { readonly type: 'order'; readonly path: string; readonly idoc: Static<typeof Orders05> }
  | { readonly type: 'delivery'; readonly path: string; readonly idoc: Static<typeof Delvry07> }
  | { readonly type: 'billing'; readonly path: string; readonly idoc: Static<typeof Invoic02> };

/** All of one basic type, which is the root. @throws Failure that names the segment or field by XPath */
export function readIdocs(body: Buffer): IdocAt[] {
  const root = parseXml(body);
  // An IDoc has none: in another's namespace the same names are another's elements.
  if (root.namespace !== '') return refuse(`/${root.name.slice(0, shownChars)}`, 'namespace', 'is in a namespace');
  const idocs = children(root, 'IDOC');
  const [first] = idocs;
  if (!first) return refuse(pathOf(root, 'IDOC'), 'required', 'is missing');
  if (idocs.length > idocsPerMessageMax) {
    throw new Failure('BODY_TOO_LARGE', {
      detail: `${idocs.length} IDocs in one message, at most ${idocsPerMessageMax}`,
    });
  }
  for (const other of root.children)
    if (other.name !== 'IDOC') refuse(pathOf(other), 'unknown_segment', 'is not an IDOC');
  const name = typeOf(root, first);
  const type: IdocType = idocTypes[name];
  return idocs.map((element) => {
    const path = pathOf(element);
    for (const segmentName of type.required)
      if (!element.children.some((each) => each.name === segmentName))
        refuse(`${path}/${segmentName}`, 'required', 'is missing');
    checkControl(root, element, type);
    return { type: name, path, idoc: segment(type, type.shape, element) } as IdocAt;
  });
}

const shownChars = 64;

/** The root is the basic type, or the extension (CIMTYP) when there is one. */
function typeOf(root: XmlElement, first: XmlElement): IdocTypeName {
  const said = controlField(first, 'IDOCTYP');
  const isExtension = root.name === controlField(first, 'CIMTYP').replaceAll('/', '_-');
  for (const [name, { names }] of Object.entries(idocTypes)) {
    const known: readonly string[] = names;
    if (known.includes(root.name) || (isExtension && known.includes(said))) return name as IdocTypeName;
  }
  const taken = Object.values(idocTypes).map(({ names }) => names[0]);
  return refuse(`/${root.name.slice(0, shownChars)}`, 'unknown_type', `is none of ${taken.join(', ')}`);
}

function checkControl(root: XmlElement, idoc: XmlElement, { names, message }: IdocType): void {
  const at = (field: string) => `${pathOf(idoc)}/EDI_DC40/${field}`;
  const [basic, sent] = [controlField(idoc, 'IDOCTYP'), controlField(idoc, 'MESTYP')];
  if (!names.includes(root.name) && root.name !== controlField(idoc, 'CIMTYP').replaceAll('/', '_-'))
    refuse(at('CIMTYP'), 'unknown_type', 'is not the type of the message');
  if (basic !== '' && !names.includes(basic)) refuse(at('IDOCTYP'), 'unknown_type', `is not ${names[0]}`);
  if (sent !== '' && sent !== message) refuse(at('MESTYP'), 'unknown_type', `is not ${message}`);
}

function controlField(idoc: XmlElement, field: string): string {
  const control = child(idoc, 'EDI_DC40');
  return (control && textOf(control, field)?.trim()) ?? '';
}

function segment(type: IdocType, shape: WireShape, element: XmlElement): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(shape.properties)) if (isList(part)) picked[name] = [];
  for (const each of element.children) {
    const part = Object.hasOwn(shape.properties, each.name) ? shape.properties[each.name] : undefined;
    if (part && isList(part)) (picked[each.name] as unknown[]).push(segment(type, part.items, each));
    else if (part && Object.hasOwn(picked, each.name)) refuse(pathOf(each), 'duplicate', 'occurs twice');
    else if (part && isShape(part)) picked[each.name] = segment(type, part, each);
    else if (part) picked[each.name] = fieldOf(each);
    else if (isSegment(element, each)) checkOther(type, each);
  }
  return picked;
}

function fieldOf(element: XmlElement): string {
  if (element.children.length > 0) refuse(pathOf(element), 'type', 'is a field and holds elements');
  const text = element.text.trim();
  if (text.length > fieldCharsMax) refuse(pathOf(element), 'maxLength', `is longer than ${fieldCharsMax} characters`);
  return text;
}

/** Below IDOC there are only segments; below a segment, what is marked as one, has parts, or is called like one. */
function isSegment(parent: XmlElement, element: XmlElement): boolean {
  return (
    parent.name === 'IDOC' ||
    'SEGMENT' in element.attributes ||
    element.children.length > 0 ||
    element.name.startsWith('E1')
  );
}

function checkOther(type: IdocType, element: XmlElement): void {
  if (/^(Z|_-)/.test(element.name)) return;
  if (!type.others.has(element.name))
    refuse(pathOf(element).slice(0, 4 * shownChars), 'unknown_segment', `is not a segment of ${type.names[0]}`);
  for (const each of element.children) if (isSegment(element, each)) checkOther(type, each);
}

function refuse(pointer: string, code: string, detail: string): never {
  throw new Failure('CONTRACT_VIOLATED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code, detail }] });
}
