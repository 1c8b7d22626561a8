/** Documents that everybody signed lie on disk: the memory is written whole after each request, and holds only what is under way. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ids may come from outside: none of them names a file. */
function pathOf(folder: string, task: string, doc: string): string {
  const name = createHash('sha256').update(`${task}/${doc}`).digest('hex');
  return join(folder, 'signed', `${name}.pdf`);
}

export function archive(folder: string, task: string, doc: string, bytes: Buffer): void {
  mkdirSync(join(folder, 'signed'), { recursive: true });
  writeFileSync(pathOf(folder, task, doc), bytes);
}

/** @throws Error when it was never put there */
export function archived(folder: string, task: string, doc: string): Buffer {
  return readFileSync(pathOf(folder, task, doc));
}
