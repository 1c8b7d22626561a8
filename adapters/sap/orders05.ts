/**
 * IDoc XML to plain objects, one per IDOC. It takes what SAP's XML-HTTP port sends and what partners copy from the web:
 * fields that we do not know are left out, segments that customers added (Z..., or their own namespace `_-ABC_-...`) too.
 * A segment that is neither SAP's nor marked as an extension is refused by name: it may hold what changes the order.
 */
import type { Static } from 'typebox';
import { Failure } from '../../contracts/failures.ts';
import { children, parseXml, pathOf, type XmlElement } from '../../contracts/gate/xml.ts';
import { fieldCharsMax, idocsPerMessageMax, Orders05, type WireShape } from '../../contracts/sap/s4.wire.ts';
import { isList, isShape } from './pick.ts';

export interface IdocAt {
  readonly path: string;
  readonly idoc: Static<typeof Orders05>;
}

/** @throws Failure that names the segment or field by XPath */
export function readOrders05(body: Buffer): IdocAt[] {
  const root = parseXml(body);
  const idocs = children(root, 'IDOC');
  if (idocs.length === 0) refuse(pathOf(root, 'IDOC'), 'required', 'is missing');
  if (idocs.length > idocsPerMessageMax) {
    throw new Failure('BODY_TOO_LARGE', {
      detail: `${idocs.length} IDocs in one message, at most ${idocsPerMessageMax}`,
    });
  }
  for (const other of root.children)
    if (other.name !== 'IDOC') refuse(pathOf(other), 'unknown_segment', 'is not an IDOC');
  return idocs.map((element) => {
    const path = pathOf(element);
    if (!element.children.some((each) => each.name === 'EDI_DC40'))
      refuse(`${path}/EDI_DC40`, 'required', 'is missing');
    if (!element.children.some((each) => each.name === 'E1EDK01')) refuse(`${path}/E1EDK01`, 'required', 'is missing');
    const idoc = segment(Orders05, element) as Static<typeof Orders05>;
    checkType(root, path, idoc);
    return { path, idoc };
  });
}

/** Segments of basic type ORDERS05 beside those that the contract names. */
const otherSegments = new Set(
  `E1EDK04 E1EDK05 E1EDKA3 E1EDK17 E1EDK18 E1EDK35 E1EDK36 E1EDKT1 E1EDKT2 E1EDP02 E1CUREF E1ADDI1 E1EDP03 E1EDP04 E1EDP05
  E1EDPS5 E1EDP20 E1EDPA1 E1EDPA3 E1EDPAD E1TXTH1 E1TXTP1 E1EDP17 E1EDP18 E1EDP35 E1EDPT1 E1EDPT2 E1EDC01 E1EDC02 E1EDC03
  E1EDC04 E1EDC05 E1EDC06 E1EDC07 E1EDCA1 E1EDC19 E1EDC17 E1EDC18 E1EDCT1 E1EDCT2 E1CUCFG E1CUINS E1CUPRT E1CUVAL E1CUBLB
  E1EDL37 E1EDL39 E1EDL38 E1EDL44`.split(/\s+/),
);
/** Messages that travel in ORDERS05 but place no order. */
const otherMessages = new Set(['ORDCHG', 'REQOTE', 'QUOTES', 'DELORD']);
const shownChars = 64;

/** The root is the basic type, or the extension (CIMTYP) when there is one. */
function checkType(root: XmlElement, path: string, { EDI_DC40: control }: Static<typeof Orders05>): void {
  const extension = control.CIMTYP?.replaceAll('/', '_-');
  const isOurs = root.name === 'ORDERS05' || (control.IDOCTYP === 'ORDERS05' && root.name === extension);
  if (!isOurs) refuse(`/${root.name.slice(0, shownChars)}`, 'unknown_type', 'is not ORDERS05');
  if (control.IDOCTYP !== undefined && control.IDOCTYP !== '' && control.IDOCTYP !== 'ORDERS05') {
    refuse(`${path}/EDI_DC40/IDOCTYP`, 'unknown_type', 'is not ORDERS05');
  }
  if (otherMessages.has(control.MESTYP ?? '')) refuse(`${path}/EDI_DC40/MESTYP`, 'unknown_type', 'places no order');
}

function segment(shape: WireShape, element: XmlElement): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(shape.properties)) if (isList(part)) picked[name] = [];
  for (const each of element.children) {
    const part = Object.hasOwn(shape.properties, each.name) ? shape.properties[each.name] : undefined;
    if (part && isList(part)) (picked[each.name] as unknown[]).push(segment(part.items, each));
    else if (part && Object.hasOwn(picked, each.name)) refuse(pathOf(each), 'duplicate', 'occurs twice');
    else if (part && isShape(part)) picked[each.name] = segment(part, each);
    else if (part) picked[each.name] = fieldOf(each);
    else if (isSegment(element, each)) checkOther(each);
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

function checkOther(element: XmlElement): void {
  if (/^(Z|_-)/.test(element.name)) return;
  if (!otherSegments.has(element.name))
    refuse(pathOf(element).slice(0, 4 * shownChars), 'unknown_segment', 'is not a segment of ORDERS05');
  for (const each of element.children) if (isSegment(element, each)) checkOther(each);
}

function refuse(pointer: string, code: string, detail: string): never {
  throw new Failure('CONTRACT_VIOLATED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code, detail }] });
}
