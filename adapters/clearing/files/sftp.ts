/**
 * The hub's SFTP client. The host key is the registered one or there is no conversation; only algorithms that nobody doubts are
 * offered; every answer has its deadline; a file is read ahead in a small window, never into memory.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import ssh2, { type FileEntryWithStats, type SFTPWrapper } from 'ssh2';
import { Failure } from '../../../contracts/failures.ts';
import { isPublic, lookupPublic } from '../../address.ts';

export interface SftpPlace {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** PEM in OpenSSH's form. */
  readonly loginKey: string;
  /** The registered ones, each a line in OpenSSH's form; two while the other side changes its key. */
  readonly hostKeys: readonly string[];
  readonly allowPrivate: boolean;
  /** For each answer, the handshake too. */
  readonly timeoutMs: number;
}

export interface SftpSession {
  /** @throws Failure BODY_TOO_LARGE when there are more */
  list(folder: string, entriesMax: number): Promise<readonly { readonly name: string; readonly sizeBytes: number }[]>;
  sizeOf(path: string): Promise<number>;
  /** From `from` to `size`, in order; no further ahead than the window. A chunk is good until the next one is asked for. */
  read(path: string, from: number, size: number): AsyncGenerator<Buffer>;
  close(): void;
}

const chunkBytes = 64 * 1024;
const windowChunks = 16;
const keepaliveMs = 5_000;

/** No SHA-1, no CBC, no DSA, no RSA with SHA-1, no compression. */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} as const satisfies ssh2.Algorithms;

/** @throws Failure SYSTEM_UNREACHABLE, HOST_KEY_CHANGED, SYSTEM_REFUSED */
export async function connectSftp(place: SftpPlace): Promise<SftpSession> {
  const socket = await connected(place);
  const client = new ssh2.Client();
  let changed = false;
  const sftp = await new Promise<SFTPWrapper>((done, fail) => {
    const timer = setTimeout(() => end(unreachable('the handshake took too long')), place.timeoutMs);
    const end = (failure: Failure) => {
      clearTimeout(timer);
      client.destroy();
      socket.destroy();
      fail(failure);
    };
    client.on('error', (error) => end(changed ? hostKeyChanged() : failureOf(error)));
    client.on('close', () => end(unreachable('the connection was closed')));
    client.once('ready', () =>
      client.sftp((error, opened) => {
        if (error) return end(unreachable(`no SFTP: ${error.message}`));
        clearTimeout(timer);
        done(opened);
      }),
    );
    try {
      client.connect({
        sock: socket,
        username: place.username,
        privateKey: `${place.loginKey.trim()}\n`,
        authHandler: ['publickey'],
        algorithms,
        hostVerifier: (shown: Buffer) => {
          changed = !isRegistered(shown, place.hostKeys);
          return !changed;
        },
        readyTimeout: place.timeoutMs,
        keepaliveInterval: Math.min(keepaliveMs, place.timeoutMs),
        keepaliveCountMax: 2,
      });
    } catch (thrown) {
      end(failureOf(thrown as Error));
    }
  });
  return sessionOf(sftp, client, place.timeoutMs);
}

function sessionOf(sftp: SFTPWrapper, client: ssh2.Client, timeoutMs: number): SftpSession {
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

/** Of a private network only when the system is registered as an inner one, whatever its name resolves to. */
async function connected({ host, port, allowPrivate, timeoutMs }: SftpPlace): Promise<Socket> {
  if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) throw unreachable('the address is not public');
  return new Promise((done, fail) => {
    const socket = connectTcp({
      host,
      port,
      noDelay: true,
      ...(allowPrivate ? {} : { lookup: lookupPublic }),
    });
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      fail(unreachable(error.message));
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.on('error', () => undefined); // From here on the client tells of it.
      done(socket);
    });
  });
}

function isRegistered(shown: Buffer, hostKeys: readonly string[]): boolean {
  return hostKeys.some((line) => {
    const key = ssh2.utils.parseKey(line);
    return !(key instanceof Error) && key.getPublicSSH().equals(shown);
  });
}

function hostKeyChanged(): Failure {
  return new Failure('HOST_KEY_CHANGED', { detail: 'the host key is not the registered one; nothing was asked' });
}

function failureOf(error: Error & { level?: string }): Failure {
  if (error.level === 'client-authentication')
    return new Failure('SYSTEM_REFUSED', { detail: 'the login with our key was refused', cause: error });
  if (/no matching/i.test(error.message))
    return new Failure('SYSTEM_REFUSED', { detail: 'the server has no algorithm that we accept', cause: error });
  return unreachable(error.message, error);
}

function refusedAs(path: string) {
  return (thrown: Error & { code?: number }): never => {
    if (thrown.code === ssh2.utils.sftp.STATUS_CODE.NO_SUCH_FILE)
      throw new Failure('FILE_NOT_READY', { detail: `${path} is not there`, cause: thrown });
    if (thrown.code === ssh2.utils.sftp.STATUS_CODE.PERMISSION_DENIED)
      throw new Failure('SYSTEM_REFUSED', { detail: `${path} may not be read`, cause: thrown });
    throw thrown;
  };
}

function unreachable(detail: string, cause?: unknown): Failure {
  return new Failure('SYSTEM_UNREACHABLE', { detail, cause });
}
