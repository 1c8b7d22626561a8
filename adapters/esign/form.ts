/** `application/x-www-form-urlencoded`, read strictly: what is signed must have one meaning only. */
import { Failure } from '../../contracts/failures.ts';

const bodyBytesMax = 1_000_000;
const fieldsMax = 50;

/** @throws Failure BODY_TOO_LARGE or BODY_MALFORMED: a field twice, bytes that are no ASCII, percent signs that are no UTF-8 */
export function parseForm(body: Buffer): Readonly<Record<string, string>> {
  if (body.length > bodyBytesMax) throw new Failure('BODY_TOO_LARGE', { detail: `more than ${bodyBytesMax} bytes` });
  const text = body.toString('latin1');
  if (!/^[\x21-\x7e]+$/.test(text)) throw malformed('the form is not plain ASCII');
  const pairs = text.split('&');
  if (pairs.length > fieldsMax) throw malformed(`more than ${fieldsMax} fields`);
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0) throw malformed('a field without a name or a value');
    const name = decoded(pair.slice(0, at));
    if (fields.has(name)) throw malformed('a field occurs twice');
    fields.set(name, decoded(pair.slice(at + 1)));
  }
  return Object.fromEntries(fields);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new Failure('BODY_MALFORMED', { detail: 'a field is not percent-encoded UTF-8', cause });
  }
}

function malformed(detail: string): Failure {
  return new Failure('BODY_MALFORMED', { detail });
}
