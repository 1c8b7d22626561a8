/** Signatures of the AntChain open gateway: HMAC-SHA1 in base64, over the sorted parameters or over the answer's own bytes. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** All parameters, those of the query and those of the form, sorted by name and percent-encoded as RFC 3986 has it. */
export function signParameters(parameters: Readonly<Record<string, string>>, secret: string): string {
  const text = Object.entries(parameters)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  return mac(Buffer.from(text), secret).toString('base64');
}

/**
 * The bytes of `response` in an answer whose signature is over exactly these bytes; undefined when it is not, or when
 * there is no telling which bytes are meant.
 */
export function signedResponse(body: Buffer, secret: string): Buffer | undefined {
  const parts = /^\s*\{\s*"response"\s*:\s*(\{[^]*\})\s*,\s*"sign"\s*:\s*"([A-Za-z0-9+/]{27}=)"\s*\}\s*$/.exec(
    body.toString('latin1'),
  );
  const [, content, given] = parts ?? [];
  if (content === undefined || given === undefined) return undefined;
  const bytes = Buffer.from(content, 'latin1');
  const [due, sign] = [mac(bytes, secret), Buffer.from(given, 'base64')];
  return due.length === sign.length && timingSafeEqual(due, sign) ? bytes : undefined;
}

/** `encodeURIComponent` leaves five characters that RFC 3986 reserves. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function mac(bytes: Buffer, secret: string): Buffer {
  return createHmac('sha1', secret).update(bytes).digest();
}
