/**
 * The clearing house's file exchange (文件交换): what it settled in a day it writes into a file for its institution, and the
 * institution fetches it over SFTP, from a server that is part of this twin.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type ssh2 from 'ssh2';
import { readEffects, type EffectLine } from '../effects.ts';
import { startTwin, twin, type RunningTwin, type TwinContext } from '../twin.ts';
import type { SftpManner } from '../sftpFolder.ts';
import { sftpKeyPair, startSftp, type SftpServer } from '../sftpServer.ts';
import { fileFaults, forms, generated, issueFile, type FileFault, type Form, type Movement } from './settlementFile.ts';

interface Memory {
  /** By business day. */
  settled: Record<string, Movement[]>;
  /** By business day: the last sequence that was issued. */
  sequences: Record<string, number>;
  serial: number;
}

const institution = '100690';
const user = 'inst100690';

const outboxOf = (folder: string): string => join(folder, 'exchange', 'outbox');
function uploadsOf({ folder }: TwinContext<Memory>): string {
  const uploads = join(folder, '..', '..', 'uploads', clearingFiles.name);
  mkdirSync(uploads, { recursive: true });
  return uploads;
}

/** How the server of each running house behaves, by its folder. */
const manners = new Map<string, SftpManner>();
const mannerOf = (folder: string): SftpManner => {
  const manner = manners.get(folder) ?? {};
  manners.set(folder, manner);
  return manner;
};

export const clearingFiles = twin<Memory>({
  name: 'clearing-files',
  kind: 'clearing',
  dialect: 'files',
  title: { zh: '清算文件交换（SFTP）', en: 'Settlement file exchange (SFTP)' },
  settings: { institutionId: institution, username: user, encoding: 'gbk' },
  enrol: () => {
    const [login, host, other] = [sftpKeyPair(), sftpKeyPair(), sftpKeyPair()];
    return {
      hub: { 'sftp-login.txt': login.secret, 'sftp-host.txt': host.open },
      twin: { 'login.txt': login.open, 'host.txt': host.secret, 'other-host.txt': other.secret },
    };
  },
  memory: () => ({ settled: {}, sequences: {}, serial: 0 }),
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'files are fetched over SFTP' }),
  acts: { settle, publish, closeDay, behave },
  insteadOfFaults: 'it is reached by files. Try: twin clearing-files behave cutAtByte:=100',
  async listen(house, port) {
    const server = await serve(house, port, {});
    return { url: addressOf(server), stop: () => server.stop() };
  },
});

const addressOf = ({ port }: SftpServer): string => `sftp://127.0.0.1:${port}/outbox`;

interface Change {
  /** As if set up anew: with another host key, or other algorithms. */
  readonly otherHostKey?: boolean;
  readonly algorithms?: ssh2.ServerConfig['algorithms'];
  readonly onRead?: (path: string) => void;
}

function serve(house: TwinContext<Memory>, port: number, change: Change): Promise<SftpServer> {
  const root = join(house.folder, 'exchange');
  mkdirSync(join(root, 'outbox'), { recursive: true });
  return startSftp({
    root,
    port,
    user,
    loginKey: house.key('login.txt'),
    hostKey: house.key(change.otherHostKey ? 'other-host.txt' : 'host.txt'),
    manner: mannerOf(house.folder),
    algorithms: change.algorithms,
    ...(change.onRead ? { onRead: change.onRead } : {}),
  });
}

/** One movement of the day. */
function settle(args: Record<string, unknown>, house: TwinContext<Memory>): void {
  const { memory } = house;
  const instructionNo = textOf(args['instructionNo'], '');
  const on = textOf(args['on'], dayOf(house.clock.now()));
  const day = on.replaceAll('-', '');
  const movement: Movement = {
    serial: `CP${day}${String((memory.serial += 1)).padStart(9, '0')}`,
    instructionNo,
    direction: args['direction'] === 'C' ? 'C' : 'D',
    fen: textOf(args['fen'], ''),
    day,
    time: textOf(args['time'], '093000'),
    status: textOf(args['status'], '00'),
    counterparty: textOf(args['counterparty'], '厦门链枢金控有限公司'),
  };
  house.effect('settled', instructionNo, { fen: movement.fen, status: movement.status });
  (memory.settled[on] ??= []).push(movement);
}

/**
 * Ends the day (日切): what the gateway of the house did that day goes into its file. A movement of the same instruction that was settled
 * by hand stands instead. `without`: instructions that a clerk forgets.
 */
async function closeDay(args: Record<string, unknown>, house: TwinContext<Memory>): Promise<void> {
  const on = textOf(args['on'], dayOf(house.clock.now()));
  const without = Array.isArray(args['without']) ? (args['without'] as unknown[]) : [];
  const settled = house.memory.settled[on] ?? [];
  const there = new Set([...settled.map(({ instructionNo }) => instructionNo), ...without]);
  for (const movement of movementsOf(readEffects(join(house.folder, '..', gateway, 'effects.ndjson')), on))
    if (!there.has(movement.instructionNo)) settle({ ...movement, on }, house);
  await publish(args, house);
}

/** One line per instruction and day, with its last status. */
function movementsOf(done: readonly EffectLine[], on: string): Iterable<Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const { kind, number, at, detail } of done) {
    const local = new Date(Date.parse(at) + 8 * 3_600_000).toISOString();
    if (local.slice(0, 10) !== on || !Object.hasOwn(statusOf, kind)) continue;
    const parts = (detail['parts'] ?? []) as { fen: string }[];
    const fen = textOf(detail['fen'], String(parts.reduce((sum, part) => sum + BigInt(part.fen), 0n)));
    const direction = kind.startsWith('refund') ? 'C' : 'D';
    const time = local.slice(11, 19).replaceAll(':', '');
    found.set(number, { instructionNo: number, fen, direction, time, status: statusOf[kind] ?? '' });
  }
  return found.values();
}

/** What the gateway calls what it did, and what the file does. */
const statusOf: Readonly<Record<string, string>> = {
  collected: '00',
  split: '00',
  refunded: '00',
  returned: '02',
  'refund returned': '02',
};
/** The other half of the same house. */
const gateway = 'clearing-cpcn';

/**
 * Writes the day's file; the same day again is a re-issued one with the next sequence. `courier`: into the folder in which the
 * institution's people put what came by another road.
 */
async function publish(args: Record<string, unknown>, house: TwinContext<Memory>): Promise<void> {
  const { memory } = house;
  const on = textOf(args['on'], dayOf(house.clock.now()));
  const form = forms.find((each) => each === (args['form'] ?? 'fixed-gbk')) satisfies Form | undefined;
  const fault = fileFaults.find((each) => each === args['fault']) satisfies FileFault | undefined;
  if (!form || (args['fault'] !== undefined && !fault))
    throw new Error(`one of ${[...forms, ...fileFaults].join(', ')}`);
  const sequence = Number(args['sequence'] ?? (memory.sequences[on] ?? 0) + 1);
  memory.sequences[on] = Math.max(sequence, memory.sequences[on] ?? 0);
  const { seed, count } = (args['generate'] ?? {}) as { seed?: number; count?: number };
  const movements = count === undefined ? (memory.settled[on] ?? []) : generated(seed ?? 1, count, on);
  const folder = args['courier'] === true ? uploadsOf(house) : outboxOf(house.folder);
  const issued = await issueFile({ folder, institution, on, sequence, form, movements, fault });
  house.effect('issued', issued.name, { ...issued });
}

/** How the server behaves from now on: `cutAtByte`, `cuts`, `delayMs`. */
function behave(args: Record<string, unknown>, house: TwinContext<Memory>): void {
  const manner = mannerOf(house.folder);
  for (const name of Object.keys(manner)) delete manner[name as keyof SftpManner];
  Object.assign(manner, args);
}

export interface RunningFilesTwin extends RunningTwin {
  /** Files that were read to their end, in order. */
  readonly fetched: readonly string[];
  /** The server of files, as if set up anew; its port stays. */
  restartSftp(change: Change): Promise<void>;
}

/** For tests: the twin, with a look at its server of files. */
export async function startFilesTwin(place: Parameters<typeof startTwin>[1]): Promise<RunningFilesTwin> {
  const fetched: string[] = [];
  const onRead = (path: string) => void fetched.push(path);
  let restart: RunningFilesTwin['restartSftp'] = () => Promise.reject(new Error('it does not run'));
  const running = await startTwin(
    {
      ...clearingFiles,
      async listen(house, port) {
        let server = await serve(house, port, { onRead });
        restart = async (change) => {
          const { port: same } = server;
          await server.stop();
          server = await serve(house, same, { onRead, ...change });
        };
        return { url: addressOf(server), stop: () => server.stop() };
      },
    },
    place,
  );
  return { ...running, fetched, restartSftp: (change) => restart(change) };
}

function dayOf(now: Date): string {
  return new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}
