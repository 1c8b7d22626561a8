/** One folder over SFTP: lists and files to read, and, where it is allowed, new files to write. It can be made to behave badly. */
import { link, open, readdir, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ssh2, { type FileEntry, type SFTPWrapper } from 'ssh2';
import { entryOf, inside, newIn, realOf, statOf } from './sftpPaths.ts';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;
const openForReading: number = OPEN_MODE.READ;
/** A file that is there is never written to, whether the other side asks for that or not. */
const openForWriting: number = OPEN_MODE.WRITE | OPEN_MODE.CREAT;
const mayCome: number = openForWriting | OPEN_MODE.TRUNC | OPEN_MODE.EXCL;
const readMaxBytes = 256 * 1024;
const entriesAtOnce = 100;

/** What is about to be done, as whoever meddles sees it. */
export interface SftpAct {
  readonly act: 'list' | 'stat' | 'open' | 'read' | 'write' | 'close' | 'rename';
  /** Of a rename, the new name. */
  readonly path: string;
  /** Where in the file a read or write begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** Breaks the line, stays silent or says no, before it is done or after; `cut-midway`: half of what is written arrives. */
export type Meddling = 'cut' | 'cut-midway' | 'cut-after' | 'silent' | 'silent-after' | 'refuse';

export interface SftpManner {
  /** The connection breaks when this many bytes of files have gone out over it. */
  cutAtByte?: number;
  /** How many connections break so; 1 when absent. */
  cuts?: number;
  /** Before each answer to a read. */
  delayMs?: number;
  /** A read is answered with no more than this. */
  readMaxBytes?: number;
  meddle?: (act: SftpAct) => Meddling | undefined;
  /** What is shown in place of what lies there. */
  shown?: (path: string, bytes: Buffer) => Promise<Buffer>;
  /** Which names are told of a folder. */
  listed?: (folder: string, names: readonly string[]) => readonly string[];
}

interface FolderPlace {
  readonly root: string;
  readonly writable?: readonly string[];
  readonly manner: SftpManner;
  readonly onRead?: (path: string) => void;
  readonly onPut?: (path: string) => void;
}

interface OpenFile {
  readonly path: string;
  readonly file: FileHandle;
  readonly size: number;
  /** In place of what the file holds. */
  readonly shown: Buffer | undefined;
  readonly forWriting: boolean;
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

type Reply = () => void;
/** Does it and replies, unless somebody meddles; what goes wrong is told as a status. */
type Answer = (
  id: number,
  act: Partial<SftpAct> & Pick<SftpAct, 'act' | 'path'>,
  perform: (half?: 'half') => Promise<Reply>,
) => void;

interface Session {
  readonly sftp: SFTPWrapper;
  readonly place: FolderPlace;
  readonly files: Handles<OpenFile>;
  readonly folders: Handles<FileEntry[]>;
  readonly answer: Answer;
  readonly cut: () => void;
  readonly isOver: () => boolean;
}

export function serveFolder(sftp: SFTPWrapper, place: FolderPlace, cut: () => void): void {
  const answer: Answer = (id, { act, path, from = 0, to = 0 }, perform) => {
    const how = place.manner.meddle?.({ act, path, from, to });
    if (how === 'cut') return cut();
    if (how === 'silent') return;
    if (how === 'refuse') return sftp.status(id, STATUS_CODE.FAILURE);
    if (how !== undefined) {
      // It is done, and its answer goes nowhere.
      const muted = perform(how === 'cut-midway' ? 'half' : undefined).catch(() => undefined);
      if (how.startsWith('cut')) void muted.finally(cut);
      return;
    }
    void perform().then(
      (reply) => reply(),
      (thrown: NodeJS.ErrnoException) => sftp.status(id, statusOf(thrown)),
    );
  };
  // Even handles are files, odd ones folders.
  let over = false;
  const isOver = () => over;
  const session: Session = { sftp, place, cut, answer, isOver, files: new Handles(0), folders: new Handles(1) };
  serveReading(session);
  serveWriting(session);
  serveLists(session);
  sftp.on('CLOSE', (id, handle) => {
    const file = session.files.remove(handle);
    session.folders.remove(handle);
    const closed = file?.file.close();
    answer(id, { act: 'close', path: file?.path ?? '' }, async () => {
      await closed;
      return () => sftp.status(id, STATUS_CODE.OK);
    });
  });
  // Who says that he is done waits until the channel is closed; OpenSSH's client waits for ever.
  sftp.on('end', () => sftp.end());
  sftp.on('close', () => {
    over = true;
    for (const { file } of session.files.all()) void file.close().catch(() => undefined);
  });
}

function serveReading({ sftp, place, files, answer, cut, isOver }: Session) {
  const { manner } = place;
  let sent = 0;
  sftp.on('OPEN', (id, asked, flags) => {
    const path = inside(asked);
    answer(id, { act: 'open', path }, async () => {
      const forWriting = (flags & openForWriting) === openForWriting && (flags & ~mayCome) === 0;
      if (!(forWriting ? mayWrite(place, path) : flags === openForReading))
        return () => sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
      const real = forWriting ? await newIn(place.root, path) : await realOf(place.root, path);
      const shown = forWriting ? undefined : await shownOf(place, path, real);
      const file = await open(real, forWriting ? 'wx' : 'r');
      const size = shown?.length ?? (await file.stat()).size;
      const handle = files.add({ path, file, size, shown, forWriting });
      // Who left meanwhile closes nothing.
      if (isOver()) await files.remove(handle)?.file.close();
      return () => sftp.handle(id, handle);
    });
  });
  sftp.on('READ', (id, handle, offset, length) => {
    const from = files.get(handle);
    if (!from || from.forWriting) return sftp.status(id, STATUS_CODE.FAILURE);
    if (offset >= from.size) return sftp.status(id, STATUS_CODE.EOF);
    const buffer = Buffer.alloc(Math.min(length, manner.readMaxBytes ?? readMaxBytes));
    answer(id, { act: 'read', path: from.path, from: offset, to: offset + buffer.length }, async () => {
      const bytesRead = from.shown
        ? from.shown.copy(buffer, 0, offset)
        : (await from.file.read(buffer, 0, buffer.length, offset)).bytesRead;
      if (manner.delayMs !== undefined) await new Promise((done) => setTimeout(done, manner.delayMs).unref());
      sent += bytesRead;
      if (manner.cutAtByte !== undefined && sent > manner.cutAtByte && (manner.cuts ?? 1) > 0) {
        manner.cuts = (manner.cuts ?? 1) - 1;
        return cut;
      }
      if (offset + bytesRead >= from.size) place.onRead?.(from.path);
      return () => sftp.data(id, buffer.subarray(0, bytesRead));
    });
  });
  sftp.on('FSTAT', (id, handle) => {
    const from = files.get(handle);
    if (!from) return sftp.status(id, STATUS_CODE.FAILURE);
    answer(id, { act: 'stat', path: from.path }, async () => {
      const { attrs } = await statOf(join(place.root, from.path), from.path);
      return () => sftp.attrs(id, { ...attrs, size: from.forWriting ? attrs.size : from.size });
    });
  });
}

function serveWriting({ sftp, place, files, answer }: Session) {
  sftp.on('WRITE', (id, handle, offset, bytes) => {
    const to = files.get(handle);
    if (!to?.forWriting) return sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    // The library lends its buffer.
    const own = Buffer.from(bytes);
    answer(id, { act: 'write', path: to.path, from: offset, to: offset + own.length }, async (half) => {
      await to.file.write(own, 0, half ? own.length >> 1 : own.length, offset);
      return () => sftp.status(id, STATUS_CODE.OK);
    });
  });
  sftp.on('RENAME', (id, from, to) =>
    answer(id, { act: 'rename', path: inside(to) }, async () => {
      if (!mayWrite(place, inside(from)) || !mayWrite(place, inside(to)))
        return () => sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
      // As version 3 of the protocol says: never over a file that is there.
      const real = await realOf(place.root, from);
      await link(real, await newIn(place.root, to));
      await unlink(real);
      place.onPut?.(inside(to));
      return () => sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('REMOVE', (id, path) =>
    answer(id, { act: 'close', path: inside(path) }, async () => {
      // What he has not given its name yet is his own.
      if (!mayWrite(place, inside(path)) || !path.endsWith('.part'))
        return () => sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
      await unlink(await realOf(place.root, path));
      return () => sftp.status(id, STATUS_CODE.OK);
    }),
  );
  const refuse = (id: number) => sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
  sftp.on('MKDIR', refuse);
  sftp.on('RMDIR', refuse);
  sftp.on('SYMLINK', refuse);
  sftp.on('READLINK', refuse);
  // Clients keep the times of what they put; whoever may write nothing may not do that either.
  const attributes = (id: number) => sftp.status(id, place.writable ? STATUS_CODE.OK : STATUS_CODE.PERMISSION_DENIED);
  sftp.on('SETSTAT', attributes);
  sftp.on('FSETSTAT', attributes);
}

function serveLists({ sftp, place, folders, answer }: Session) {
  sftp.on('REALPATH', (id, path) => sftp.name(id, [entryOf(inside(path))]));
  sftp.on('OPENDIR', (id, asked) => {
    const path = inside(asked);
    answer(id, { act: 'list', path }, async () => {
      const real = await realOf(place.root, path);
      const names = (await readdir(real)).sort();
      const told = place.manner.listed?.(path, names) ?? names;
      const entries = told.map(async (name) => statOf(join(real, name), name));
      // What is renamed or taken away meanwhile is not there any more.
      const there = (await Promise.allSettled(entries)).flatMap((each) =>
        each.status === 'fulfilled' ? [each.value] : [],
      );
      const handle = folders.add(there);
      return () => sftp.handle(id, handle);
    });
  });
  sftp.on('READDIR', (id, handle) => {
    const entries = folders.get(handle)?.splice(0, entriesAtOnce);
    if (!entries || entries.length === 0) return sftp.status(id, STATUS_CODE.EOF);
    sftp.name(id, entries);
  });
  for (const event of ['STAT', 'LSTAT'] as const) {
    sftp.on(event, (id: number, asked: string) => {
      const path = inside(asked);
      answer(id, { act: 'stat', path }, async () => {
        const { attrs } = await shownStat(place, path, await realOf(place.root, path), path);
        return () => sftp.attrs(id, attrs);
      });
    });
  }
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ENOENT') return STATUS_CODE.NO_SUCH_FILE;
  return code === 'EEXIST' ? STATUS_CODE.FAILURE : STATUS_CODE.PERMISSION_DENIED;
}

function mayWrite({ writable = [] }: FolderPlace, path: string): boolean {
  return writable.includes(dirname(path));
}

async function shownOf({ manner }: FolderPlace, path: string, real: string): Promise<Buffer | undefined> {
  return manner.shown ? manner.shown(path, await readFile(real)) : undefined;
}

async function shownStat(place: FolderPlace, path: string, real: string, name: string): Promise<FileEntry> {
  const entry = await statOf(real, name);
  const shown = (entry.attrs.mode & 0o170000) === 0o100000 ? await shownOf(place, path, real) : undefined;
  return shown ? { ...entry, attrs: { ...entry.attrs, size: shown.length } } : entry;
}
