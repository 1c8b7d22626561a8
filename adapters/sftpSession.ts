/**
 * What is done over one SFTP connection. A file is read ahead in a small window, never more of it into memory than that; a file
 * is written under a name that was not there. A line that breaks is SYSTEM_UNREACHABLE: whoever asked knows what that means.
 */
import ssh2, { type FileEntryWithStats, type SFTPWrapper } from 'ssh2';
import { Failure } from '../contracts/failures.ts';

export interface SftpSession {
  /** @throws Failure BODY_TOO_LARGE when there are more */
  list(folder: string, entriesMax: number): Promise<readonly { readonly name: string; readonly sizeBytes: number }[]>;
  sizeOf(path: string): Promise<number>;
  /** From `from` to `size`, in order; no further ahead than the window. A chunk is good until the next one is asked for. */
  read(path: string, from: number, size: number): AsyncGenerator<Buffer>;
  /** A new file. */
  write(path: string, bytes: Buffer): Promise<void>;
  /** @throws Error with the server's status as `code` when it says no */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  close(): void;
}

const chunkBytes = 64 * 1024;
const windowChunks = 16;

export function sessionOf(sftp: SFTPWrapper, client: ssh2.Client, timeoutMs: number): SftpSession {
  let closed: ((reason: Failure) => void) | undefined;
  // One promise that fails when the line breaks: whoever waits for an answer need not wait for his deadline.
  const broken = new Promise<never>((_done, fail) => (closed = fail));
  broken.catch(() => undefined);
  client.on('close', () => closed?.(unreachable('the connection was closed')));
  sftp.on('error', () => undefined);
  const asked = <T>(what: string, ask: (answer: (error: Error | undefined | null, value?: T) => void) => void) => {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<T>((done, fail) => {
      timer = setTimeout(() => {
        fail(unreachable(`${what} was not answered in time`));
        client.destroy();
      }, timeoutMs);
      try {
        ask((error, value) => (error ? fail(error) : done(value as T)));
      } catch (thrown) {
        fail(unreachable(String(thrown)));
      }
    });
    return Promise.race([answer, broken]).finally(() => clearTimeout(timer));
  };
  return {
    list: (folder, entriesMax) => listOf(sftp, asked, folder, entriesMax),
    async sizeOf(path) {
      const stat = await asked<{ size: number }>('stat', (answer) => sftp.stat(path, answer)).catch(refusedAs(path));
      return stat.size;
    },
    read: (path, from, size) => ahead(sftp, asked, path, from, size),
    write: (path, bytes) => written(sftp, asked, path, bytes),
    rename: (from, to) => asked<undefined>('rename', (answer) => sftp.rename(from, to, answer)),
    remove: (path) => asked<undefined>('remove', (answer) => sftp.unlink(path, answer)),
    close() {
      client.end();
      client.destroy();
    },
  };
}

type Asked = <T>(
  what: string,
  ask: (answer: (error: Error | undefined | null, value?: T) => void) => void,
) => Promise<T>;

async function listOf(sftp: SFTPWrapper, asked: Asked, folder: string, entriesMax: number) {
  const handle = await asked<Buffer>('opendir', (answer) => sftp.opendir(folder, answer)).catch(refusedAs(folder));
  const found: { name: string; sizeBytes: number }[] = [];
  try {
    for (;;) {
      // Page by page: the library would gather them all first.
      const page = await asked<FileEntryWithStats[] | false>('readdir', (answer) =>
        sftp.readdir(handle as unknown as string, answer as never),
      ).catch((error: Error & { code?: number }) => {
        if (error.code === ssh2.utils.sftp.STATUS_CODE.EOF) return false as const;
        throw error;
      });
      if (page === false || page.length === 0) return found;
      for (const { filename, attrs } of page) found.push({ name: filename, sizeBytes: attrs.size });
      if (found.length > entriesMax)
        throw new Failure('BODY_TOO_LARGE', { detail: `${folder} holds more than ${entriesMax} files` });
    }
  } finally {
    await asked('close', (answer) => sftp.close(handle, answer)).catch(() => undefined);
  }
}

async function* ahead(
  sftp: SFTPWrapper,
  asked: Asked,
  path: string,
  from: number,
  size: number,
): AsyncGenerator<Buffer> {
  const handle = await asked<Buffer>('open', (answer) => sftp.open(path, 'r', answer)).catch(refusedAs(path));
  const coming: Promise<Buffer>[] = [];
  // The same buffers again and again: fresh ones would be garbage outside of the heap, which is collected late.
  const free = Array.from({ length: windowChunks + 1 }, () => Buffer.allocUnsafeSlow(chunkBytes));
  let next = from;
  try {
    for (;;) {
      while (coming.length < windowChunks && next < size) {
        const into = (free.shift() ?? Buffer.alloc(chunkBytes)).subarray(0, Math.min(chunkBytes, size - next));
        const chunk = exactly(sftp, asked, handle, next, into);
        chunk.catch(() => undefined); // Told when its turn comes.
        coming.push(chunk);
        next += chunkBytes;
      }
      const first = coming.shift();
      if (!first) return;
      const chunk = await first;
      yield chunk;
      free.push(chunk.buffer instanceof ArrayBuffer ? Buffer.from(chunk.buffer) : Buffer.allocUnsafeSlow(chunkBytes));
    }
  } finally {
    await asked('close', (answer) => sftp.close(handle, answer)).catch(() => undefined);
  }
}

/** A server may answer with less than was asked. @throws when the file ends before it should */
async function exactly(sftp: SFTPWrapper, asked: Asked, handle: Buffer, from: number, buffer: Buffer): Promise<Buffer> {
  const { length } = buffer;
  for (let have = 0; have < length;) {
    const got = await asked<number>('read', (answer) =>
      sftp.read(handle, buffer, have, length - have, from + have, (error, bytes) => answer(error, bytes)),
    ).catch((error: Error & { code?: number }) => {
      if (error.code === ssh2.utils.sftp.STATUS_CODE.EOF) return 0;
      throw error;
    });
    if (got === 0) throw new Failure('FILE_NOT_WHOLE', { detail: `the file ends before byte ${from + length}` });
    have += got;
  }
  return buffer;
}

/** One chunk after the other: what is handed over this way is small. */
async function written(sftp: SFTPWrapper, asked: Asked, path: string, bytes: Buffer): Promise<void> {
  const handle = await asked<Buffer>('open', (answer) => sftp.open(path, 'wx', answer)).catch(refusedAs(path));
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const length = Math.min(chunkBytes, bytes.length - at);
    await asked('write', (answer) => sftp.write(handle, bytes, at, length, at, answer)).catch(refusedAs(path));
  }
  await asked('close', (answer) => sftp.close(handle, answer)).catch(refusedAs(path));
}

function refusedAs(path: string) {
  return (thrown: Error & { code?: number }): never => {
    if (thrown.code === ssh2.utils.sftp.STATUS_CODE.NO_SUCH_FILE)
      throw new Failure('FILE_NOT_READY', { detail: `${path} is not there`, cause: thrown });
    if (thrown.code === ssh2.utils.sftp.STATUS_CODE.PERMISSION_DENIED)
      throw new Failure('SYSTEM_REFUSED', { detail: `${path} is not for us`, cause: thrown });
    throw thrown;
  };
}

export function unreachable(detail: string, cause?: unknown): Failure {
  return new Failure('SYSTEM_UNREACHABLE', { detail, cause });
}
