/** A hub and its counterparties for an occasion: in a home of their own, on a free port, and gone when it is over. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from './children.ts';
import { sandboxClock } from './home.ts';

export class Occasions {
  readonly #keep: boolean;
  readonly #open = new Map<string, Children>();

  /** `keep`: leaves the homes, to look into. */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** What the act gives, done while a hub runs in the home that it is given. `env`: more for hub and sandbox. */
  async on<T>(act: (home: string) => Promise<T>, env: Readonly<Record<string, string>> = {}): Promise<T> {
    const home = mkdtempSync(join(tmpdir(), 'lianshu-occasion-'));
    // As root, PostgreSQL runs as another user, who must get through.
    chmodSync(home, 0o711);
    const children = await childrenIn(home, env);
    this.#open.set(home, children);
    try {
      const ended = children
        .startSandbox()
        .then(() => children.startHub())
        .then(() => act(home));
      return await Promise.race([ended, children.lost]);
    } finally {
      await this.#end(home, children);
    }
  }

  /** Ends what is still on. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map(([home, children]) => this.#end(home, children)));
  }

  async #end(home: string, children: Children): Promise<void> {
    await children.stop();
    if (!this.#open.delete(home)) return;
    if (this.#keep) process.stderr.write(`保留 kept: ${home}\n`);
    else rmSync(home, { recursive: true, force: true });
  }
}

/** Resolves when somebody wants the whole to end. */
export function untilInterrupted(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve('interrupted'));
  });
}

async function childrenIn(home: string, more: Readonly<Record<string, string>>): Promise<Children> {
  const port = await freePort();
  const env = {
    ...process.env,
    LIANSHU_HOME: home,
    LIANSHU_HUB: `http://127.0.0.1:${port}`,
    LIANSHU_PORT: String(port),
    LIANSHU_CLOCK: JSON.stringify(sandboxClock(home, {})),
    ...more,
  };
  return new Children({
    home,
    env,
    onHubEnd: (how) => process.stderr.write(`链枢意外退出，正在恢复 the hub ended (${how}), starting it again\n`),
    onHubReady: () => undefined,
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
