import { verifyBooks } from '../ledger/invariants.ts';
import { openStore } from '../store/store.ts';
import { runningHub } from './running.ts';

export async function verify(options: { json: boolean }): Promise<number> {
  const { databaseUrl } = await runningHub();
  const store = await openStore(databaseUrl, { maxConnections: 2, applicationName: 'lianshu-verify' });
  try {
    const verdicts = await verifyBooks(store);
    const broken = verdicts.filter((verdict) => verdict.offenders.length > 0);
    if (options.json)
      process.stdout.write(`${JSON.stringify({ invariants: verdicts.length, broken: broken.length, verdicts })}\n`);
    else {
      for (const { id, statement, enforcedBy, offenders } of verdicts) {
        process.stdout.write(
          `${offenders.length === 0 ? '✓' : '✗'} ${id.padEnd(9)} ${statement}  [${enforcedBy.join(', ')}]\n`,
        );
        for (const offender of offenders) process.stdout.write(`            ${offender}\n`);
      }
      process.stdout.write(`${verdicts.length} invariants, ${broken.length} broken\n`);
    }
    return broken.length === 0 ? 0 : 1;
  } finally {
    await store.close();
  }
}
