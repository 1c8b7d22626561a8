/** Keys and secrets of the hub towards one system, from files: never in a row, a log or an error. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Keys {
  /** A shared secret, as text without the trailing newline. */
  secret(name: string): string;
  privateKey(name: string): KeyObject;
  publicKey(name: string): KeyObject;
}

/** `<folder>/<system>/hub/<name>.txt` for secrets, `<name>.pem` for keys. */
export function keysFrom(folder: string, system: string): Keys {
  const cache = new Map<string, unknown>();
  const load = <T>(file: string, parse: (text: string) => T): T => {
    if (!cache.has(file)) cache.set(file, parse(read(join(folder, system, 'hub', file), system)));
    return cache.get(file) as T;
  };
  return {
    secret: (name) => load(`${name}.txt`, (text) => text.trim()),
    privateKey: (name) => load(`${name}.pem`, (text) => createPrivateKey(text)),
    publicKey: (name) => load(`${name}.pem`, (text) => createPublicKey(text)),
  };
}

function read(path: string, system: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(`${system}: the key file ${path} cannot be read`);
  }
}
