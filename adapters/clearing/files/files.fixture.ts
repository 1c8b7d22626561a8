/** The hub's client before the twin's server, over real SFTP: what the tests of settlement files start from. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SettlementFeed, SettlementFile, SettlementLine } from '../../../contracts/clearing/settlement.ts';
import { clearingFiles, startFilesTwin, TwinClock, type RunningFilesTwin } from '../../../test/twins.ts';
import type { System } from '../../adapter.ts';
import { keysFrom } from '../../crypto/keys.ts';
import { settlementFeed } from './feed.ts';

export const on = '2026-11-23';

export interface Exchange {
  readonly home: string;
  readonly twin: RunningFilesTwin;
  readonly system: System;
  /** The folder that the institution sees as `/outbox`. */
  readonly outbox: string;
  readonly feed: SettlementFeed;
  feedWith(change: Partial<System>): SettlementFeed;
  act(name: string, args: object): Promise<void>;
  /** Some settled movements of the day; the first is RP20261123-000001 over 1.01 yuan. */
  settle(count: number): Promise<void>;
  stop(): Promise<void>;
}

export async function exchange(options: { timeoutMs?: number } = {}): Promise<Exchange> {
  const home = mkdtempSync(join(tmpdir(), 'lianshu-files-'));
  const keys = clearingFiles.enrol();
  mkdirSync(join(home, clearingFiles.name, 'hub'), { recursive: true });
  for (const [name, text] of Object.entries(keys.hub)) writeFileSync(join(home, clearingFiles.name, 'hub', name), text);
  const folder = join(home, 'twin');
  const clock = new TwinClock({ realMs: Date.now(), businessMs: Date.parse(`${on}T18:00:00+08:00`), speed: 1 });
  const twin = await startFilesTwin({ folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
  const system: System = {
    id: clearingFiles.name,
    kind: clearingFiles.kind,
    dialect: clearingFiles.dialect,
    url: twin.url,
    party: 'clearing',
    allowPrivate: true,
    timeoutMs: options.timeoutMs ?? 5_000,
    settings: clearingFiles.settings,
  };
  const feeds: SettlementFeed[] = [];
  const feedWith = (change: Partial<System>) => {
    const made = settlementFeed({ ...system, ...change }, keysFrom(home, system.id));
    feeds.push(made);
    return made;
  };
  const act = async (name: string, args: object) => {
    const answer = await fetch(`${twin.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) });
    if (answer.status !== 200) throw new Error(`${name}: ${await answer.text()}`);
  };
  return {
    home,
    twin,
    system,
    outbox: join(folder, 'exchange', 'outbox'),
    feed: feedWith({}),
    feedWith,
    act,
    async settle(count) {
      for (let no = 1; no <= count; no += 1)
        await act('settle', { on, instructionNo: instructionNo(no), fen: String(100 + no) });
    },
    async stop() {
      for (const each of feeds) await each.close();
      await twin.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export function instructionNo(no: number): string {
  return `RP20261123-${String(no).padStart(6, '0')}`;
}

export async function onlyReady(feed: SettlementFeed): Promise<SettlementFile> {
  const { ready, unfinished, refused } = await feed.list();
  const [file] = ready;
  if (!file || ready.length > 1) throw new Error(JSON.stringify({ ready, unfinished, refused }));
  return file;
}

export async function linesIn(feed: SettlementFeed, file: SettlementFile): Promise<SettlementLine[]> {
  const reading = feed.open(file);
  const lines: SettlementLine[] = [];
  for await (const batch of reading.batches) lines.push(...batch);
  reading.totals();
  return lines;
}

export function hubKey(home: string, name: string): string {
  return readFileSync(join(home, clearingFiles.name, 'hub', name), 'utf8');
}
