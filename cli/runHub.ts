import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClockSetting } from '../engine/clock.ts';
import { homeFolder, hubPort } from './home.ts';
import { startHub } from './hub.ts';

/** Runs until it is told to stop. With `sandbox`, business time is the sandbox's. */
export async function runHub(sandbox: boolean): Promise<number> {
  const home = homeFolder();
  const clock = process.env['LIANSHU_CLOCK'];
  const hub = await startHub({
    home,
    port: process.env['LIANSHU_PORT'] ? Number(process.env['LIANSHU_PORT']) : await hubPort(home),
    ...(sandbox && clock ? { clock: JSON.parse(clock) as ClockSetting } : {}),
  });
  writeFileSync(
    join(home, 'hub.json'),
    JSON.stringify({ url: hub.url, databaseUrl: hub.databaseUrl, pid: process.pid }),
    { mode: 0o600 },
  );
  process.send?.({ ready: true, url: hub.url, databaseUrl: hub.databaseUrl });
  if (!process.send) process.stderr.write(`链枢 hub: ${hub.url}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    // Started by `lianshu start`, which is gone: nobody would stop it otherwise.
    process.once('disconnect', () => resolve());
  });
  await hub.stop();
  return 0;
}
