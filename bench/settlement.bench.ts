/**
 * A settlement file of a million lines: over SFTP from another process, every line checked and held against the books in PostgreSQL,
 * with one item per line, cases for differences and facts for payments of unknown outcome. Beside it the same files with DuckDB
 * and coreutils, which read from the disk, check nothing and keep nothing, and OpenSSH's client for the road alone.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installLifecycles } from '../ledger/lifecycle.ts';
import { openStore } from '../store/store.ts';
import { clearingFiles, generated } from '../test/twins.ts';
import { startChild, type Child } from './engine/child.ts';
import { machineOf, median, progress, tableText } from './engine/figures.ts';
import { withServer, type BenchServer } from './engine/server.ts';
import { coreutils, duckdb, has, hasDuckdb, openssh, type Beside } from './settlement/beside.ts';

export const what =
  'a settlement file of 1,000,000 lines over SFTP, reconciled with the books; beside DuckDB and coreutils';

const plans = { quick: { lines: 100_000, rounds: 1 }, full: { lines: 1_000_000, rounds: 3 } } as const;
const on = '2026-11-23';
const seed = 20_261_123;
const rssMaxMb = 300;
const rowsAtOnce = 10_000;

interface Taken {
  readonly ms: number;
  readonly peakMb: number;
  readonly verdicts?: Readonly<Record<string, number>>;
}
type Side = 'hub' | 'hubReadsOnly' | 'openssh' | 'duckdb' | 'coreutils';
interface Ground {
  readonly server: BenchServer;
  readonly template: string;
  readonly system: object;
  readonly keys: string;
  readonly sftp: URL;
  readonly file: string;
  readonly books: string;
  readonly scratch: string;
}

export async function run(json: boolean, options: { quick?: boolean } = {}): Promise<object> {
  const plan = options.quick ? plans.quick : plans.full;
  const scratch = mkdtempSync(join(tmpdir(), 'lianshu-settlement-bench-'));
  let house: Child | undefined;
  try {
    const keys = enrolled(scratch);
    house = await startChild('settlement/sides/house.ts', { folder: join(scratch, 'house'), keys });
    const { path, bytes } = await house.ask<{ path: string; bytes: number }>('publish', {
      on,
      seed,
      count: plan.lines,
    });
    progress(`a file of ${plan.lines} lines, ${(bytes / 1e6).toFixed(0)} MB`);
    const url = await house.ask<string>('url');
    return await withServer(async (server) => {
      const machine = await machineOf(server);
      const template = await server.migrated('books');
      await fillBooks(template, plan.lines, join(scratch, 'books.csv'));
      const { settings, name: id, kind, dialect } = clearingFiles;
      const system = { id, kind, dialect, url, party: id, allowPrivate: true, timeoutMs: 10_000, settings };
      const place = { server, template, system, keys: join(scratch, 'keys'), sftp: new URL(url), file: path };
      const found = await rounds({ ...place, books: join(scratch, 'books.csv'), scratch }, plan.rounds);
      const figures = figuresOf(found, plan.lines);
      if (!json) process.stdout.write(textOf(figures, plan));
      const reached = (figures.find(({ side }) => side === 'hub')?.peakMb ?? Infinity) < rssMaxMb;
      const rest = { bytes, rounds: plan.rounds, rssMaxMb, reached, notAvailable: missing() };
      return { machine, quick: options.quick ?? false, lines: plan.lines, ...rest, sides: figures };
    });
  } finally {
    await house?.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function enrolled(scratch: string): Record<string, string> {
  const keys = clearingFiles.enrol();
  const folder = join(scratch, 'keys', clearingFiles.name, 'hub');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(keys.hub)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return keys.twin;
}

/** In turn, so that what the machine does meanwhile falls on all of them; what they count must agree. */
async function rounds(ground: Ground, times: number): Promise<Record<Side, Taken[]>> {
  const found: Record<Side, Taken[]> = { hub: [], hubReadsOnly: [], openssh: [], duckdb: [], coreutils: [] };
  for (let round = 0; round < times; round += 1) {
    const hub = await takenBy(ground, `round${round}`);
    found.hub.push(hub);
    found.hubReadsOnly.push(await readBy(ground));
    const beside: [Side, () => Promise<Beside>][] = [
      ['openssh', () => fetched(ground)],
      ['duckdb', () => duckdb(ground.file, ground.books)],
      ['coreutils', () => coreutils(ground.file, ground.books, ground.scratch)],
    ];
    for (const [side, act] of beside) {
      if (missing().includes(side)) continue;
      const taken = await act();
      if (side !== 'openssh') agree(side, taken.verdicts, hub.verdicts ?? {});
      found[side].push(taken);
    }
    progress(`round ${round + 1} of ${times}: ${Math.round(hub.ms)} ms, ${hub.peakMb} MB`);
  }
  return found;
}

/** Each round on a copy of the books, in a new process. */
async function takenBy(ground: Ground, name: string): Promise<Taken> {
  const { server, template } = ground;
  const url = new URL(template);
  const copied = `${url.pathname.slice(1)}_${name}`;
  await server.admin.pool.query(`create database ${copied} template ${url.pathname.slice(1)}`);
  url.pathname = `/${copied}`;
  try {
    return await inHub(ground, url.href, async (hub) => {
      const { outcome, ...taken } = await hub.ask<
        Taken & { outcome: { outcome: string; verdicts: Record<string, number> } }
      >('take');
      if (outcome.outcome !== 'compared') throw new Error(JSON.stringify(outcome));
      return { ...taken, verdicts: outcome.verdicts };
    });
  } finally {
    await server.admin.pool.query(`drop database ${copied} with (force)`);
  }
}

function readBy(ground: Ground): Promise<Taken> {
  return inHub(ground, ground.template, (hub) => hub.ask<Taken>('read'));
}

async function inHub<T>({ system, keys }: Ground, url: string, act: (hub: Child) => Promise<T>): Promise<T> {
  const hub = await startChild('settlement/sides/hub.ts', { url, system, keys });
  try {
    return await act(hub);
  } finally {
    await hub.stop();
  }
}

function fetched({ sftp, keys, file, scratch }: Ground): Promise<Beside> {
  const login = join(keys, clearingFiles.name, 'hub', 'sftp-login.txt');
  const name = file.slice(file.lastIndexOf('/'));
  const user = clearingFiles.settings['username'] ?? '';
  return openssh({ host: sftp.hostname, port: sftp.port, user }, login, `/outbox${name}`, join(scratch, 'fetched'));
}

/**
 * What the hub knows of the same payments: most agree, some have another amount, some are missing, some are of unknown outcome, and
 * some stand in the books alone. Written past the guards of the books: how payments come about is not what is measured.
 */
async function fillBooks(url: string, lines: number, csv: string): Promise<void> {
  const store = await openStore(url, { applicationName: 'lianshu-bench', maxConnections: 1 });
  const text: string[] = [];
  let rows: { no: string; fen: string; state: string }[] = [];
  const write = async () => {
    text.push(rows.map(({ no, fen, state }) => `${no},${fen},${state}\n`).join(''));
    await store.tx(async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query(
        `insert into payment (no, purpose, application_no, payee_account, amount, currency, state, settled_at)
         select no, 'REPAY', 'AP-' || no, '4100020000000000505', fen::numeric / 100, 'CNY', state,
           case when state = 'SUCCEEDED' then '${on}T12:00+08'::timestamptz end
         from jsonb_to_recordset($1) p (no text, fen text, state text)`,
        [JSON.stringify(rows)],
      );
    });
    rows = [];
  };
  try {
    await installLifecycles(store);
    let no = 0;
    for (const { instructionNo, fen } of generated(seed, lines, on)) {
      no += 1;
      if (no % 2_500 === 0) continue;
      const state = no % 1_000 === 1 ? 'UNKNOWN' : no % 5_000 === 2 ? 'FAILED' : 'SUCCEEDED';
      rows.push({ no: instructionNo, fen: no % 2_000 === 3 ? String(BigInt(fen) + 1n) : fen, state });
      if (no % 4_000 === 0) rows.push({ no: `${instructionNo}X`, fen, state: 'SUCCEEDED' });
      if (rows.length >= rowsAtOnce) await write();
    }
    await write();
    await store.pool.query('vacuum analyze payment');
    await store.pool.query('checkpoint');
  } finally {
    await store.close();
  }
  writeFileSync(csv, text.join(''));
  progress('the books are filled');
}

function missing(): Side[] {
  const programs = [
    ['openssh', 'sftp'],
    ['coreutils', 'join'],
  ] as const;
  const lacking: Side[] = programs.flatMap(([side, program]) => (has(program) ? [] : [side]));
  return hasDuckdb() ? lacking : [...lacking, 'duckdb'];
}

function agree(side: Side, one: Taken['verdicts'] = {}, other: Readonly<Record<string, number>>): void {
  const text = (verdicts: object) => JSON.stringify(Object.entries(verdicts).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (text(one) !== text(other)) throw new Error(`${side} counts ${text(one)}, the hub ${text(other)}`);
}

interface Figure {
  readonly side: Side;
  readonly seconds: number;
  readonly linesPerSecond: number;
  readonly peakMb: number;
  readonly verdicts?: Readonly<Record<string, number>>;
}

function figuresOf(found: Record<Side, Taken[]>, lines: number): Figure[] {
  return (Object.entries(found) as [Side, Taken[]][]).flatMap(([side, taken]) => {
    if (taken.length === 0) return [];
    const ms = median(taken.map((each) => each.ms));
    const [first] = taken;
    return [
      {
        side,
        seconds: Number((ms / 1000).toFixed(2)),
        linesPerSecond: Math.round((lines * 1000) / ms),
        peakMb: Math.max(...taken.map((each) => each.peakMb)),
        ...(side === 'hub' && first?.verdicts ? { verdicts: first.verdicts } : {}),
      },
    ];
  });
}

const does: Readonly<Record<Side, string>> = {
  hub: 'SFTP, checks, books, items, cases, facts',
  hubReadsOnly: 'SFTP, hash, contracts, guards',
  openssh: 'sftp get alone',
  duckdb: 'local files, counts verdicts',
  coreutils: 'local files, counts verdicts',
};

function textOf(figures: readonly Figure[], plan: { lines: number; rounds: number }): string {
  const rows = figures.map(({ side, seconds, linesPerSecond, peakMb }) => [
    side,
    seconds,
    linesPerSecond,
    peakMb,
    does[side],
  ]);
  const absent = missing().map((side) => `${side}: not available here\n`);
  const foot = `${plan.lines} lines, medians of ${plan.rounds} rounds, peaks are the highest; wanted: the hub below ${rssMaxMb} MB\n`;
  return tableText([['side', 's', 'lines/s', 'peak MB', 'does'], ...rows]) + absent.join('') + foot;
}
