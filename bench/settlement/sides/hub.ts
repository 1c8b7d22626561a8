/** The hub's part in a process of its own: what it takes at its peak is measured with it. */
import type { System } from '../../../adapters/adapter.ts';
import { settlementFeed } from '../../../adapters/clearing/files/feed.ts';
import { keysFrom } from '../../../adapters/crypto/keys.ts';
import { clearing } from '../../../contracts/clearing/clearing.ts';
import type { SettlementFeed } from '../../../contracts/clearing/settlement.ts';
import { keepSignal } from '../../../engine/signals.ts';
import { takeSettlement } from '../../../ledger/money/settlement.ts';
import { openStore, type Store } from '../../../store/store.ts';
import { answerTo } from '../../engine/answer.ts';

let store: Store | undefined;
let feed: SettlementFeed | undefined;

answerTo({
  open: async ({ url, system, keys }: { url: string; system: System; keys: string }) => {
    store = await openStore(url, { applicationName: 'bench-settlement', maxConnections: 3 });
    feed = settlementFeed(system, keysFrom(keys, system.id));
  },
  /** Only the reading: SFTP, hash, lines, contracts, guards. */
  read: async () => {
    const { file, from } = await begun();
    let lines = 0;
    for await (const batch of there(feed).open(file).batches) lines += batch.length;
    return { ms: performance.now() - from, lines, peakMb: peakMb() };
  },
  take: async () => {
    const { file, from } = await begun();
    const { collectionSettled } = clearing.notices;
    const outcome = await takeSettlement(
      {
        store: there(store),
        connector: 'clearing-files',
        purposes: ['REPAY'],
        actor: 'settlement',
        async tell(tx, facts) {
          for (const message of facts)
            await keepSignal(tx, {
              notice: collectionSettled.name,
              key: collectionSettled.keyOf(message),
              id: collectionSettled.idOf(message),
              message,
            });
        },
      },
      there(feed).open(file),
    );
    return { ms: performance.now() - from, lines: file.count, peakMb: peakMb(), outcome };
  },
  stop: async () => {
    await feed?.close();
    await store?.close();
  },
});

async function begun() {
  const from = performance.now();
  const { ready } = await there(feed).list();
  const [file] = ready;
  if (!file) throw new Error('there is no file');
  return { file, from };
}

/** Of this process since it began, as the kernel counts. */
function peakMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing is open');
  return value;
}
