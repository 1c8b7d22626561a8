/** Finds the hub and the sandbox that run in this home. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeFolder } from './home.ts';

export interface RunningHub {
  readonly home: string;
  readonly url: string;
  readonly databaseUrl: string;
}

/** @throws Error that says what to do when no hub runs here */
export async function runningHub(): Promise<RunningHub> {
  const home = homeFolder();
  const file = join(home, 'hub.json');
  const about = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { url: string; databaseUrl: string })
    : undefined;
  const alive =
    about &&
    (await fetch(`${about.url}/health/live`, { signal: AbortSignal.timeout(3_000) }).then(
      (a) => a.ok,
      () => false,
    ));
  if (!about || !alive)
    throw new Error(
      '没有运行中的链枢，请先执行 npm start  no hub runs here: start one with "npm start" in another terminal',
    );
  return { home, ...about };
}

/** Address of the sandbox's control port; undefined when the hub runs without a sandbox. */
export function sandboxControl(home: string): string | undefined {
  const file = join(home, 'sandbox.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { control: string }).control : undefined;
}
