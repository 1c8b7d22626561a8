/**
 * Keys and secrets of the hub towards one system, from files or the environment: never in a row, a log or an error.
 *
 * In `<folder>/<system>/hub/`: `<name>.pem` for a key or a certificate, `<name>.txt` for a secret, and beside it, when
 * there is something to say of it, `<name>.json`: `{ "id", "purpose", "notBefore", "notAfter" }`. A key is changed by laying
 * the next one beside it, `<name>@<id>.pem` with its `<name>@<id>.json`: of those valid at the time the newest signs and
 * all verify. A variable `LIANSHU_KEY_<SYSTEM>_<NAME>` stands in for all files of that name.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import { type Form, type KeyFile, keyFilesOf, standingOf } from './keyFiles.ts';

/**
 * Each answers with the newest key that is valid now. With `fits`, with the newest that fits, so that what the other
 * side made with its key of yesterday still verifies; if none fits, with the newest, under which it then does not.
 */
export interface Keys {
  /** A shared secret, as text without the trailing newline. */
  secret(name: string, fits?: (secret: string) => boolean): string;
  privateKey(name: string, fits?: (key: KeyObject) => boolean): KeyObject;
  publicKey(name: string, fits?: (key: KeyObject) => boolean): KeyObject;
}

/** Asked for one thing, a key may have been made for another. */
const admits = {
  secret: ['secret'],
  privateKey: ['sign', 'wrap'],
  publicKey: ['verify', 'wrap', 'sign'],
} as const;

/** Reads at each question: a key that was laid there is used from then on. Validity is by real time. */
export function keysFrom(folder: string, system: string, nowMs: () => number = Date.now): Keys {
  const newest = <T>(asked: AskedFor, name: string, form: Form, parse: (text: string) => T, fits?: Fits<T>): T => {
    const [first, ...earlier] = usableOf(folder, system, { asked, name, form, nowMs: nowMs() });
    const parsed = (file: KeyFile) => parsedOf(system, file, asked, parse);
    const key = parsed(first);
    if (fits === undefined || fits(key)) return key;
    return earlier.map(parsed).find(fits) ?? key;
  };
  return {
    secret: (name, fits) => newest('secret', name, 'txt', (text) => text.trim(), fits),
    privateKey: (name, fits) => newest('privateKey', name, 'pem', createPrivateKey, fits),
    publicKey: (name, fits) => newest('publicKey', name, 'pem', createPublicKey, fits),
  };
}

type AskedFor = keyof typeof admits;
type Fits<T> = (value: T) => boolean;

interface Asked {
  readonly asked: AskedFor;
  readonly name: string;
  readonly form: Form;
  readonly nowMs: number;
}

/** Newest first. @throws Failure KEY_NOT_ADMITTED that says which key and since when */
function usableOf(folder: string, system: string, { asked, name, form, nowMs }: Asked): [KeyFile, ...KeyFile[]] {
  const files = keyFilesOf(folder, system, { name, form });
  const allowed: readonly string[] = admits[asked];
  const meant = files.filter(({ purpose }) => purpose === undefined || allowed.includes(purpose));
  const [newest, ...earlier] = meant.filter((file) => standingOf(file, nowMs) === 'valid');
  if (newest !== undefined) return [newest, ...earlier];
  const [file] = meant;
  if (file !== undefined) throw unusable(`${system}: the key ${labelOf(file)} ${whyNot(file, nowMs)}`);
  const [other] = files;
  if (other !== undefined) throw unusable(`${system}: the key ${labelOf(other)} is meant to ${other.purpose}`);
  throw unusable(`${system}: there is no key ${name}, neither ${name}.${form} nor ${name}@<id>.${form}`);
}

function whyNot({ notBefore, notAfter }: KeyFile, nowMs: number): string {
  return notBefore !== undefined && nowMs < notBefore.getTime()
    ? `is not valid before ${notBefore.toISOString()}`
    : `expired at ${notAfter?.toISOString()}`;
}

/** What OpenSSL says of a key may quote it, so only our own words leave. */
function parsedOf<T>(system: string, file: KeyFile, asked: string, parse: (text: string) => T): T {
  try {
    return parse(file.text());
  } catch {
    throw unusable(`${system}: the key ${labelOf(file)} cannot be read as a ${asked}`);
  }
}

function labelOf({ name, id }: KeyFile): string {
  return id === undefined ? name : `${name}@${id}`;
}

function unusable(detail: string): Failure {
  return new Failure('KEY_NOT_ADMITTED', { detail });
}
