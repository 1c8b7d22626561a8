/**
 * The hub that the crash runner kills. It loads its code while its forerunner still lives and starts when it is told to,
 * so that a restart costs what starting costs and not what reading files costs.
 */
import { flushCompileCache } from 'node:module';
import type { ClockSetting } from '../../engine/clock.ts';
import { runHub } from '../runHub.ts';

export interface Go {
  readonly go: ClockSetting;
  readonly databaseUrl: string;
}

export async function victim(): Promise<number> {
  // Written at the end of a process otherwise, and this one has none.
  flushCompileCache();
  const orphaned = () => process.exit(0);
  process.once('disconnect', orphaned);
  process.once('SIGTERM', orphaned);
  const { go, databaseUrl } = await new Promise<Go>((told) =>
    process.once('message', (message) => told(message as Go)),
  );
  process.off('disconnect', orphaned);
  process.off('SIGTERM', orphaned);
  process.env['DATABASE_URL'] = databaseUrl;
  process.env['LIANSHU_CLOCK'] = JSON.stringify(go);
  try {
    return await runHub(true);
  } catch (thrown) {
    // What is half open would keep it alive, and it is waited for.
    process.stderr.write(`${thrown instanceof Error ? thrown.message : 'the hub did not start'}\n`);
    process.exit(1);
  }
}
