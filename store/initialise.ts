/** The beginning of a data folder, and whose it is. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.ts';

const initMs = 120_000;
export const userName = 'lianshu';

/** Made under another name and renamed when complete: an interrupted beginning is thrown away, never used. */
export async function initialise(home: string, dataDir: string, initdb: string, account: Account): Promise<void> {
  const draft = join(home, 'postgres.new');
  const passwordOnce = join(home, 'postgres.new.password');
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  const password = randomBytes(24).toString('hex');
  fs.writeFileSync(join(home, 'postgres.password'), password, { mode: 0o600, flush: true });
  try {
    fs.rmSync(passwordOnce, { force: true });
    fs.writeFileSync(passwordOnce, password, { mode: 0o600, flag: 'wx' });
    for (const path of [draft, passwordOnce]) giveTo(account, path);
    const args = ['-D', draft, '-U', userName, `--pwfile=${passwordOnce}`, '--auth=scram-sha-256', '--encoding=UTF8'];
    args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
    await run(account, initdb, args, home);
  } finally {
    fs.rmSync(passwordOnce, { force: true });
  }
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.renameSync(draft, dataDir);
}

export function giveTo({ owner }: Account, path: string): void {
  if (!owner || fs.statSync(path).uid === owner.uid) return;
  if (fs.statSync(path).isDirectory()) {
    for (const entry of fs.readdirSync(path, { recursive: true })) {
      fs.lchownSync(join(path, String(entry)), owner.uid, owner.gid);
    }
  }
  fs.chownSync(path, owner.uid, owner.gid); // The folder itself last: its owner says that all of it is done.
}

function run(account: Account, program: string, args: string[], home: string): Promise<void> {
  const { command, args: all, identity } = account.launch(program, args);
  return new Promise((done, fail) => {
    const child = spawn(command, all, {
      ...identity,
      cwd: home,
      env: cleanEnvironment(),
      timeout: initMs,
      stdio: 'pipe',
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => (said = `${said}${part}`.slice(-2_000)));
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done();
      else fail(new Error(`The database could not be prepared in ${home}: initdb ended with ${code}.\n${said}`));
    });
  });
}

/** Nothing of PGDATA, PGOPTIONS or a foreign locale may reach the server. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    SystemRoot: process.env['SystemRoot'],
  };
}
