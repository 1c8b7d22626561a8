import { join } from 'node:path';
import type { ClockSetting } from '../engine/clock.ts';
import { homeFolder, hubPort, writeWhole } from './home.ts';
import { startHub } from './hub.ts';

/** Runs until it is told to stop. With `sandbox`, business time is the sandbox's. */
export async function runHub(sandbox: boolean): Promise<number> {
  const home = homeFolder();
  // From the first moment: who is stopped while the database starts must not leave it behind.
  const told = untilTold();
  const clock = process.env['LIANSHU_CLOCK'];
  const hub = await startHub({
    home,
    port: process.env['LIANSHU_PORT'] ? Number(process.env['LIANSHU_PORT']) : await hubPort(home),
    ...(sandbox && clock ? { clock: JSON.parse(clock) as ClockSetting } : {}),
  });
  const about = { url: hub.url, databaseUrl: hub.databaseUrl, pid: process.pid };
  writeWhole(join(home, 'hub.json'), JSON.stringify(about));
  if (process.connected) process.send?.({ ready: true, url: hub.url, databaseUrl: hub.databaseUrl });
  if (!process.send) process.stderr.write(`链枢 hub: ${hub.url}\n`);
  const why = await Promise.race([told, hub.databaseEnded.then(() => 'database' as const)]);
  if (why === 'database') {
    process.stderr.write('数据库意外退出 the database ended: a hub does not go on without it\n');
    // Nothing can be brought to rest without it; what was under way is found in the journal by the next hub.
    process.exit(1);
  }
  await hub.stop();
  // An open channel keeps a process alive.
  if (process.connected) process.disconnect();
  return 0;
}

function untilTold(): Promise<'told'> {
  return new Promise((resolve) => {
    // Told twice (Ctrl-C reaches the group, and the starter tells its children) is told once: it must bring its database to rest.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('told'));
    // Started by `lianshu start`, which is gone: nobody would stop it otherwise.
    process.once('disconnect', () => resolve('told'));
  });
}
