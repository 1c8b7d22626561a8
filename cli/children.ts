/**
 * The two processes of `lianshu start`. A hub that dies is started again, and its runs go on where they were; both end
 * with the one who started them.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from './home.ts';

export interface Ready {
  readonly ready: true;
  readonly url?: string;
  readonly control?: string;
  readonly databaseUrl?: string;
}

export interface ChildrenOptions {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onHubEnd: (how: string) => void;
  readonly onHubReady: (ready: Ready) => void;
}

/** Between two starts of a hub that dies: doubled each time, until one of them becomes ready. */
const restartMs = 300;
const restartMaxMs = 5_000;
const restartsMax = 12;
const stopMs = 20_000;

export class Children {
  /** Rejects when one of them is gone for good. */
  readonly lost: Promise<never>;
  readonly #options: ChildrenOptions;
  #lose: (reason: Error) => void = () => {};
  #sandbox: ChildProcess | undefined;
  #hub: ChildProcess | undefined;
  #stopping = false;

  constructor(options: ChildrenOptions) {
    this.#options = options;
    this.lost = new Promise<never>((_, reject) => {
      this.#lose = reject;
    });
    this.lost.catch(() => undefined); // Whoever waits for it hears of it; nobody may be waiting yet.
  }

  async startSandbox(): Promise<Ready> {
    this.#sandbox = this.#launch('sandbox/main.ts', []);
    const ready = await readyOf(this.#sandbox, 'the sandbox');
    this.#sandbox.once('exit', (code, signal) => {
      if (!this.#stopping) this.#lose(new Error(`沙箱意外退出 the sandbox ended (${signal ?? code})`));
    });
    return ready;
  }

  /** @throws Error when it does not become ready: what is wrong from the beginning is not tried again */
  async startHub(): Promise<void> {
    await this.#oneHub();
    void this.#keepHub();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([ended(this.#hub), ended(this.#sandbox)]);
  }

  async #oneHub(): Promise<void> {
    // The clock may have been moved since the beginning.
    const clock = readFileSync(join(this.#options.home, 'clock.json'), 'utf8');
    this.#hub = this.#launch('cli/main.ts', ['hub', '--sandbox'], { LIANSHU_CLOCK: clock });
    this.#options.onHubReady(await readyOf(this.#hub, 'the hub'));
  }

  async #keepHub(): Promise<void> {
    for (;;) {
      const how = await endOf(this.#hub);
      if (this.#stopping) return;
      this.#options.onHubEnd(how);
      if (!(await this.#startAgain())) return;
    }
  }

  async #startAgain(): Promise<boolean> {
    for (let attempt = 0; attempt < restartsMax; attempt += 1) {
      await sleep(Math.min(restartMs * 2 ** attempt, restartMaxMs));
      if (this.#stopping) return false;
      try {
        await this.#oneHub();
        return true;
      } catch {
        if (this.#stopping) return false;
      }
    }
    this.#lose(new Error(`平台无法恢复 the hub does not come up again: ${restartsMax} attempts`));
    return false;
  }

  #launch(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return fork(join(projectFolder, file), args, {
      env: { ...this.#options.env, ...env },
      cwd: projectFolder,
      execPath: process.execPath,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }
}

function readyOf(child: ChildProcess, what: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if ((message as Ready).ready) resolve(message as Ready);
    });
    child.once('exit', (code, signal) => reject(new Error(`${what} ended before it was ready (${signal ?? code})`)));
  });
}

function endOf(child: ChildProcess | undefined): Promise<string> {
  return new Promise((resolve) => {
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return resolve(String(child?.signalCode ?? child?.exitCode));
    child.once('exit', (code, signal) => resolve(String(signal ?? code)));
  });
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await endOf(child);
  clearTimeout(late);
}
