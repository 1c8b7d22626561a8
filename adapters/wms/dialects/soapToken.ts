/**
 * WS-Security UsernameToken 1.1 with a PasswordDigest: it proves who sends and that it is new. It covers nothing of the message,
 * so TLS is required: without it, whoever is in between may change what is told.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import type { XmlElement } from '../../../contracts/gate/xml.ts';
import { isSigned } from '../../crypto/recipes.ts';
import type { Wire } from '../../wire.ts';
import { attributesOf, localName, securityNamespace, wrong } from './soapEnvelope.ts';

const utilityNamespace = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const digestType = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest';
const base64Type = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';
/** How far `Created` may be from our own clock, in real time. */
const windowMs = 5 * 60_000;
const nonceBytesMin = 8;
const nonceBytesMax = 64;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** @throws Failure SIGNATURE_MISMATCH, TIMESTAMP_OUTSIDE_WINDOW, NONCE_REUSED */
export async function assertToken(security: XmlElement, wire: Wire): Promise<void> {
  const { UsernameToken: token, Timestamp: timestamp } = partsOf(security, {
    UsernameToken: securityNamespace,
    Timestamp: utilityNamespace,
  });
  if (!token) throw new Failure('SIGNATURE_MISMATCH', { detail: 'there is no UsernameToken' });
  const { Username, Password, Nonce, Created } = partsOf(token, {
    Username: securityNamespace,
    Password: securityNamespace,
    Nonce: securityNamespace,
    Created: utilityNamespace,
  });
  if (!Username || !Password || !Nonce || !Created)
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'a token has Username, Password, Nonce and Created' });
  if (valueOf(Password, 'Type') !== digestType)
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the Password is no PasswordDigest' });
  const nonce = nonceIn(Nonce);
  const isRight = (secret: string) =>
    isSigned('wsUsernameToken', secret, { nonce, created: Created.text }, Password.text);
  if (Username.text !== wire.system.settings['username'] || !isRight(wire.keys.secret('wssePassword', isRight)))
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the digest is another for this name, nonce and time' });
  assertInTime(Created.text, timestamp);
  if (!(await wire.firstSeen(`wsse ${createHash('sha256').update(nonce).digest('hex')}`)))
    throw new Failure('NONCE_REUSED');
}

/** Each at most once, of its namespace, and no other. */
function partsOf(
  element: XmlElement,
  namespaces: Readonly<Record<string, string>>,
): Readonly<Record<string, XmlElement>> {
  const parts = Object.create(null) as Record<string, XmlElement>;
  if (element.text !== '') throw wrong(`${localName(element)} has text beside its elements`);
  for (const each of element.children) {
    const name = localName(each);
    if (!Object.hasOwn(namespaces, name) || namespaces[name] !== each.namespace || name in parts)
      throw wrong(`${localName(element)} holds something else, or something twice`);
    parts[name] = each;
  }
  return parts;
}

/** Of one attribute; any other but an identifier makes it something else. */
function valueOf(element: XmlElement, name: string): string | undefined {
  const attributes = attributesOf(element).filter(([each]) => each !== 'Id');
  if (attributes.some(([each]) => each !== name)) throw wrong(`${localName(element)} has strange attributes`);
  return attributes[0]?.[1];
}

function nonceIn(element: XmlElement): Buffer {
  const nonce = Buffer.from(element.text, 'base64');
  const isWhole = nonce.toString('base64') === element.text;
  if ((valueOf(element, 'EncodingType') ?? base64Type) !== base64Type || !isWhole)
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the Nonce is no base64' });
  if (nonce.length < nonceBytesMin || nonce.length > nonceBytesMax)
    throw new Failure('SIGNATURE_MISMATCH', { detail: `a Nonce has ${nonceBytesMin} to ${nonceBytesMax} bytes` });
  return nonce;
}

/** A Timestamp is not covered by the digest: it can only make the message older than it is. */
function assertInTime(created: string, timestamp: XmlElement | undefined): void {
  const expires = timestamp && partsOf(timestamp, { Created: utilityNamespace, Expires: utilityNamespace })['Expires'];
  const at = instant.test(created) ? Date.parse(created) : Number.NaN;
  const isLate = expires !== undefined && !(Date.parse(expires.text) + windowMs > Date.now());
  if (!(Math.abs(Date.now() - at) <= windowMs) || isLate) throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
}
