/**
 * CPCN's envelope: XML that travels as base64 in a form, signed with RSA-SHA1 (PKCS#1 v1.5) over the plain XML. SHA-1 is
 * what the gateway takes for international certificates; nothing else of the hub signs with it.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { buildXml, child, parseXml, textOf, type XmlElement } from '../../../contracts/gate/xml.ts';

export interface CpcnMessage {
  readonly root: 'Request' | 'Response';
  readonly head: Readonly<Record<string, string>>;
  /** The fields directly below `Body`, empty ones left out. */
  readonly body: Readonly<Record<string, string>>;
}

const messageCharsMax = 400_000;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;
const hexPattern = /^(?:[0-9a-fA-F]{2})+$/;

/** The document as it is signed and sent. */
export function xmlOf(message: CpcnMessage): Buffer {
  const fields = (name: string, values: Readonly<Record<string, string>>): XmlElement => ({
    name,
    attributes: {},
    text: '',
    children: Object.entries(values).map(([field, text]) => ({ name: field, attributes: {}, text, children: [] })),
  });
  const parts = [
    fields('Head', message.head),
    ...(Object.keys(message.body).length > 0 ? [fields('Body', message.body)] : []),
  ];
  return Buffer.from(
    buildXml(
      { name: message.root, attributes: { version: '2.1' }, text: '', children: parts },
      { declaration: 'UTF-8' },
    ),
  );
}

/** Upper-case hex, over the XML without white space around it. */
export function signatureOf(xml: Buffer, key: KeyObject): string {
  return sign('RSA-SHA1', trimmed(xml), key).toString('hex').toUpperCase();
}

/** `message=<base64>&signature=<HEX>`. */
export function formOf(xml: Buffer, key: KeyObject): Buffer {
  return Buffer.from(
    new URLSearchParams({ message: xml.toString('base64'), signature: signatureOf(xml, key) }).toString(),
  );
}

/** An answer, `base64,HEX`. Nothing in it is looked at before the signature holds. @throws Failure ANSWER_UNVERIFIED */
export function openAnswer(body: Buffer, key: KeyObject): CpcnMessage {
  const [message = '', signature = ''] = body.toString('latin1').trim().split(',', 2);
  const xml = verified(message, signature, key);
  if (!xml) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is not a message with its signature' });
  try {
    return read(xml, 'Response');
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be read', cause });
  }
}

/** A notice, the two form fields. @throws Failure BODY_MALFORMED or SIGNATURE_MISMATCH */
export function openNotice(body: Buffer, key: KeyObject): CpcnMessage {
  const form = new URLSearchParams(body.toString('latin1'));
  const [message, signature] = [form.getAll('message'), form.getAll('signature')];
  if (message.length !== 1 || signature.length !== 1) {
    throw new Failure('BODY_MALFORMED', { detail: 'a form with one message and one signature was expected' });
  }
  const xml = verified(message[0] ?? '', signature[0] ?? '', key);
  if (!xml) throw new Failure('SIGNATURE_MISMATCH');
  return read(xml, 'Request');
}

/** The XML behind a message whose signature holds. */
function verified(message: string, signature: string, key: KeyObject): Buffer | undefined {
  const base64 = message.replaceAll(/[\r\n]/g, ''); // Old Java encoders break lines.
  if (base64.length > messageCharsMax || !base64Pattern.test(base64) || !hexPattern.test(signature)) return undefined;
  const xml = trimmed(Buffer.from(base64, 'base64'));
  return verify('RSA-SHA1', xml, key, Buffer.from(signature, 'hex')) ? xml : undefined;
}

function read(xml: Buffer, root: CpcnMessage['root']): CpcnMessage {
  const document = parseXml(xml);
  if (document.name !== root) throw new Failure('BODY_MALFORMED', { detail: `the root must be ${root}` });
  return { root, head: fieldsOf(child(document, 'Head')), body: fieldsOf(child(document, 'Body')) };
}

function fieldsOf(element: XmlElement | undefined): Record<string, string> {
  const fields = Object.create(null) as Record<string, string>;
  for (const { name, children } of element?.children ?? []) {
    if (name in fields) throw new Failure('BODY_MALFORMED', { detail: 'a field stands there twice' });
    const text = element && children.length === 0 ? (textOf(element, name) ?? '') : '';
    if (text !== '') fields[name] = text;
  }
  return fields;
}

/** The gateway signs what `String.trim` leaves: everything up to U+0020 at both ends goes. */
function trimmed(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  while (from < to && (bytes[from] ?? 0) <= 0x20) from += 1;
  while (to > from && (bytes[to - 1] ?? 0) <= 0x20) to -= 1;
  return bytes.subarray(from, to);
}
