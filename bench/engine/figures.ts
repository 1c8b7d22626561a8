/** What all benches of the engine share in counting and telling: medians, percentiles, tables, the machine. */
import { cpus } from 'node:os';
import type { Store } from '../../store/store.ts';
import type { BenchServer } from './server.ts';

const quantity = 200;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Of values in ascending order, nearest rank. */
export function percentile(sorted: readonly number[], percent: number): number {
  const at = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  return at === undefined ? Number.NaN : Number(at.toFixed(2));
}

/** The median of paired quotients, with the extremes: the spread is part of the figure. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function ratioOf(over: readonly number[], under: readonly number[]): Ratio {
  const each = over.map((value, index) => value / (under[index] ?? Number.NaN));
  const round = (value: number) => Number(value.toFixed(3));
  return { median: round(median(each)), least: round(Math.min(...each)), most: round(Math.max(...each)) };
}

export function ratioText(ratio: Ratio): string {
  return `${ratio.median} (${ratio.least}..${ratio.most})`;
}

/** Columns as wide as what stands in them, numbers to the right. */
export function tableText(rows: readonly (readonly (string | number)[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (row: readonly (string | number)[]) =>
    row.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join('  ');
  return `${rows.map(line).join('\n')}\n`;
}

export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

const told = ['server_version', 'fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size', 'checkpoint_timeout'];

/** Figures mean nothing without the machine, its disk and the server's settings. */
export async function machineOf(server: BenchServer): Promise<object> {
  const settings = await server.admin.pool.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from unnest($1::text[]) as name',
    [told],
  );
  return {
    node: process.version,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    postgres: Object.fromEntries(settings.rows.map((row) => [row.name, row.value])),
    commitsPerSecond: await commitsPerSecond(server.admin),
  };
}

/** One connection, one row per commit: what the disk allows whoever waits for each step alone. */
async function commitsPerSecond(admin: Store): Promise<number> {
  const client = await admin.pool.connect();
  try {
    await client.query('create table if not exists bench_commit (no int)');
    const startedAt = performance.now();
    for (let no = 0; no < quantity; no += 1) await client.query('insert into bench_commit values ($1)', [no]);
    const ms = performance.now() - startedAt;
    await client.query('drop table bench_commit');
    return Math.round((quantity * 1000) / ms);
  } finally {
    client.release();
  }
}
