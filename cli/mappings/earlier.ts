/** The mappings as they were in an earlier commit, beside those of today. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyMapping } from '../../contracts/mapping.ts';
import { projectFolder } from '../home.ts';

const archiveBytesMax = 200_000_000;

/** @throws Error when there is no such commit, or when its mappings were not listed yet */
export async function mappingsAt(ref: string, repository = projectFolder): Promise<readonly AnyMapping[]> {
  if (!/^[\w][\w./~^@{}-]{0,199}$/.test(ref)) throw new Error(`${ref.slice(0, 40)} is no name of a commit`);
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-mappings-'));
  try {
    const git = ['-C', repository, 'archive', '--format=tar', ref, 'mappings', 'contracts', 'package.json'];
    const archive = run('git', git, undefined, ref);
    run('tar', ['-x', '-C', folder], archive, ref);
    const list = join(folder, 'mappings', 'mappings.ts');
    if (!existsSync(list)) throw new Error(`${ref} has no list of its mappings (mappings/mappings.ts)`);
    symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return ((await import(pathToFileURL(list).href)) as { mappings: readonly AnyMapping[] }).mappings;
  } finally {
    rmSync(folder, { recursive: true, force: true }); // What was imported stays in memory.
  }
}

function run(command: string, args: string[], input: Buffer | undefined, ref: string): Buffer {
  const { status, stdout } = spawnSync(command, args, { input, maxBuffer: archiveBytesMax });
  if (status !== 0) throw new Error(`${command} could not read ${ref}`);
  return stdout;
}
