/**
 * OpenSSH beside our own: its `sshd` as a server of files, and whether its programs are there. `LIANSHU_SSHD` names an `sshd`
 * outside of the usual places.
 */
import { test } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const sshd = [
  process.env['LIANSHU_SSHD'] ?? '',
  '/usr/sbin/sshd',
  '/usr/local/sbin/sshd',
  '/opt/homebrew/sbin/sshd',
].find((path) => path !== '' && existsSync(path));
const has = (program: string) => {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
};
const given = (there: boolean, what: string) => {
  if (!there) process.stdout.write(`OpenSSH: there is no ${what}: skipped\n`);
  return there || process.env['CI'] !== undefined ? test : test.skip;
};
export const withSftp = given(has('sftp'), 'sftp (apt-get install openssh-client)');
export const withSshd = given(sshd !== undefined && has('ssh-keygen'), 'sshd (apt-get install openssh-server)');

export interface Sshd {
  readonly port: number;
  /** Where it serves from, as it names it itself. */
  readonly files: string;
  readonly user: string;
  readonly folder: string;
  readonly hostKey: string;
}

/** As root it runs as nobody: the server's own user for separation need not exist. */
export async function startSshd(loginKey: string, left: (() => void)[]): Promise<Sshd> {
  const root = process.getuid?.() === 0;
  const [uid, gid] = [65_534, 65_534];
  const user = root ? 'nobody' : userInfo().username;
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-sshd-'));
  left.push(() => rmSync(folder, { recursive: true, force: true }));
  const files = join(folder, 'files');
  mkdirSync(files);
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(folder, 'host')]);
  const login = execFileSync('ssh-keygen', ['-y', '-f', keyFile(folder, loginKey)]);
  writeFileSync(join(folder, 'authorized'), login);
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
    ...(root ? ['UsePAM yes'] : []), // Without it, an account without a password counts as locked.
  ];
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
  if (root) for (const name of ['.', 'files', 'host', 'config', 'authorized']) chownSync(join(folder, name), uid, gid);
  chmodSync(folder, 0o755);
  const child = spawn(sshd ?? 'sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(root ? { uid, gid } : {}),
  });
  left.push(() => child.kill());
  await listening(child, port);
  return { port, files, user, folder, hostKey: readFileSync(join(folder, 'host.pub'), 'utf8') };
}

function keyFile(folder: string, loginKey: string): string {
  const path = join(folder, 'login');
  writeFileSync(path, loginKey, { mode: 0o600 });
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true));
      socket.once('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`sshd does not listen: ${said}`);
}
