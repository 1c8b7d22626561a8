/**
 * A SOAP 1.1 envelope, read so that two readers could not read it differently: one header block, one element in the body, no
 * attribute that changes the meaning of what follows, nothing beside.
 */
import { Failure, type FailureCode } from '../../../contracts/failures.ts';
import { parseXml, type XmlElement } from '../../../contracts/gate/xml.ts';

const envelopeNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';
export const securityNamespace = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';

/** A control confirmation of 500 lots, named twice, has some 5 000 elements. */
const limits = {
  bytesMax: 524_288,
  depthMax: 12,
  nodesMax: 6_500,
  textCharsMax: 4_096,
  attributesPerElementMax: 16,
};

/** @throws Failure; `errors` says of VersionMismatch and MustUnderstand that they are these. */
export function envelopeOf(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): { token: XmlElement; payload: XmlElement } {
  assertPlainXml(headers);
  assertNothingBesideElements(body);
  const root = parseXml(body, limits);
  if (localName(root) !== 'Envelope') throw wrong('the document is no SOAP envelope');
  if (root.namespace !== envelopeNamespace)
    throw special('versionMismatch', '/Envelope', 'the hub speaks SOAP 1.1', 'CONTRACT_VIOLATED');
  assertBare(root);
  const [header, content, ...others] = root.children;
  if (!header || !content || others.length > 0 || !isPart(header, 'Header') || !isPart(content, 'Body'))
    throw wrong('an envelope holds one Header and one Body, in this order');
  assertBare(header);
  assertBare(content);
  const [payload, ...more] = content.children;
  if (!payload || more.length > 0) throw wrong('a body holds one element');
  return { token: tokenIn(header), payload };
}

export function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Attributes other than declarations of namespaces, by their name without prefix. */
export function attributesOf(element: XmlElement): [name: string, value: string][] {
  return Object.entries(element.attributes)
    .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(([name, value]) => [name.slice(name.indexOf(':') + 1), value]);
}

/** Has no attributes, and no text beside its elements. */
function assertBare(element: XmlElement): void {
  if (attributesOf(element).length > 0) throw wrong(`${shown(element)} has attributes`);
  if (element.text !== '') throw wrong(`${shown(element)} has text beside its elements`);
}

export function wrong(detail: string): Failure {
  return new Failure('BODY_MALFORMED', { detail });
}

/** The media type names SOAP 1.1 alone; what it says of the charset must hold. */
function assertPlainXml(headers: Readonly<Record<string, string>>): void {
  const type = (headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('application/soap+xml'))
    throw special('versionMismatch', '/Envelope', 'SOAP 1.2 is not spoken here', 'ENCODING_UNSUPPORTED');
  if (!/^text\/xml\s*(;\s*charset="?utf-8"?\s*)?$/.test(type))
    throw new Failure('ENCODING_UNSUPPORTED', { detail: 'content-type text/xml; charset=utf-8 is expected' });
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Failure('ENCODING_UNSUPPORTED');
}

/**
 * No comment, CDATA section or instruction: readers differ in what they make of a value that one of these splits. In UTF-8 an
 * opening bracket is nothing else, and well-formed XML has it nowhere in a text or an attribute.
 */
function assertNothingBesideElements(body: Buffer): void {
  const text = body.subarray(0, limits.bytesMax).toString('latin1');
  const declaration = /^(?:\xef\xbb\xbf)?<\?xml [^>]*\?>/.exec(text)?.[0] ?? '';
  const encoding = /encoding\s*=\s*["']([^"']*)/.exec(declaration)?.[1] ?? 'utf-8';
  if (encoding.toLowerCase() !== 'utf-8') throw new Failure('ENCODING_UNSUPPORTED', { detail: 'the hub takes UTF-8' });
  if (/<[!?]/.test(text.slice(declaration.length)))
    throw wrong('comments, CDATA sections, document types and instructions are not taken');
}

/** The hub answers on the connection and nowhere else: a block of WS-Addressing is one that it does not understand. */
function tokenIn(header: XmlElement): XmlElement {
  for (const block of header.children) {
    const attributes = new Map(attributesOf(block));
    const isSecurity = localName(block) === 'Security' && block.namespace === securityNamespace;
    if (!isSecurity && ['1', 'true'].includes(attributes.get('mustUnderstand') ?? ''))
      throw special('mustUnderstand', `/Envelope/Header/${localName(block).slice(0, 64)}`, 'is not understood');
    if (!isSecurity || attributes.has('actor'))
      throw wrong(`${shown(block)}: the only header block is wsse:Security, for the hub itself`);
  }
  const [security, ...others] = header.children;
  if (!security || others.length > 0) throw wrong('there must be one wsse:Security');
  return security;
}

function isPart(element: XmlElement, name: string): boolean {
  return localName(element) === name && element.namespace === envelopeNamespace;
}

function special(code: string, pointer: string, detail: string, type: FailureCode = 'BODY_MALFORMED'): Failure {
  return new Failure(type, { detail, errors: [{ pointer, code, detail }] });
}

function shown(element: XmlElement): string {
  return localName(element).slice(0, 64);
}
