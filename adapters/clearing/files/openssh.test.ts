/**
 * Neither side may be judged by the other alone, both are built on one library: OpenSSH's `sftp` before the twin's server, and the
 * hub's client before OpenSSH's `sshd`.
 */
import { afterEach, beforeEach, expect } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSshd, withSftp, withSshd } from '../../openssh.fixture.ts';
import { exchange, hubKey, linesIn, on, onlyReady, type Exchange } from './files.fixture.ts';

const run = promisify(execFile);

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
  const server = await startSshd(hubKey(the.home, 'sftp-login.txt'), left);
  for (const name of readdirSync(the.outbox)) cpSync(join(the.outbox, name), join(server.files, name));
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
