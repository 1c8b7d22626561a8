/**
 * The clearing house's file exchange (文件交换): what it settled in a day it writes into a file for its institution, and the
 * institution fetches it over SFTP. The server of files is part of this twin; `startFilesTwin` starts both.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { startTwin, twin, type RunningTwin, type TwinContext, type TwinSpec } from '../twin.ts';
import { fileFaults, forms, generated, issueFile, type FileFault, type Form, type Movement } from './settlementFile.ts';
import { startSftp, type SftpManner, type SftpServer } from './sftpServer.ts';

interface Memory {
  /** By business day. */
  settled: Record<string, Movement[]>;
  /** By business day: the last sequence that was issued. */
  sequences: Record<string, number>;
  serial: number;
}

const institution = '100690';
const user = 'inst100690';

/** One in some hundred Ed25519 keys that ssh2 1.17 makes is written so that it cannot be read again. */
const key = (): { secret: string; open: string } => {
  const { private: secret, public: open } = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(secret) instanceof Error ? key() : { secret, open };
};

/** `outbox` is where files lie; `manner` how the server behaves, looked at with every read. */
const specWith = (outbox: string, manner: SftpManner): TwinSpec<Memory> =>
  twin<Memory>({
    name: 'clearing-files',
    kind: 'clearing',
    dialect: 'files',
    title: { zh: '清算文件交换（SFTP）', en: 'Settlement file exchange (SFTP)' },
    settings: { institutionId: institution, username: user, encoding: 'gbk' },
    enrol: () => {
      const [login, host, other] = [key(), key(), key()];
      return {
        hub: { 'sftp-login.txt': login.secret, 'sftp-host.txt': host.open },
        twin: { 'login.txt': login.open, 'host.txt': host.secret, 'other-host.txt': other.secret },
      };
    },
    memory: () => ({ settled: {}, sequences: {}, serial: 0 }),
    operationOf: () => undefined,
    handle: () => ({ status: 404, body: 'files are fetched over SFTP' }),
    acts: {
      settle,
      publish: (args, context) => publish(args, context, outbox),
      behave: (args) => behave(args, manner),
    },
  });

/** Name, settings and enrolment; it runs by `startFilesTwin`. */
export const clearingFiles = specWith('', {});

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

/** Writes the day's file; the same day again is a re-issued one with the next sequence. */
async function publish(args: Record<string, unknown>, house: TwinContext<Memory>, outbox: string): Promise<void> {
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
  const issued = await issueFile({ folder: outbox, institution, on, sequence, form, movements, fault });
  house.effect('issued', issued.name, { ...issued });
}

/** How the server behaves from now on: `cutAtByte`, `cuts`, `delayMs`. */
function behave(args: Record<string, unknown>, manner: SftpManner): void {
  for (const name of Object.keys(manner)) delete manner[name as keyof SftpManner];
  Object.assign(manner, args);
}

export interface RunningFilesTwin extends RunningTwin {
  /** `sftp://127.0.0.1:<port>/outbox` */
  readonly sftpUrl: string;
  /** Files that were read to their end, in order. */
  readonly fetched: readonly string[];
  /** The server of files, as if set up anew: with another host key, or other algorithms. */
  restartSftp(change: { otherHostKey?: boolean; algorithms?: ssh2.ServerConfig['algorithms'] }): Promise<void>;
}

type Place = Parameters<typeof startTwin>[1];

/** The twin with its server of files, whose port stays. */
export async function startFilesTwin(place: Place & { readonly sftpPort?: number }): Promise<RunningFilesTwin> {
  const root = join(place.folder, 'exchange');
  mkdirSync(join(root, 'outbox'), { recursive: true });
  const manner: SftpManner = {};
  const fetched: string[] = [];
  const running = await startTwin(specWith(join(root, 'outbox'), manner), place);
  const serve = (port: number, change: Parameters<RunningFilesTwin['restartSftp']>[0]): Promise<SftpServer> =>
    startSftp({
      root,
      port,
      user,
      loginKey: keyOf(place, 'login.txt'),
      hostKey: keyOf(place, change.otherHostKey ? 'other-host.txt' : 'host.txt'),
      manner,
      algorithms: change.algorithms,
      onRead: (path) => void fetched.push(path),
    });
  let server = await serve(place.sftpPort ?? 0, {});
  const { port } = server;
  return {
    ...running,
    sftpUrl: `sftp://127.0.0.1:${port}/outbox`,
    fetched,
    async restartSftp(change) {
      await server.stop();
      server = await serve(port, change);
    },
    async stop() {
      await server.stop();
      await running.stop();
    },
  };
}

function keyOf(place: Place, name: string): string {
  const found = place.keys[name];
  if (found === undefined) throw new Error(`the twin holds no key ${name}`);
  return found;
}

function dayOf(now: Date): string {
  return new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}
