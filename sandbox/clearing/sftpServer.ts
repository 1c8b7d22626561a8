/**
 * An SFTP server as a clearing house runs one for its institutions: each logs in with its own key and finds its own folder, from
 * which it may read and in which it may write nothing. It can be made to behave badly.
 */
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join, normalize, sep } from 'node:path';
import { timingSafeEqual } from 'node:crypto';
import ssh2, { type AuthContext, type FileEntry, type PublicKeyAuthContext, type SFTPWrapper } from 'ssh2';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;
const openForReading: number = OPEN_MODE.READ;
const readMaxBytes = 256 * 1024;
const entriesAtOnce = 100;

export interface SftpManner {
  /** The connection breaks when this many bytes of files have gone out over it. */
  cutAtByte?: number;
  /** How many connections break so; 1 when absent. */
  cuts?: number;
  /** Before each answer to a read. */
  delayMs?: number;
}

export interface SftpPlace {
  /** What the institution sees as `/`. */
  readonly root: string;
  readonly port: number;
  readonly user: string;
  /** Public key of the institution, one line in OpenSSH's form. */
  readonly loginKey: string;
  /** Private, PEM in OpenSSH's form. */
  readonly hostKey: string;
  /** Looked at with every read. */
  readonly manner: SftpManner;
  /** Only these, for a server of a bad kind. */
  readonly algorithms?: ssh2.ServerConfig['algorithms'] | undefined;
  /** Every file that was read to its end. */
  readonly onRead?: (path: string) => void;
}

export interface SftpServer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startSftp(place: SftpPlace): Promise<SftpServer> {
  const root = await realpath(place.root);
  /** By the client's port: the library keeps the socket of a connection to itself. */
  const sockets = new Map<number, Socket>();
  const ssh = new ssh2.Server(
    { hostKeys: [place.hostKey], ...(place.algorithms ? { algorithms: place.algorithms } : {}) },
    (connection, { port }) => {
      connection.on('error', () => undefined); // A client that went away, or has no key.
      connection.on('authentication', (asked) => admit(asked, place));
      connection.on('session', (accept) => {
        // No farewell: the line is gone.
        const cut = () => void sockets.get(port)?.destroy();
        accept().on('sftp', (acceptSftp) => serve(acceptSftp(), { ...place, root }, cut));
      });
    },
  );
  const server = createServer({ noDelay: true }, (socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.on('close', () => sockets.delete(port));
    socket.on('error', () => undefined);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(place.port, '127.0.0.1', () => done());
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets.values()) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function admit(asked: AuthContext, place: SftpPlace): void {
  const known = ssh2.utils.parseKey(place.loginKey);
  if (known instanceof Error || asked.method !== 'publickey' || asked.username !== place.user)
    return asked.reject(['publickey']);
  const own = known.getPublicSSH();
  const same = asked.key.data.length === own.length && timingSafeEqual(asked.key.data, own);
  if (!same || asked.key.algo === 'ssh-rsa') return asked.reject(['publickey']);
  // Without a signature it only asks whether the key would do.
  if (asked.signature && !isSigned(known, asked)) return asked.reject(['publickey']);
  asked.accept();
}

/** `verify` gives an Error for a signature that is none. */
function isSigned(key: ssh2.ParsedKey, asked: PublicKeyAuthContext): boolean {
  const verdict: unknown = key.verify(
    asked.blob ?? Buffer.alloc(0),
    asked.signature ?? Buffer.alloc(0),
    asked.hashAlgo,
  );
  return verdict === true;
}

interface OpenFile {
  readonly path: string;
  readonly file: FileHandle;
  readonly size: number;
}

/** What a session has open, by handle. */
class Handles<T> {
  readonly #open = new Map<number, T>();
  #last: number;

  constructor(first: number) {
    this.#last = first;
  }

  add(value: T): Buffer {
    const handle = Buffer.alloc(4);
    this.#open.set((this.#last += 2), value);
    handle.writeUInt32BE(this.#last);
    return handle;
  }

  get(handle: Buffer): T | undefined {
    return handle.length === 4 ? this.#open.get(handle.readUInt32BE()) : undefined;
  }

  remove(handle: Buffer): T | undefined {
    const found = this.get(handle);
    if (found !== undefined) this.#open.delete(handle.readUInt32BE());
    return found;
  }

  all(): T[] {
    return [...this.#open.values()];
  }
}

type Answer = (id: number, act: () => Promise<void>) => void;

function serve(sftp: SFTPWrapper, place: SftpPlace, cut: () => void): void {
  const files = new Handles<OpenFile>(0); // Even ones are files, odd ones folders.
  const folders = new Handles<FileEntry[]>(1);
  const answer: Answer = (id, act) =>
    void act().catch((thrown: NodeJS.ErrnoException) =>
      sftp.status(id, thrown.code === 'ENOENT' ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.PERMISSION_DENIED),
    );
  serveFiles(sftp, place, files, answer, cut);
  serveFolders(sftp, place, folders, answer);
  sftp.on('CLOSE', (id, handle) => {
    void files.remove(handle)?.file.close();
    folders.remove(handle);
    sftp.status(id, STATUS_CODE.OK);
  });
  // Nothing of what changes anything is for institutions.
  const refuse = (id: number) => sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
  sftp.on('WRITE', refuse);
  sftp.on('REMOVE', refuse);
  sftp.on('RENAME', refuse);
  sftp.on('MKDIR', refuse);
  sftp.on('RMDIR', refuse);
  sftp.on('SETSTAT', refuse);
  sftp.on('FSETSTAT', refuse);
  sftp.on('SYMLINK', refuse);
  sftp.on('READLINK', refuse);
  // Who says that he is done waits until the channel is closed; OpenSSH's client waits for ever.
  sftp.on('end', () => sftp.end());
  sftp.on('close', () => {
    for (const { file } of files.all()) void file.close().catch(() => undefined);
  });
}

function serveFiles(sftp: SFTPWrapper, place: SftpPlace, files: Handles<OpenFile>, answer: Answer, cut: () => void) {
  const { manner } = place;
  let sent = 0;
  sftp.on('OPEN', (id, path, flags) =>
    answer(id, async () => {
      if (flags !== openForReading) return sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
      const file = await open(await realOf(place.root, path));
      sftp.handle(id, files.add({ path: inside(path), file, size: (await file.stat()).size }));
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, async () => {
      const from = files.get(handle);
      if (!from) return sftp.status(id, STATUS_CODE.FAILURE);
      if (offset >= from.size) return sftp.status(id, STATUS_CODE.EOF);
      const buffer = Buffer.alloc(Math.min(length, readMaxBytes));
      const { bytesRead } = await from.file.read(buffer, 0, buffer.length, offset);
      if (manner.delayMs !== undefined) await new Promise((done) => setTimeout(done, manner.delayMs).unref());
      sent += bytesRead;
      if (manner.cutAtByte !== undefined && sent > manner.cutAtByte && (manner.cuts ?? 1) > 0) {
        manner.cuts = (manner.cuts ?? 1) - 1;
        return cut();
      }
      sftp.data(id, buffer.subarray(0, bytesRead));
      if (offset + bytesRead >= from.size) place.onRead?.(from.path);
    }),
  );
  sftp.on('FSTAT', (id, handle) =>
    answer(id, async () => {
      const from = files.get(handle);
      if (!from) return sftp.status(id, STATUS_CODE.FAILURE);
      sftp.attrs(id, (await statOf(join(place.root, from.path), from.path)).attrs);
    }),
  );
}

function serveFolders(sftp: SFTPWrapper, place: SftpPlace, folders: Handles<FileEntry[]>, answer: Answer) {
  sftp.on('REALPATH', (id, path) => sftp.name(id, [entryOf(inside(path))]));
  sftp.on('OPENDIR', (id, path) =>
    answer(id, async () => {
      const real = await realOf(place.root, path);
      const names = (await readdir(real)).sort();
      sftp.handle(id, folders.add(await Promise.all(names.map((name) => statOf(join(real, name), name)))));
    }),
  );
  sftp.on('READDIR', (id, handle) => {
    const entries = folders.get(handle)?.splice(0, entriesAtOnce);
    if (!entries || entries.length === 0) return sftp.status(id, STATUS_CODE.EOF);
    sftp.name(id, entries);
  });
  for (const event of ['STAT', 'LSTAT'] as const) {
    sftp.on(event, (id: number, path: string) =>
      answer(id, async () => sftp.attrs(id, (await statOf(await realOf(place.root, path), path)).attrs)),
    );
  }
}

/** As the institution names it: absolute, and never above its own folder. */
function inside(path: string): string {
  return normalize(`/${path}`).replaceAll(sep, '/');
}

/** Where it really is. A link out of the folder is not followed. @throws when it is outside, or not there */
async function realOf(root: string, path: string): Promise<string> {
  const real = await realpath(join(root, inside(path)));
  if (real !== root && !real.startsWith(root + sep)) throw Object.assign(new Error('outside'), { code: 'EACCES' });
  return real;
}

async function statOf(real: string, name: string): Promise<FileEntry> {
  const stat = await lstat(real);
  const attrs = {
    mode: stat.mode,
    uid: 0,
    gid: 0,
    size: stat.size,
    atime: Math.floor(stat.atimeMs / 1000),
    mtime: Math.floor(stat.mtimeMs / 1000),
  };
  return { filename: name, longname: longName(name, stat.isDirectory(), stat.size), attrs };
}

function entryOf(path: string): FileEntry {
  return { filename: path, longname: path, attrs: {} } as unknown as FileEntry;
}

function longName(name: string, folder: boolean, size: number): string {
  return `${folder ? 'd' : '-'}r--r--r--    1 house    house    ${String(size).padStart(12)} Jan  1 00:00 ${name}`;
}
