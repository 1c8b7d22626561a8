/** `lianshu history`: what the hub keeps of runs that ended, by the week, and until when. */
import { History, type PartitionView } from '../engine/history.ts';
import { openStore, type Store } from '../store/store.ts';
import { runningHub } from './running.ts';

const daysMax = 36_500;

/** The history of a database, with this week's partitions made and the operator's word on how long it is kept. */
export async function openHistory(store: Store): Promise<History> {
  const history = new History(store);
  const text = process.env['LIANSHU_RETENTION_DAYS'];
  if (text !== undefined) {
    const days = Number(text);
    if (!/^\d+$/.test(text) || days < 1 || days > daysMax)
      throw new Error(`LIANSHU_RETENTION_DAYS: 1 to ${daysMax} days, a whole number, not ${text}`);
    await history.retain(days);
  }
  // Without them all goes into the default partitions, which serve as well; the sweep tries again.
  await history.ahead().catch((thrown: unknown) => {
    process.stderr.write(`history: ${thrown instanceof Error ? thrown.message : 'unknown'}\n`);
  });
  return history;
}

export async function history(options: { readonly run: boolean; readonly json: boolean }): Promise<number> {
  const url = process.env['DATABASE_URL'] ?? (await runningHub()).databaseUrl;
  const store = await openStore(url, { maxConnections: 2, applicationName: 'lianshu-history' });
  try {
    const kept = new History(store);
    const done = options.run ? await kept.keep() : undefined;
    const [partitions, retentionDays] = [await kept.list(), await kept.retentionDays()];
    if (options.json) process.stdout.write(`${JSON.stringify({ retentionDays, partitions, ...done })}\n`);
    else {
      process.stdout.write(`保留 ${retentionDays} 天  history is kept for ${retentionDays} days\n`);
      process.stdout.write(partitions.map(line).join(''));
      if (done)
        process.stdout.write(`made ${told(done.made)}; dropped ${told(done.dropped)}; pinned ${told(done.pinned)}\n`);
    }
    return 0;
  } finally {
    await store.close();
  }
}

function line({ name, rowsEstimate, bytes, dropsAt }: PartitionView): string {
  const size = `${(bytes / 1_048_576).toFixed(1)} MB`;
  const until = dropsAt ? `until ${dropsAt.toISOString().slice(0, 10)}` : 'run by run';
  return `${name.padEnd(20)} ~${String(Math.round(rowsEstimate)).padStart(10)} rows ${size.padStart(12)}  ${until}\n`;
}

function told(weeks: readonly string[]): string {
  return weeks.length === 0 ? 'none' : weeks.join(', ');
}
