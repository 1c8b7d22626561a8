/** What the invariants say of the books of a hub that runs in a home. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyBooks } from '../ledger/invariants.ts';
import { openStore } from '../store/store.ts';

const offendersShown = 5;

export interface Books {
  readonly checked: number;
  readonly broken: number;
  readonly offending: readonly {
    readonly id: string;
    readonly statement: string;
    readonly offenders: readonly string[];
  }[];
}

export async function booksIn(home: string): Promise<Books> {
  const { databaseUrl } = JSON.parse(readFileSync(join(home, 'hub.json'), 'utf8')) as { databaseUrl: string };
  const store = await openStore(databaseUrl, { maxConnections: 2, applicationName: 'lianshu-verify' });
  try {
    const verdicts = await verifyBooks(store);
    const offending = verdicts
      .filter(({ offenders }) => offenders.length > 0)
      .map(({ id, statement, offenders }) => ({ id, statement, offenders: offenders.slice(0, offendersShown) }));
    return { checked: verdicts.length, broken: offending.length, offending };
  } finally {
    await store.close();
  }
}
