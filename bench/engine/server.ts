/**
 * The one PostgreSQL on which all sides of a bench take their turns: the hub's own embedded server in a folder that is
 * removed, or further databases on the server that DATABASE_URL names. Ctrl-C leaves neither behind.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../store/embedded.ts';
import { migrate } from '../../store/migrate.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import { ephemeralRootKey } from '../../store/sealing/rootKeys.ts';
import { openStore, type Store } from '../../store/store.ts';

export interface BenchServer {
  readonly admin: Store;
  /** The process of an embedded server; undefined when somebody else runs it. */
  readonly pid: number | undefined;
  /** One more empty database; its address. */
  empty(name: string): Promise<string>;
  /** One more database with the hub's tables and one case. */
  migrated(name: string): Promise<string>;
}

interface Ground {
  readonly url: string;
  readonly pid: number | undefined;
  remove(): Promise<void>;
}

export const caseId = 'CASE-BENCH';
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export async function withServer<T>(use: (server: BenchServer) => Promise<T>): Promise<T> {
  const made: string[] = [];
  const given = process.env['DATABASE_URL'];
  const starting = given === undefined ? embedded() : Promise.resolve(somebodys(given, made));
  let removed: Promise<void> | undefined;
  const remove = () => (removed ??= starting.then((ground) => ground.remove()));
  const onSignal = (signal: keyof typeof exitCodes) =>
    void remove()
      .catch(() => undefined)
      .then(() => process.exit(exitCodes[signal]));
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const ground = await starting;
    const admin = await openStore(ground.url, { applicationName: 'lianshu-bench', maxConnections: 2 });
    try {
      return await use(serverOn(ground, admin, made));
    } finally {
      await admin.close();
    }
  } finally {
    await remove();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function serverOn(ground: Ground, admin: Store, made: string[]): BenchServer {
  ephemeralRootKey();
  const suffix = randomUUID().slice(0, 8);
  const empty = async (name: string) => {
    const full = `bench_${name}_${suffix}`;
    made.push(full);
    await admin.pool.query(`create database ${full} template template0`);
    const url = new URL(ground.url);
    url.pathname = `/${full}`;
    return url.href;
  };
  return {
    admin,
    pid: ground.pid,
    empty,
    async migrated(name) {
      const url = await empty(name);
      const store = await openStore(url, { applicationName: 'lianshu-bench', maxConnections: 1 });
      try {
        await migrate(store);
        // Before there is history: what is made inside the server stays as it is.
        await sealingOf(store.pool);
        await store.pool.query('insert into cases (id, key, title) values ($1, $1, $1)', [caseId]);
      } finally {
        await store.close();
      }
      return url;
    },
  };
}

async function embedded(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-measure-'));
  const home = join(folder, 'home');
  try {
    // As root, PostgreSQL runs as another user, who must get through.
    chmodSync(folder, 0o711);
    const server = await startEmbedded({ home });
    return {
      url: server.url,
      pid: Number(readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]),
      remove: () => server.stop().finally(() => rmSync(folder, { recursive: true, force: true })),
    };
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
}

/** Only the databases made here go; what was there is left alone. */
function somebodys(url: string, made: readonly string[]): Ground {
  return {
    url,
    pid: undefined,
    async remove() {
      const admin = await openStore(url, { applicationName: 'lianshu-bench', maxConnections: 1 });
      try {
        for (const name of made) await admin.pool.query(`drop database if exists ${name} with (force)`);
      } finally {
        await admin.close();
      }
    },
  };
}
