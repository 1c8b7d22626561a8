/**
 * Files as a road to a system: put one, list a folder, get one, over one connection that ends with its use. A file appears
 * under its name whole or not at all (written beside, then renamed), and the same file put twice is there once.
 *
 * What may be concluded when the line breaks: before the rename was asked for, nothing has happened (SYSTEM_UNREACHABLE);
 * from then on it may have (OUTCOME_UNKNOWN); of a question that was asked, nothing is known (OUTCOME_UNKNOWN).
 */
import { randomBytes } from 'node:crypto';
import { Failure, isFailure } from '../contracts/failures.ts';
import type { System } from './adapter.ts';
import type { Keys } from './crypto/keys.ts';
import { connectSftp, sftpPlaceOf } from './sftp.ts';
import type { SftpSession } from './sftpSession.ts';
import type { Recorded } from './wire.ts';

export interface FileEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface PutHow {
  /** What goes into `<name>.ok`, for a system that takes a file only with its companion (伴生文件). */
  readonly companion?: Buffer;
  /** Whether what lies there under the name is this file. Default: byte for byte. */
  readonly same?: (there: Buffer) => boolean;
}

/** Folders are below that of the system's address, with a leading slash. */
export interface Files {
  /** @throws Failure OUTCOME_UNKNOWN, BODY_TOO_LARGE */
  list(folder: string): Promise<readonly FileEntry[]>;
  /** @throws Failure FILE_NOT_READY (there is none), BODY_TOO_LARGE, OUTCOME_UNKNOWN */
  get(folder: string, name: string): Promise<Buffer>;
  /** @throws Failure IDEMPOTENCY_CONFLICT (another file of that name), SYSTEM_UNREACHABLE, SYSTEM_BUSY, OUTCOME_UNKNOWN */
  put(folder: string, name: string, bytes: Buffer, how?: PutHow): Promise<'put' | 'there'>;
}

const nothing = Buffer.alloc(0);
const entriesMax = 20_000;
const fileBytesMax = 8 * 1024 * 1024;
/** Each answer has the system's deadline; all of them together have this many of it. */
const deadlines = 3;
/** A name comes from our own code or from a list of the other side: it never leads elsewhere. */
const plainName = /^[\w.\-+=,@()]{1,160}$/;

/** @throws Failure SYSTEM_UNREACHABLE when nobody who may is there, or we are not let in */
export async function usingFiles<T>(
  system: System,
  keys: Keys,
  record: Recorded,
  use: (files: Files) => Promise<T>,
): Promise<T> {
  const { place, folder: base } = sftpPlaceOf(system, keys);
  const session = await record({ method: 'CONNECT', path: base || '/', request: nothing }, async () =>
    told(await connectSftp(place).catch(notLetIn), nothing),
  );
  const timer = setTimeout(() => session.close(), deadlines * system.timeoutMs);
  try {
    return await use(filesOf(session, base, record));
  } finally {
    clearTimeout(timer);
    session.close();
  }
}

function filesOf(session: SftpSession, base: string, record: Recorded): Files {
  const pathOf = (folder: string, name: string): string => {
    if (!plainName.test(name) || /^\.+$/.test(name))
      throw new Failure('CONTRACT_VIOLATED', { detail: 'a name of a file with characters that are not taken' });
    return `${base}${folder}/${name}`;
  };
  return {
    list: (folder) =>
      record({ method: 'LIST', path: `${base}${folder}`, request: nothing }, async () => {
        const found = await session.list(`${base}${folder}`, entriesMax).catch(askedInVain);
        return told(found, Buffer.from(found.map(({ name, sizeBytes }) => `${sizeBytes} ${name}\n`).join('')));
      }),
    get: async (folder, name) => {
      const path = pathOf(folder, name);
      return record({ method: 'GET', path, request: nothing }, async () => {
        const bytes = await wholeOf(session, path).catch(askedInVain);
        return told(bytes, bytes);
      });
    },
    put: async (folder, name, bytes, how = {}) => {
      const path = pathOf(folder, name);
      return record({ method: 'PUT', path, request: bytes }, async () =>
        told(await put(session, path, bytes, how), nothing),
      );
    },
  };
}

async function put(session: SftpSession, path: string, bytes: Buffer, how: PutHow): Promise<'put' | 'there'> {
  const same = how.same ?? ((there: Buffer) => there.equals(bytes));
  const outcome = await placed(session, path, bytes, same);
  const { companion } = how;
  if (companion)
    await placed(session, `${path}.ok`, companion, (there) => there.equals(companion)).catch((thrown: unknown) => {
      // The file itself lies there already; whether its companion does is not known.
      throw new Failure('OUTCOME_UNKNOWN', { detail: `the companion of a file: ${wordsOf(thrown)}`, cause: thrown });
    });
  return outcome;
}

async function placed(
  session: SftpSession,
  path: string,
  bytes: Buffer,
  same: (there: Buffer) => boolean,
): Promise<'put' | 'there'> {
  if (await isThere(session, path, same)) return 'there';
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await session.write(part, bytes);
  } catch (thrown) {
    throw notPut(thrown);
  }
  try {
    await session.rename(part, path);
    return 'put';
  } catch (thrown) {
    if (isFailure(thrown)) throw new Failure('OUTCOME_UNKNOWN', { detail: wordsOf(thrown), cause: thrown });
  }
  // The server said no: somebody was faster, or it does not want it.
  await session.remove(part).catch(() => undefined);
  if (await isThere(session, path, same)) return 'there';
  throw new Failure('SYSTEM_BUSY', { detail: 'the server did not give the file its name' });
}

/** @throws Failure IDEMPOTENCY_CONFLICT when something else lies there */
async function isThere(session: SftpSession, path: string, same: (there: Buffer) => boolean): Promise<boolean> {
  let there: Buffer;
  try {
    there = await wholeOf(session, path);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.type === 'FILE_NOT_READY') return false;
    if (isFailure(thrown) && (thrown.type === 'BODY_TOO_LARGE' || thrown.type === 'FILE_NOT_WHOLE')) throw conflict();
    throw notPut(thrown);
  }
  if (!same(there)) throw conflict();
  return true;
}

async function wholeOf(session: SftpSession, path: string): Promise<Buffer> {
  const size = await session.sizeOf(path);
  if (size > fileBytesMax) throw new Failure('BODY_TOO_LARGE', { detail: `${size} bytes, at most ${fileBytesMax}` });
  const whole = Buffer.alloc(size);
  let at = 0;
  for await (const chunk of session.read(path, 0, size)) at += chunk.copy(whole, at);
  return whole;
}

/** A server of files has no status; what it did is on record as done. */
function told<A>(answer: A, bytes: Buffer): { answer: A; status: number; bytes: Buffer } {
  return { answer, status: 200, bytes };
}

/** Another host key, or a login that is not taken: nothing was asked, and people must look. It is no answer to what was asked. */
function notLetIn(thrown: unknown): never {
  throw new Failure('SYSTEM_UNREACHABLE', { detail: wordsOf(thrown), cause: thrown });
}

function askedInVain(thrown: unknown): never {
  if (isFailure(thrown) && thrown.type !== 'SYSTEM_UNREACHABLE' && thrown.type !== 'FILE_NOT_WHOLE') throw thrown;
  throw new Failure('OUTCOME_UNKNOWN', { detail: wordsOf(thrown), cause: thrown });
}

function notPut(thrown: unknown): Failure {
  if (isFailure(thrown)) return thrown;
  return new Failure('SYSTEM_BUSY', { detail: `the server did not take the file: ${wordsOf(thrown)}`, cause: thrown });
}

function conflict(): Failure {
  return new Failure('IDEMPOTENCY_CONFLICT', { detail: 'another file lies there under this name' });
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.slice(0, 200) : 'something was thrown that is no error';
}
