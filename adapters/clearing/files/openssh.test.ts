/**
 * Neither side may be judged by the other alone, both are built on one library: OpenSSH's `sftp` before the twin's server, and the
 * hub's client before OpenSSH's `sshd`. `LIANSHU_SSHD` names an `sshd` outside of the usual places.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exchange, hubKey, linesIn, on, onlyReady, type Exchange } from './files.fixture.ts';

const run = promisify(execFile);
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
  if (!there) process.stdout.write(`openssh.test.ts: there is no ${what}: skipped\n`);
  return there || process.env['CI'] !== undefined ? test : test.skip;
};
const withSftp = given(has('sftp'), 'sftp (apt-get install openssh-client)');
const withSshd = given(sshd !== undefined && has('ssh-keygen'), 'sshd (apt-get install openssh-server)');

let the: Exchange;
const left: (() => void)[] = [];
beforeEach(async () => {
  the = await exchange();
});
afterEach(async () => {
  for (const end of left.splice(0)) end();
  await the.stop();
});

withSftp('OpenSSH fetches from the twin byte for byte, sees its own folder only, and writes nothing', async () => {
  await the.act('publish', { on, generate: { seed: 3, count: 20_000 } });
  const { port } = new URL(the.system.url);
  writeFileSync(join(the.home, 'login'), hubKey(the.home, 'sftp-login.txt'), { mode: 0o600 });
  writeFileSync(join(the.home, 'known'), `[127.0.0.1]:${port} ${hubKey(the.home, 'sftp-host.txt')}\n`);
  const sftp = (...commands: string[]) => {
    writeFileSync(join(the.home, 'batch'), `${commands.join('\n')}\n`);
    const options = ['-F', '/dev/null', '-b', join(the.home, 'batch'), '-P', port, '-i', join(the.home, 'login')];
    const strict = [`UserKnownHostsFile=${join(the.home, 'known')}`, 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
    return run('sftp', [...options, ...strict.flatMap((each) => ['-o', each]), 'inst100690@127.0.0.1']);
  };
  const name = 'JS_100690_20261123_01.txt';
  const { stdout } = await sftp('cd /outbox', 'ls -l', `get ${name} ${join(the.home, 'fetched')}`);
  expect(stdout).toMatch(new RegExp(`${name}\\n.*${name}\\.ok`, 's'));
  expect(readFileSync(join(the.home, 'fetched')).equals(readFileSync(join(the.outbox, name)))).toBe(true);
  for (const refused of [
    `put ${join(the.home, 'known')} /outbox/x`,
    `rm /outbox/${name}`,
    'get /../memory.json',
    'mkdir /x',
  ])
    await expect(sftp(refused)).rejects.toMatchObject({ code: 1 });
  expect(readdirSync(the.outbox)).toEqual([name, `${name}.ok`]);

  await the.twin.restartSftp({ otherHostKey: true });
  await expect(sftp('ls')).rejects.toMatchObject({
    stderr: expect.stringContaining('HOST IDENTIFICATION HAS CHANGED'),
  });
});

withSshd('the hub reads from OpenSSH, refuses a changed host key, and is refused with another login', async () => {
  await the.act('publish', { on, generate: { seed: 3, count: 20_000 } });
  const server = await startSshd();
  const system = {
    url: `sftp://127.0.0.1:${server.port}${server.files}`,
    settings: { ...the.system.settings, username: server.user },
  };
  const keys = (name: string) => join(the.home, 'clearing-files', 'hub', name);
  const known = readFileSync(keys('sftp-host.txt'), 'utf8');
  await expect(the.feedWith(system).list()).rejects.toMatchObject({ type: 'HOST_KEY_CHANGED' });

  writeFileSync(keys('sftp-host.txt'), `${known.trim()}\n${server.hostKey}`);
  const feed = the.feedWith(system);
  const file = await onlyReady(feed);
  const lines = await linesIn(feed, file);
  expect(lines).toEqual(await linesIn(the.feed, file));
  expect(lines).toHaveLength(20_000);
  await feed.close();

  writeFileSync(keys('sftp-login.txt'), execFileSync('cat', [join(server.folder, 'host')]));
  await expect(the.feedWith(system).list()).rejects.toMatchObject({ type: 'SYSTEM_REFUSED' });
});

/** As root it runs as nobody: the server's own user for separation need not exist. */
async function startSshd() {
  const root = process.getuid?.() === 0;
  const [uid, gid] = [65_534, 65_534];
  const user = root ? 'nobody' : userInfo().username;
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-sshd-'));
  left.push(() => rmSync(folder, { recursive: true, force: true }));
  const files = join(folder, 'files');
  mkdirSync(files);
  for (const name of readdirSync(the.outbox)) cpSync(join(the.outbox, name), join(files, name));
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(folder, 'host')]);
  const login = execFileSync('ssh-keygen', ['-y', '-f', keyFile(folder)]);
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
  if (root) for (const name of ['.', 'host', 'config', 'authorized']) chownSync(join(folder, name), uid, gid);
  chmodSync(folder, 0o755);
  const child = spawn(sshd ?? 'sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(root ? { uid, gid } : {}),
  });
  left.push(() => child.kill());
  await listening(child, port);
  return { port, files, user, folder, hostKey: readFileSync(join(folder, 'host.pub'), 'utf8') };
}

function keyFile(folder: string): string {
  const path = join(folder, 'login');
  writeFileSync(path, hubKey(the.home, 'sftp-login.txt'), { mode: 0o600 });
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
