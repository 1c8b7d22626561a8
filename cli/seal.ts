/** `lianshu seal`: the keys under which payloads and personal data lie sealed, and what an operator does to them. */
import { userInfo } from 'node:os';
import { sealingOf } from '../store/sealing/of.ts';
import { resealAll, sealAll, type Progress } from '../store/sealing/reseal.ts';
import {
  destroyKeys,
  prepareRoot,
  rotateData,
  rotateRoot,
  statusOf,
  type SealStatus,
} from '../store/sealing/rotate.ts';
import type { Sealing } from '../store/sealing/sealing.ts';
import { openStore } from '../store/store.ts';
import { runningHub } from './running.ts';

export interface SealOptions {
  readonly json?: boolean | undefined;
  /** With the number of values under each key: reads everything. */
  readonly count?: boolean | undefined;
  readonly root?: boolean | undefined;
  readonly owner?: string | undefined;
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
}

const reasonCharsMin = 4;

export async function seal(positionals: readonly string[], options: SealOptions): Promise<number> {
  const [verb = 'status', owner] = positionals;
  const url = process.env['DATABASE_URL'] ?? (await runningHub()).databaseUrl;
  const store = await openStore(url, { maxConnections: 2, applicationName: 'lianshu-seal' });
  try {
    const done = await act(await sealingOf(store.pool), verb, owner, options);
    process.stdout.write(options.json ? `${JSON.stringify(done.json)}\n` : done.text);
    return 0;
  } finally {
    await store.close();
  }
}

interface Done {
  readonly json: object;
  readonly text: string;
}

async function act(sealing: Sealing, verb: string, owner: string | undefined, options: SealOptions): Promise<Done> {
  switch (verb) {
    case 'status':
      return shown(await statusOf(sealing, { count: options.count ?? false }));
    case 'all': {
      const values = (await sealAll(sealing, progress)) + (await resealAll(sealing, progress));
      return { json: { values }, text: `${values} values sealed; nothing lies in the open or under a retired key\n` };
    }
    case 'prepare': {
      const id = prepareRoot(sealing);
      const text = `根密钥 ${id} 已生成；请复制到每个节点后执行 root key ${id} is in ${sealing.roots.source}: give that file to every node, then: lianshu seal rotate --root\n`;
      return { json: { rootId: id, source: sealing.roots.source }, text };
    }
    case 'rotate':
      return options.root ? rootRotated(sealing) : dataRotated(sealing, options.owner);
    case 'destroy':
      return destroyed(sealing, owner, options);
    default:
      throw new Error(`没有该操作 no such act: ${verb}. One of: status, rotate, prepare, all, destroy`);
  }
}

async function rootRotated(sealing: Sealing): Promise<Done> {
  const done = await rotateRoot(sealing);
  return { json: done, text: `${done.keys} data keys are sealed with root key ${done.rootId} now\n` };
}

async function dataRotated(sealing: Sealing, owner: string | undefined): Promise<Done> {
  const done = await rotateData(sealing, { owner, onProgress: progress });
  return {
    json: done,
    text: `${done.keys} new data keys, ${done.values} values sealed anew; the old keys are kept, retired\n`,
  };
}

async function destroyed(sealing: Sealing, owner: string | undefined, { reason, by }: SealOptions): Promise<Done> {
  if (owner === undefined) throw new Error('谁的密钥？ whose? for example: seal destroy party:<id> --reason 客户注销');
  if (reason === undefined || reason.trim().length < reasonCharsMin)
    throw new Error('请说明原因 say why: --reason "..."');
  const keys = await destroyKeys(sealing, owner, by ?? userInfo().username, reason);
  if (keys === 0) throw new Error(`没有密钥 there is no key of ${owner}`);
  return {
    json: { owner, keys },
    text: `${keys} keys of ${owner} are destroyed: what they sealed cannot be read again\n`,
  };
}

function progress({ table, column, done }: Progress): void {
  if (done > 0) process.stderr.write(`${table}.${column}: ${done}\n`);
}

function shown(status: SealStatus): Done {
  const { rootId, roots, source, sealedAt, keys } = status;
  const lines = keys.map(
    ({ id, owner, class: name, state, createdAt, values }) =>
      `${String(id).padStart(6)}  ${owner.padEnd(44)} ${name.padEnd(8)} ${state.padEnd(9)} ${createdAt.toISOString().slice(0, 19)}${values === null ? '' : `  ${values} values`}\n`,
  );
  const head = `根密钥 root key ${rootId}, of ${roots.length} in ${source}; nothing in the open since ${sealedAt?.toISOString() ?? 'never'}\n`;
  return { json: status, text: head + lines.join('') };
}
