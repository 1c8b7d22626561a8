/** The counterparties of a sandbox without a hub, for hubs that are started one by one. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as hub from '../hub.ts';

const readyMs = 60_000;

/** Its address for orders. It ends with its home. */
export async function startSandbox(home: hub.Home, clock: string): Promise<string> {
  const child = spawn(process.execPath, [join(hub.root, 'sandbox', 'main.ts')], {
    cwd: hub.root,
    env: {
      ...process.env,
      LIANSHU_HOME: home.folder,
      LIANSHU_HUB: `http://127.0.0.1:${home.port}`,
      LIANSHU_CLOCK: clock,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const file = join(home.folder, 'sandbox.json');
  await hub.until(() => existsSync(file) || child.exitCode !== null, readyMs);
  if (child.exitCode !== null || !existsSync(file)) throw new Error('the sandbox did not start');
  return (JSON.parse(readFileSync(file, 'utf8')) as { control: string }).control;
}

/** Undefined when the sandbox could not place it: the hub may be unable to take it just now. */
export async function orderIn(control: string): Promise<string | undefined> {
  try {
    const placed = await fetch(`${control}/orders`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(30_000),
    });
    return placed.ok ? ((await placed.json()) as { orderNo: string }).orderNo : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error with what it said when it does not become ready */
export async function hubReady(home: hub.Home, started: hub.Started): Promise<void> {
  const isReady = () =>
    fetch(`http://127.0.0.1:${home.port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.ok,
      () => false,
    );
  const came = await hub.until(async () => started.child.exitCode !== null || isReady(), readyMs);
  if (!came || started.child.exitCode !== null) throw new Error(`a hub did not become ready:\n${started.said()}`);
}
