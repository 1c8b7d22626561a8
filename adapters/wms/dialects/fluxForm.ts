/**
 * The envelope of FLUX: a form whose field `data` carries the message and whose field `sign` covers `data`, and nothing else.
 *
 * Method, message and time are therefore not proven: what a method means must stand in the message itself, and a replay is
 * known by the number in it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';

/** URL-encoded base64 of the MD5, in hex, of secret, data, secret: the form in which it stands in a body. */
export function fluxSign(data: string, secret: string): string {
  const hex = createHash('md5').update(`${secret}${data}${secret}`, 'utf8').digest('hex');
  return encodeURIComponent(Buffer.from(hex, 'ascii').toString('base64'));
}

/** The bytes of a form. `sign` is URL-encoded once, by its own recipe. */
export function fluxForm(fields: Readonly<Record<string, string>>, data: string, secret: string): Buffer {
  const head = new URLSearchParams(fields).toString();
  return Buffer.from(`${head}&data=${encodeURIComponent(data)}&sign=${fluxSign(data, secret)}`, 'ascii');
}

const fieldsMax = 20;
const bytesMax = 2_000_000;

/** The fields of a form, decoded. @throws Failure BODY_MALFORMED or BODY_TOO_LARGE */
export function fluxFields(body: Buffer): Readonly<Record<string, string>> {
  if (body.length > bytesMax) throw new Failure('BODY_TOO_LARGE', { detail: `at most ${bytesMax} bytes are taken` });
  const pairs = body.toString('latin1').split('&');
  if (pairs.length > fieldsMax) throw malformed('too many fields');
  const fields = Object.create(null) as Record<string, string>; // A field may be named `__proto__`.
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    if (Object.hasOwn(fields, name)) throw malformed('a field occurs twice');
    fields[name] = decoded(at < 0 ? '' : pair.slice(at + 1));
  }
  return fields;
}

/** Of a decoded form; in constant time. */
export function isFluxSigned(fields: Readonly<Record<string, string>>, secret: string): boolean {
  const expected = Buffer.from(decodeURIComponent(fluxSign(fields['data'] ?? '', secret)));
  const shown = Buffer.from(fields['sign'] ?? '');
  return shown.length === expected.length && timingSafeEqual(shown, expected);
}

function decoded(text: string): string {
  // Bytes that are no ASCII stand in a form as percent signs only; anything else was never encoded.
  if (/[^\x20-\x7e]/.test(text)) throw malformed('the form is not URL-encoded');
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed('the form is not URL-encoded UTF-8');
  }
}

function malformed(detail: string): Failure {
  return new Failure('BODY_MALFORMED', { detail });
}
