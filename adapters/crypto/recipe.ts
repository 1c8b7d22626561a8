/**
 * How a counterparty's signature is made, as data: what is laid together in which order, hashed how, under which key, and
 * how the result is spelled. One small interpreter makes them and compares them, always in constant time.
 */
import { createHash, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';

export interface Recipe {
  readonly algorithm: 'md5' | 'sha1' | 'hmac-sha1' | 'hmac-sha256' | 'rsa-sha1' | 'rsa-sha256';
  /** How the secret is written in its file; `key` where it is one half of a key pair. */
  readonly keyEncoding: 'utf8' | 'key';
  /** The key is not the secret but HMAC-SHA256 of these under it. */
  readonly keyFrom?: readonly Part[];
  readonly parts: readonly Part[];
  /** Stands between the parts. */
  readonly between?: string;
  readonly output: 'hex' | 'HEX' | 'base64' | 'percentBase64OfHex';
  /** The other side may spell hex in either case. */
  readonly anyCase?: true;
}

export type Part =
  | 'secret'
  | { readonly text: string }
  /** What the dialect gives under this name: text as UTF-8, or bytes as they are. */
  | { readonly field: string }
  | { readonly digest: 'sha256'; readonly as: 'hex'; readonly of: readonly Part[] }
  /** In the order of their own bytes. */
  | { readonly sorted: readonly Part[] }
  | { readonly parameters: Parameters };

/** The parameters that the dialect gives, in the order of the bytes of their names. */
export interface Parameters {
  readonly show: 'name=value' | 'namevalue' | 'value';
  readonly between: string;
  readonly without: readonly string[];
  readonly blank: 'kept' | 'dropped';
  /** Names and values are percent-encoded as in RFC 3986. */
  readonly percent?: true;
}

/** What a dialect gives: its fields by name, and `parameters`. */
export type Given = Readonly<Record<string, string | Uint8Array | Readonly<Record<string, string>>>>;

/** The signature as it travels. */
export function signatureBy(recipe: Recipe, key: KeyObject | string, given: Given): string {
  const text = textUnder(recipe, key, given);
  const { algorithm } = recipe;
  if (isRsa(algorithm)) return spelled(sign(hashOf(algorithm), text, keyIn(key)), recipe);
  return spelled(digestOf(recipe, text, secretIn(key), given), recipe);
}

/** In constant time. False for anything that is no signature. */
export function isSignedBy(recipe: Recipe, key: KeyObject | string, given: Given, shown: string): boolean {
  const { algorithm, anyCase, output } = recipe;
  if (isRsa(algorithm)) {
    const signature = Buffer.from(shown, output === 'base64' ? 'base64' : 'hex');
    // Node reads over what is no base64 and stops at what is no hex: only what it would write itself is taken.
    const isSpelled = sameBytes(Buffer.from(spelled(signature, recipe)), Buffer.from(inCase(shown, recipe)));
    return isSpelled && verify(hashOf(algorithm), textUnder(recipe, key, given), keyIn(key), signature);
  }
  const due = signatureBy(recipe, key, given);
  return sameBytes(Buffer.from(due), Buffer.from(anyCase ? inCase(shown, recipe) : shown));
}

/** The exact bytes under a signature. */
export function textUnder(recipe: Recipe, key: KeyObject | string, given: Given): Buffer {
  const secret = typeof key === 'string' ? key : '';
  return joined(
    recipe.parts.map((part) => bytesOf(part, secret, given)),
    recipe.between ?? '',
  );
}

function bytesOf(part: Part, secret: string, given: Given): Buffer {
  if (part === 'secret') return Buffer.from(secret);
  if ('text' in part) return Buffer.from(part.text);
  if ('field' in part) return valueOf(given[part.field], part.field);
  if ('digest' in part) {
    const inner = joined(
      part.of.map((each) => bytesOf(each, secret, given)),
      '',
    );
    return Buffer.from(createHash(part.digest).update(inner).digest(part.as));
  }
  if ('sorted' in part)
    return Buffer.concat(part.sorted.map((each) => bytesOf(each, secret, given)).sort((a, b) => Buffer.compare(a, b)));
  return parametersOf(part.parameters, given['parameters'] as Readonly<Record<string, string>>);
}

function valueOf(value: unknown, name: string): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`the recipe has no ${name} to sign`);
}

function parametersOf({ show, between, without, blank, percent }: Parameters, given: Readonly<Record<string, string>>) {
  const encoded = percent ? percentEncoded : (text: string) => text;
  const texts = Object.entries(given)
    .filter(([name, value]) => !without.includes(name) && (blank === 'kept' || value !== ''))
    .map(([name, value]) => ({ name: Buffer.from(name), shown: [encoded(name), encoded(value)] as const }))
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map(({ shown: [name, value] }) => (show === 'value' ? value : name + (show === 'name=value' ? '=' : '') + value));
  return Buffer.from(texts.join(between));
}

/** `encodeURIComponent` leaves five characters that RFC 3986 reserves. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function digestOf(recipe: Recipe, text: Buffer, secret: string, given: Given): Buffer {
  const { algorithm, keyFrom } = recipe;
  if (algorithm === 'md5' || algorithm === 'sha1') return createHash(algorithm).update(text).digest();
  const derived =
    keyFrom &&
    joined(
      keyFrom.map((part) => bytesOf(part, secret, given)),
      '',
    );
  const key = derived ? createHmac('sha256', secret).update(derived).digest() : Buffer.from(secret);
  return createHmac(hashOf(algorithm), key).update(text).digest();
}

function spelled(signature: Buffer, { output }: Recipe): string {
  if (output === 'HEX') return signature.toString('hex').toUpperCase();
  if (output !== 'percentBase64OfHex') return signature.toString(output);
  return encodeURIComponent(Buffer.from(signature.toString('hex')).toString('base64'));
}

function inCase(shown: string, { anyCase, output }: Recipe): string {
  if (!anyCase) return shown;
  return output === 'HEX' ? shown.toUpperCase() : shown.toLowerCase();
}

function joined(parts: readonly Buffer[], between: string): Buffer {
  const separator = Buffer.from(between);
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [separator, part])));
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function isRsa(algorithm: Recipe['algorithm']): boolean {
  return algorithm.startsWith('rsa-');
}

function hashOf(algorithm: Recipe['algorithm']): string {
  return algorithm.replace(/^(?:hmac|rsa)-/, '');
}

function keyIn(key: KeyObject | string): KeyObject {
  if (typeof key === 'string') throw new TypeError('this recipe needs a key of a pair');
  return key;
}

function secretIn(key: KeyObject | string): string {
  if (typeof key !== 'string') throw new TypeError('this recipe needs a secret');
  return key;
}
