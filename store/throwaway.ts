/** A database for a few seconds: an embedded server in a temporary home, or one more database on the server given. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import { ephemeralRootKey } from './sealing/rootKeys.ts';
import { openStore, type Store } from './store.ts';

interface Throwaway {
  readonly url: string;
  /** Migrated. */
  readonly store: Store;
}

export async function withDatabase<T>(use: (database: Throwaway) => Promise<T>): Promise<T> {
  ephemeralRootKey();
  const given = process.env['DATABASE_URL'];
  return given === undefined ? onEmbedded((url) => migrated(url, use)) : onServer(given, (url) => migrated(url, use));
}

async function migrated<T>(url: string, use: (database: Throwaway) => Promise<T>): Promise<T> {
  const store = await openStore(url, { applicationName: 'lianshu-throwaway', maxConnections: 16 });
  try {
    await migrate(store);
    return await use({ url, store });
  } finally {
    await store.close();
  }
}

async function onEmbedded<T>(use: (url: string) => Promise<T>): Promise<T> {
  // A signal would end the process without a word to the server; an exit takes it along.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-throwaway-'));
  // As root, PostgreSQL runs as another user, who must get through.
  chmodSync(folder, 0o711);
  try {
    const server = await startEmbedded({ home: join(folder, 'home') });
    try {
      return await use(server.url);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The database that was named is left alone: it may be somebody's. */
async function onServer<T>(adminUrl: string, use: (url: string) => Promise<T>): Promise<T> {
  const name = `lianshu_throwaway_${randomUUID().slice(0, 8)}`;
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const admin = await openStore(adminUrl, { applicationName: 'lianshu-throwaway', maxConnections: 1 });
  try {
    await admin.pool.query(`create database ${name} template template0`);
    try {
      return await use(url.href);
    } finally {
      await admin.pool.query(`drop database if exists ${name} with (force)`);
    }
  } finally {
    await admin.close();
  }
}
