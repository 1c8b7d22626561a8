/**
 * A folder of this machine in the place of a server of files: where people put a settlement file that came by another road (人工上传). The
 * same reader reads it, with the same guards.
 */
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../contracts/failures.ts';
import type { SftpSession } from '../../sftpSession.ts';

/** What reading needs of a session. */
export type Reading = Pick<SftpSession, 'list' | 'sizeOf' | 'read' | 'close'>;

/** Nothing but plain files of that very folder. A folder that is not there is empty. */
export function folderReading(folder: string): Reading {
  return {
    async list(_folder, entriesMax) {
      const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (names.length > entriesMax) throw new Failure('BODY_TOO_LARGE', { detail: `${folder} holds too many files` });
      const files = names.filter((entry) => entry.isFile());
      return Promise.all(files.map(async ({ name }) => ({ name, sizeBytes: (await lstat(join(folder, name))).size })));
    },
    sizeOf: async (path) => (await lstat(inside(folder, path))).size,
    async *read(path, from, size) {
      if (from >= size) return;
      const bytes = createReadStream(inside(folder, path), { start: from, end: size - 1 });
      for await (const chunk of bytes as AsyncIterable<Buffer>) yield chunk;
    },
    close: () => undefined,
  };
}

function inside(folder: string, path: string): string {
  return join(folder, path.slice(path.lastIndexOf('/') + 1));
}
