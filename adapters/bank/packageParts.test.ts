/** A package in parts, over a line that breaks: there is no package, or a whole one. */
import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageNameOf, PackageParts } from '../../contracts/bank/package.wire.ts';
import { consequenceOf, Failure } from '../../contracts/failures.ts';
import type { toCredit } from '../../mappings/bank/package.ts';
import { bankPackage } from '../../test/twins.ts';
import type { Files } from '../sftpFiles.ts';
import type { Wire } from '../wire.ts';
import { packageDialect } from './dialects/package.ts';
import { sha256Of } from './dialects/packageContent.ts';

const { from: canonical } = JSON.parse(
  readFileSync(new URL('../../mappings/bank/examples/package.toCredit.json', import.meta.url), 'utf8'),
) as { from: Parameters<typeof toCredit>[0] };

describe('in parts, over a line that breaks', () => {
  const keys = ['sign', 'wrap'].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const wireOver = (files: Files) =>
    ({
      system: { id: 'x', settings: { ...bankPackage.settings, partBytes: '1000' } },
      keys: {
        secret: () => 's'.repeat(32),
        privateKey: () => keys[0]?.privateKey,
        publicKey: () => keys[1]?.publicKey,
      },
      now: () => new Date('2026-11-23T09:00:00+08:00'),
      files: (use: (files: Files) => unknown) => use(files),
    }) as unknown as Wire;

  /** A folder in memory, whose line breaks at one put: before it is done, or after. */
  function folder(there: Map<string, Buffer>, breaksAt: number, after: boolean): Files {
    let puts = 0;
    return {
      list: async (name) =>
        name === '/out' ? [...there].map(([file, { length }]) => ({ name: file, sizeBytes: length })) : [],
      get: async (_folder, name) => there.get(name) ?? Promise.reject(new Failure('FILE_NOT_READY')),
      put: async (_folder, name, bytes, how = {}) => {
        puts += 1;
        if (puts === breaksAt && !after) throw new Failure('OUTCOME_UNKNOWN');
        const before = there.get(name);
        if (before && !(how.same ?? ((each) => each.equals(bytes)))(before)) throw new Failure('IDEMPOTENCY_CONFLICT');
        if (!before) there.set(name, bytes);
        if (puts === breaksAt) throw new Failure('OUTCOME_UNKNOWN');
        return before ? 'there' : 'put';
      },
    };
  }

  test('wherever it breaks there is no package or a whole one, and trying again makes it whole', async () => {
    for (let breaksAt = 1; breaksAt <= 9; breaksAt += 1)
      for (const after of [false, true]) {
        const there = new Map<string, Buffer>();
        const push = (files: Files) => packageDialect.operations.applyCredit?.(canonical, wireOver(files));
        const outcome = await push(folder(there, breaksAt, after))?.catch((thrown: unknown) => consequenceOf(thrown));
        const companions = () => [...there.keys()].filter((name) => name.endsWith('.ok'));
        // Only the companion, which is the last, makes a package: before it nothing happened.
        if (companions().length === 0) expect(['later', 'unknown']).toContain(outcome);
        if (outcome === 'later') expect(companions()).toEqual([]);
        await push(folder(there, 0, false));
        expect(companions()).toHaveLength(1);
        const list = companions()[0]?.replace('.ok', '') ?? '';
        expect(packageNameOf(list)).toMatchObject({ no: canonical.applicationNo, sequence: '01', inParts: true });
        const bytes = there.get(list) ?? Buffer.alloc(0);
        expect(there.get(`${list}.ok`)?.toString()).toBe(`${list}|${bytes.length}|${sha256Of(bytes)}\n`);
        const payload = Buffer.from(bytes.toString().split('.')[1] ?? '', 'base64url').toString();
        const said = PackageParts.check(JSON.parse(payload));
        const parts = said.parts.map(({ name, sha256 }) => {
          const part = there.get(name) ?? Buffer.alloc(0);
          expect(sha256Of(part)).toBe(sha256);
          return part;
        });
        expect(sha256Of(Buffer.concat(parts))).toBe(said.sha256);
      }
  });
});
