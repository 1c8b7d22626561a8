/** A new, migrated database for a test: copied from a template, real in every respect, fsync included. */
import { randomUUID } from 'node:crypto';
import { type Store, openStore } from '../store/store.ts';
import { admin, urlOf } from './server.ts';

export interface FreshDatabase {
  readonly url: string;
  readonly store: Store;
  drop(): Promise<void>;
}

export async function freshDatabase(): Promise<FreshDatabase> {
  const { LIANSHU_TEST_URL: adminUrl, LIANSHU_TEST_TEMPLATE: template, LIANSHU_TEST_PROBLEM: problem } = process.env;
  if (!adminUrl || !template) throw new Error(problem ?? 'No database: run the tests through Jest (npm test).');
  const name = `lianshu_test_${randomUUID().replaceAll('-', '')}`;
  await admin(adminUrl, `create database ${name} template ${template}`);
  const url = urlOf(adminUrl, name);
  const store = await openStore(url, { applicationName: 'lianshu-test' });
  const drop = async () => {
    await store.close();
    // Forced: a test that fails may leave a connection behind.
    await admin(adminUrl, `drop database if exists ${name} with (force)`);
  };
  return { url, store, drop };
}
