/** Names in a folder that is served over SFTP: what whoever logged in calls a file, where it really is, and what is told of it. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import type { FileEntry } from 'ssh2';

/** As whoever logged in names it: absolute, and never above his own folder. */
export function inside(path: string): string {
  return normalize(`/${path}`).replaceAll(sep, '/');
}

/** Where it really is. A link out of the folder is not followed. @throws when it is outside, or not there */
export async function realOf(root: string, path: string): Promise<string> {
  const real = await realpath(join(root, inside(path)));
  if (real !== root && !real.startsWith(root + sep)) throw Object.assign(new Error('outside'), { code: 'EACCES' });
  return real;
}

/** Where a new file goes. */
export async function newIn(root: string, path: string): Promise<string> {
  return join(await realOf(root, dirname(inside(path))), inside(path).slice(dirname(inside(path)).length));
}

export async function statOf(real: string, name: string): Promise<FileEntry> {
  const stat = await lstat(real);
  const attrs = {
    mode: stat.mode,
    uid: 0,
    gid: 0,
    size: stat.size,
    atime: Math.floor(stat.atimeMs / 1000),
    mtime: Math.floor(stat.mtimeMs / 1000),
  };
  return { filename: name, longname: longName(name, stat.isDirectory(), stat.size), attrs };
}

export function entryOf(path: string): FileEntry {
  return { filename: path, longname: path, attrs: {} } as unknown as FileEntry;
}

function longName(name: string, folder: boolean, size: number): string {
  return `${folder ? 'd' : '-'}r--r--r--    1 house    house    ${String(size).padStart(12)} Jan  1 00:00 ${name}`;
}
