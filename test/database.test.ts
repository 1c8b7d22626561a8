import { expect, test } from '@jest/globals';
import { freshDatabase } from './database.ts';

test('each test gets a database of its own, on a server that keeps what it confirms', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  try {
    await one.store.pool.query('create table only_here (id int)');
    const there = await two.store.pool.query(`select to_regclass('only_here') as found`);
    expect(there.rows).toEqual([{ found: null }]);
    const { rows } = await one.store.pool.query('show fsync');
    expect(rows).toEqual([{ fsync: 'on' }]);
  } finally {
    await Promise.all([one.drop(), two.drop()]);
  }
});
