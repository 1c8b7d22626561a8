/**
 * CPCN's envelope: XML that travels as base64 in a form, signed with RSA-SHA1 (PKCS#1 v1.5) over the plain XML. SHA-1 is
 * what the gateway takes for international certificates; nothing else of the hub signs with it.
 */
import type { KeyObject } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { buildXml, child, parseXml, textOf, type XmlElement } from '../../../contracts/gate/xml.ts';
import { isSigned, signed } from '../../crypto/recipes.ts';

export interface CpcnMessage {
  readonly root: 'Request' | 'Response';
  readonly head: Readonly<Record<string, string>>;
  /** What stands below `Body`, empty fields left out. */
  readonly body: Readonly<Record<string, string>>;
  /** Fields that have fields of their own: once (`Corporation`) or again and again (`SplitItems`). Absent: there are none. */
  readonly groups?: Groups;
}
type Fields = Readonly<Record<string, string>>;
type Groups = Readonly<Record<string, readonly Fields[]>>;

const messageCharsMax = 400_000;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/** The gateway's key: of those that are valid the one under which a signature holds, else any. */
type KeyThat = (holds: (key: KeyObject) => boolean) => KeyObject;

/** The document as it is signed and sent. */
export function xmlOf(message: CpcnMessage): Buffer {
  const groups = Object.entries(message.groups ?? {}).flatMap(([name, each]) =>
    each.map((group) => elementOf(name, group)),
  );
  const body = elementOf('Body', message.body, groups);
  const parts = [elementOf('Head', message.head), ...(body.children.length > 0 ? [body] : [])];
  return Buffer.from(
    buildXml(
      { name: message.root, attributes: { version: '2.1' }, text: '', children: parts },
      { declaration: 'UTF-8' },
    ),
  );
}

function elementOf(name: string, fields: Fields, groups: readonly XmlElement[] = []): XmlElement {
  const own = Object.entries(fields).map(([field, text]) => ({ name: field, attributes: {}, text, children: [] }));
  return { name, attributes: {}, text: '', children: [...own, ...groups] };
}

/** Upper-case hex, over the XML without white space around it. */
export function signatureOf(xml: Buffer, key: KeyObject): string {
  return signed('cpcn', key, { xml: trimmed(xml) });
}

/** `message=<base64>&signature=<HEX>`. */
export function formOf(xml: Buffer, key: KeyObject): Buffer {
  return Buffer.from(
    new URLSearchParams({ message: xml.toString('base64'), signature: signatureOf(xml, key) }).toString(),
  );
}

/** An answer, `base64,HEX`. Nothing in it is looked at before the signature holds. @throws Failure ANSWER_UNVERIFIED */
export function openAnswer(body: Buffer, keyThat: KeyThat): CpcnMessage {
  const [message = '', signature = ''] = body.toString('latin1').trim().split(',', 2);
  const xml = verified(message, signature, keyThat);
  if (!xml) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is not a message with its signature' });
  try {
    return read(xml, 'Response');
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be read', cause });
  }
}

/** A notice, the two form fields. @throws Failure BODY_MALFORMED or SIGNATURE_MISMATCH */
export function openNotice(body: Buffer, keyThat: KeyThat): CpcnMessage {
  const form = new URLSearchParams(body.toString('latin1'));
  const [message, signature] = [form.getAll('message'), form.getAll('signature')];
  if (message.length !== 1 || signature.length !== 1) {
    throw new Failure('BODY_MALFORMED', { detail: 'a form with one message and one signature was expected' });
  }
  const xml = verified(message[0] ?? '', signature[0] ?? '', keyThat);
  if (!xml) throw new Failure('SIGNATURE_MISMATCH');
  return read(xml, 'Request');
}

/** The XML behind a message whose signature holds. */
function verified(message: string, signature: string, keyThat: KeyThat): Buffer | undefined {
  const base64 = message.replaceAll(/[\r\n]/g, ''); // Old Java encoders break lines.
  if (base64.length > messageCharsMax || !base64Pattern.test(base64)) return undefined;
  const xml = trimmed(Buffer.from(base64, 'base64'));
  const holds = (key: KeyObject) => isSigned('cpcn', key, { xml }, signature);
  return holds(keyThat(holds)) ? xml : undefined;
}

function read(xml: Buffer, root: CpcnMessage['root']): CpcnMessage {
  const document = parseXml(xml);
  if (document.name !== root) throw new Failure('BODY_MALFORMED', { detail: `the root must be ${root}` });
  const body = child(document, 'Body');
  const groups = groupsOf(body);
  return {
    root,
    head: fieldsOf(child(document, 'Head')),
    body: fieldsOf(body),
    ...(Object.keys(groups).length > 0 ? { groups } : {}),
  };
}

function fieldsOf(element: XmlElement | undefined): Record<string, string> {
  const fields = Object.create(null) as Record<string, string>;
  const names = new Set<string>();
  for (const { name, children } of element?.children ?? []) {
    if (children.length > 0) continue;
    if (names.has(name)) throw new Failure('BODY_MALFORMED', { detail: 'a field stands there twice' });
    names.add(name);
    const text = element ? (textOf(element, name) ?? '') : '';
    if (text !== '') fields[name] = text;
  }
  return fields;
}

/** Only one level: what is deeper is none of ours. */
function groupsOf(element: XmlElement | undefined): Groups {
  const grouped = (element?.children ?? []).filter(({ children }) => children.length > 0);
  const byName = Map.groupBy(grouped, ({ name }) => name);
  return Object.fromEntries([...byName].map(([name, each]) => [name, each.map(fieldsOf)]));
}

/** The gateway signs what `String.trim` leaves: everything up to U+0020 at both ends goes. */
function trimmed(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  while (from < to && (bytes[from] ?? 0) <= 0x20) from += 1;
  while (to > from && (bytes[to - 1] ?? 0) <= 0x20) to -= 1;
  return bytes.subarray(from, to);
}
