/**
 * The settlement files of one system: which are complete on its server, and each as a stream of lines. A file is taken only when its
 * companion is there and they agree; bytes are hashed as they pass, and a reading that was cut goes on where it stopped.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { companionLine, companionMaxBytes, fileName } from '../../../contracts/clearing/files.wire.ts';
import {
  SettlementFile,
  type SettlementFeed,
  type SettlementListing,
  type SettlementReading,
} from '../../../contracts/clearing/settlement.ts';
import { consequenceOf, Failure, isFailure } from '../../../contracts/failures.ts';
import type { System } from '../../adapter.ts';
import type { Keys } from '../../crypto/keys.ts';
import { connectSftp, sftpPlaceOf } from '../../sftp.ts';
import { csvRows, encodingOf } from './csv.ts';
import { fixedWidthRows } from './fixedWidth.ts';
import { folderReading, type Reading } from './folder.ts';
import { settlementLines, type Told } from './reading.ts';
import { notWhole, type Row } from './rows.ts';
import { onlyEntry } from './zip.ts';

const folderEntriesMax = 20_000;
const fileBytesMax = 4 * 1024 ** 3;
/** Without a byte of progress in between; a line that breaks for ever must end somewhere. */
const cutsInVainMax = 4;
const cutsMax = 50;
const waitAfterCutMs = 250;

/** Settings: `institutionId`, `username`, `encoding` (of CSV). Keys: `sftp-login.txt`, `sftp-host.txt` (lines). */
export function settlementFeed(system: System, keys: Keys): SettlementFeed {
  const { place, folder } = sftpPlaceOf(system, keys);
  return feedOver(system, folder, () => connectSftp(place));
}

/** Files that people brought by another road, in a folder of this machine: read under the same guards. */
export function uploadFeed(system: System, folder: string): SettlementFeed {
  return feedOver(system, '', () => Promise.resolve(folderReading(folder)));
}

function feedOver(system: System, folder: string, connect: () => Promise<Reading>): SettlementFeed {
  const institution = settingOf(system, 'institutionId');
  let session: Promise<Reading> | undefined;
  const drop = () => {
    void session?.then((open) => open.close()).catch(() => undefined);
    session = undefined;
  };
  const asked = async <T>(ask: (open: Reading) => Promise<T>): Promise<T> => {
    session ??= connect();
    try {
      return await ask(await session);
    } catch (thrown) {
      drop();
      throw isFailure(thrown) ? thrown : new Failure('SYSTEM_UNREACHABLE', { detail: wordsOf(thrown), cause: thrown });
    }
  };
  return {
    list: (on) => asked((open) => listingOf(open, folder, institution, on)),
    open(file) {
      const told: Told = { totals: undefined };
      const bytes = () => asSaid(resumed(file, `${folder}/${file.name}`, asked, drop), file);
      const rows = file.name.endsWith('.zip') ? zippedRows(bytes(), file, system) : fixedWidthRows(bytes(), file.name);
      const batches = settlementLines(rows, file, institution, told);
      return { file, batches, totals: () => required(told.totals) } satisfies SettlementReading;
    },
    close: async () => drop(),
  };
}

async function listingOf(
  open: Reading,
  folder: string,
  institution: string,
  on: string | undefined,
): Promise<SettlementListing> {
  const day = on?.replaceAll('-', '');
  const entries = new Map((await open.list(folder, folderEntriesMax)).map((entry) => [entry.name, entry.sizeBytes]));
  const ready: SettlementFile[] = [];
  const [unfinished, refused]: [string[], { name: string; detail: string }[]] = [[], []];
  for (const name of [...entries.keys()].sort()) {
    const stem = name.endsWith('.ok') ? name.slice(0, -3) : name;
    const [, of, ofDay] = fileName.exec(stem) ?? [];
    if (of !== institution) continue; // Somebody else's, or no settlement file.
    if (day !== undefined && ofDay !== day) continue; // A house keeps the files of years: their companions are not read each day.
    if (!entries.has(stem) || !entries.has(`${stem}.ok`)) unfinished.push(name);
    if (name !== stem || !entries.has(`${stem}.ok`)) continue;
    try {
      ready.push(await announced(open, folder, name, entries));
    } catch (thrown) {
      if (!isFailure(thrown) || consequenceOf(thrown) !== 'refused') throw thrown;
      refused.push({ name, detail: thrown.message });
    }
  }
  ready.sort((a, b) => (a.on === b.on ? a.sequence - b.sequence : a.on < b.on ? -1 : 1));
  return { ready, unfinished, refused };
}

/** What the companion announces, when the file is of that size. @throws Failure FILE_NOT_WHOLE */
async function announced(
  open: Reading,
  folder: string,
  name: string,
  entries: ReadonlyMap<string, number>,
): Promise<SettlementFile> {
  const size = entries.get(`${name}.ok`) ?? 0;
  if (size > companionMaxBytes) throw notWhole(name, 'its companion is too long');
  const parts: Buffer[] = [];
  for await (const part of open.read(`${folder}/${name}.ok`, 0, size)) parts.push(part);
  const [, of, bytes, sha256, count] = companionLine.exec(Buffer.concat(parts).toString('latin1')) ?? [];
  if (of !== name)
    throw notWhole(name, of === undefined ? 'its companion is none' : 'its companion is of another file');
  if (Number(bytes) !== entries.get(name))
    throw notWhole(name, `${entries.get(name)} bytes, ${bytes} by its companion`);
  if (Number(bytes) > fileBytesMax) throw new Failure('BODY_TOO_LARGE', { detail: `${name} is too large` });
  const [, , day = '', sequence] = fileName.exec(name) ?? [];
  return SettlementFile.check({
    name,
    on: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`,
    sequence: Number(sequence),
    sizeBytes: Number(bytes),
    sha256,
    count: Number(count),
  });
}

type Ask = <T>(ask: (open: Reading) => Promise<T>) => Promise<T>;

/** Over as many connections as it takes. @throws Failure SYSTEM_UNREACHABLE when it does not get on */
async function* resumed(file: SettlementFile, path: string, ask: Ask, drop: () => void): AsyncGenerator<Buffer> {
  let at = 0;
  let [cuts, inVain] = [0, 0];
  while (at < file.sizeBytes) {
    const before = at;
    try {
      const session = await ask(async (open) => {
        if ((await open.sizeOf(path)) !== file.sizeBytes) throw notWhole(file.name, 'it has another size now');
        return open;
      });
      for await (const chunk of session.read(path, at, file.sizeBytes)) {
        at += chunk.length;
        yield chunk;
      }
    } catch (thrown) {
      drop();
      if (isFailure(thrown) && thrown.type !== 'SYSTEM_UNREACHABLE') throw thrown;
      cuts += 1;
      inVain = at > before ? 0 : inVain + 1;
      if (cuts >= cutsMax || inVain >= cutsInVainMax)
        throw new Failure('SYSTEM_UNREACHABLE', {
          detail: `${file.name}: the line broke ${cuts} times, at byte ${at} the last time (${wordsOf(thrown)})`,
          cause: thrown,
        });
      await sleep(waitAfterCutMs * 2 ** inVain);
    }
  }
}

/** Passes the bytes on; at their end they are those that were announced. */
async function* asSaid(bytes: AsyncIterable<Buffer>, file: SettlementFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== file.sha256) throw notWhole(file.name, 'its SHA-256 is not that of its companion');
}

/** A zip is read from its end, so it is fetched first; what is in it is streamed. */
async function* zippedRows(
  bytes: AsyncIterable<Buffer>,
  file: SettlementFile,
  system: System,
): AsyncGenerator<readonly Row[]> {
  const encoding = encodingOf(system.settings['encoding']);
  const folder = await mkdtemp(join(tmpdir(), 'lianshu-settlement-'));
  const path = join(folder, randomUUID());
  try {
    const spool = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of bytes) await spool.write(chunk);
    } finally {
      await spool.close();
    }
    const entry = file.name.replace(/\.zip$/, '.csv');
    yield* csvRows(onlyEntry(path, { name: file.name, entry, bytesMax: fileBytesMax }), file.name, encoding);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function settingOf(system: System, name: string): string {
  const value = system.settings[name];
  if (value === undefined) throw new Error(`${system.id} has no setting ${name}`);
  return value;
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the totals are known when all lines were taken');
  return value;
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.slice(0, 200) : 'something was thrown that is no error';
}
