/**
 * Root keys (根密钥): they seal the data keys and nothing else, and never stand in the database, a log or an error.
 *
 * `LIANSHU_ROOT_KEYS` (64 hex digits each, separated by commas; the newest last), as a secret store hands them to a
 * process; or `<home>/keys/root.keys`, one a line, readable by its owner only, made at the first start of a first hub.
 */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { rootIdOf } from './envelope.ts';

export interface RootKey {
  readonly id: string;
  readonly key: KeyObject;
}

export interface RootKeys {
  /** Where they come from, for people. */
  readonly source: string;
  /** In the order in which they were made; as they are now. @throws Error for what is no key, or is readable by others */
  list(): RootKey[];
  /** One more, the newest. @throws Error where they are given by the environment */
  add(): RootKey;
}

const keyBytes = 32;
const variable = 'LIANSHU_ROOT_KEYS';

/** Of the environment, else of this home: LIANSHU_HOME, or `.lianshu/` in the checkout. */
export function rootKeysHere(home?: string): RootKeys {
  const given = home === undefined ? process.env[variable] : undefined;
  if (given !== undefined) return fromEnvironment(given);
  const folder = home ?? process.env['LIANSHU_HOME'] ?? join(import.meta.dirname, '..', '..', '.lianshu');
  return inFile(join(resolve(folder), 'keys', 'root.keys'));
}

/** For a database of a few seconds: this process and its children have a key of their own, unless they were given one. */
export function ephemeralRootKey(): void {
  process.env[variable] ??= randomBytes(keyBytes).toString('hex');
}

function fromEnvironment(text: string): RootKeys {
  return {
    source: variable,
    list: () => parsed(text.split(','), variable),
    add() {
      throw new Error(`${variable} holds the root keys: put a new one at its end, at every node, and start again`);
    },
  };
}

function inFile(file: string): RootKeys {
  const list = () => {
    if (!existsSync(file)) return [];
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new Error(`${file} can be read by others: chmod 600 it, and think about who may have read it`);
    return parsed(readFileSync(file, 'utf8').split('\n'), file);
  };
  return {
    source: file,
    list,
    add() {
      mkdirSync(dirname(file), { recursive: true });
      const known = list();
      const hex = randomBytes(keyBytes).toString('hex');
      const draft = `${file}.${process.pid}.new`;
      writeFileSync(draft, `${[...known.map(({ key }) => key.export().toString('hex')), hex].join('\n')}\n`, {
        mode: 0o600,
        flush: true,
      });
      chmodSync(draft, 0o600);
      try {
        // The first is made once, whoever else begins here at the same moment.
        if (known.length === 0) linkSync(draft, file);
        else renameSync(draft, file);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      } finally {
        rmSync(draft, { force: true });
      }
      const newest = list().at(-1);
      if (!newest) throw new Error(`${file} could not be written`);
      return newest;
    },
  };
}

function parsed(lines: readonly string[], source: string): RootKey[] {
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      // Never the text itself: it may be a key with a slip in it.
      if (!/^[0-9a-f]{64}$/i.test(line)) throw new Error(`${source}: a root key is 64 hex digits, and one is not`);
      const bytes = Buffer.from(line, 'hex');
      return { id: rootIdOf(bytes), key: createSecretKey(bytes) };
    });
}
