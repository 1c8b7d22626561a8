/**
 * The hub's way to a server of files. The host key is the registered one or there is no conversation; only algorithms that
 * nobody doubts are offered; every answer has its deadline. What is done there: sftpSession.ts.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import ssh2, { type SFTPWrapper } from 'ssh2';
import { Failure } from '../contracts/failures.ts';
import type { System } from './adapter.ts';
import { isPublic, lookupPublic } from './address.ts';
import type { Keys } from './crypto/keys.ts';
import { sessionOf, unreachable, type SftpSession } from './sftpSession.ts';

export interface SftpPlace {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** PEM in OpenSSH's form. */
  readonly loginKey: string;
  /** The registered ones, each a line in OpenSSH's form; two while the other side changes its key. */
  readonly hostKeys: readonly string[];
  readonly allowPrivate: boolean;
  /** For each answer, the handshake too. */
  readonly timeoutMs: number;
}

const keepaliveMs = 5_000;
const defaultPort = 22;

/** No SHA-1, no CBC, no DSA, no RSA with SHA-1, no compression. */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} as const satisfies ssh2.Algorithms;

/** Settings: `username`. Keys: `sftp-login.txt` (OpenSSH PEM), `sftp-host.txt` (lines). @throws Failure SYSTEM_UNREACHABLE */
export function sftpPlaceOf(system: System, keys: Keys): { place: SftpPlace; folder: string } {
  const url = URL.parse(system.url);
  if (url?.protocol !== 'sftp:' || url.username !== '' || url.password !== '')
    throw new Failure('SYSTEM_UNREACHABLE', { detail: `${system.id}: the address must be sftp://host:port/folder` });
  const username = system.settings['username'];
  if (username === undefined) throw new Error(`${system.id} has no setting username`);
  return {
    place: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? defaultPort : Number(url.port),
      username,
      loginKey: keys.secret('sftp-login'),
      hostKeys: keys.secret('sftp-host').split('\n'),
      allowPrivate: system.allowPrivate,
      timeoutMs: system.timeoutMs,
    },
    folder: url.pathname.replace(/\/$/, ''),
  };
}

/** @throws Failure SYSTEM_UNREACHABLE, HOST_KEY_CHANGED, SYSTEM_REFUSED */
export async function connectSftp(place: SftpPlace): Promise<SftpSession> {
  const socket = await connected(place);
  const client = new ssh2.Client();
  let changed = false;
  const sftp = await new Promise<SFTPWrapper>((done, fail) => {
    const timer = setTimeout(() => end(unreachable('the handshake took too long')), place.timeoutMs);
    const end = (failure: Failure) => {
      clearTimeout(timer);
      client.destroy();
      socket.destroy();
      fail(failure);
    };
    client.on('error', (error) => end(changed ? hostKeyChanged() : failureOf(error)));
    client.on('close', () => end(unreachable('the connection was closed')));
    client.once('ready', () =>
      client.sftp((error, opened) => {
        if (error) return end(unreachable(`no SFTP: ${error.message}`));
        clearTimeout(timer);
        done(opened);
      }),
    );
    try {
      client.connect({
        sock: socket,
        username: place.username,
        privateKey: `${place.loginKey.trim()}\n`,
        authHandler: ['publickey'],
        algorithms,
        hostVerifier: (shown: Buffer) => {
          changed = !isRegistered(shown, place.hostKeys);
          return !changed;
        },
        readyTimeout: place.timeoutMs,
        keepaliveInterval: Math.min(keepaliveMs, place.timeoutMs),
        keepaliveCountMax: 2,
      });
    } catch (thrown) {
      end(failureOf(thrown as Error));
    }
  });
  return sessionOf(sftp, client, place.timeoutMs);
}

/** Of a private network only when the system is registered as an inner one, whatever its name resolves to. */
async function connected({ host, port, allowPrivate, timeoutMs }: SftpPlace): Promise<Socket> {
  if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) throw unreachable('the address is not public');
  return new Promise((done, fail) => {
    const socket = connectTcp({
      host,
      port,
      noDelay: true,
      ...(allowPrivate ? {} : { lookup: lookupPublic }),
    });
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      fail(unreachable(error.message));
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.on('error', () => undefined); // From here on the client tells of it.
      done(socket);
    });
  });
}

function isRegistered(shown: Buffer, hostKeys: readonly string[]): boolean {
  return hostKeys.some((line) => {
    const key = ssh2.utils.parseKey(line);
    return !(key instanceof Error) && key.getPublicSSH().equals(shown);
  });
}

function hostKeyChanged(): Failure {
  return new Failure('HOST_KEY_CHANGED', { detail: 'the host key is not the registered one; nothing was asked' });
}

function failureOf(error: Error & { level?: string }): Failure {
  if (error.level === 'client-authentication')
    return new Failure('SYSTEM_REFUSED', { detail: 'the login with our key was refused', cause: error });
  if (/no matching/i.test(error.message))
    return new Failure('SYSTEM_REFUSED', { detail: 'the server has no algorithm that we accept', cause: error });
  return unreachable(error.message, error);
}
