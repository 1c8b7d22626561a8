/**
 * An SFTP server as banks and clearing houses run one for those with whom they exchange files: each logs in with its own key and
 * finds its own folder. What may be done there: sftpFolder.ts.
 */
import { realpath } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2';
import { serveFolder, type SftpManner } from './sftpFolder.ts';

export interface SftpPlace {
  /** What whoever logs in sees as `/`. */
  readonly root: string;
  /** Folders below it, with a leading slash, into which he may put files. None when absent. */
  readonly writable?: readonly string[];
  readonly port: number;
  readonly user: string;
  /** Public key of his login, one line in OpenSSH's form. */
  readonly loginKey: string;
  /** Private, PEM in OpenSSH's form. */
  readonly hostKey: string;
  /** Looked at with every act. */
  readonly manner: SftpManner;
  /** Only these, for a server of a bad kind. */
  readonly algorithms?: ssh2.ServerConfig['algorithms'] | undefined;
  /** Every file that was read to its end. */
  readonly onRead?: (path: string) => void;
  /** Every file that got its name: whole, as he left it. */
  readonly onPut?: (path: string) => void;
}

export interface SftpServer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startSftp(place: SftpPlace): Promise<SftpServer> {
  const root = await realpath(place.root);
  /** By the client's port: the library keeps the socket of a connection to itself. */
  const sockets = new Map<number, Socket>();
  const ssh = new ssh2.Server(
    { hostKeys: [place.hostKey], ...(place.algorithms ? { algorithms: place.algorithms } : {}) },
    (connection, { port }) => {
      connection.on('error', () => undefined); // A client that went away, or has no key.
      connection.on('authentication', (asked) => admit(asked, place));
      connection.on('session', (accept) => {
        // No farewell: the line is gone.
        const cut = () => void sockets.get(port)?.destroy();
        accept().on('sftp', (acceptSftp) => serveFolder(acceptSftp(), { ...place, root }, cut));
      });
    },
  );
  const server = createServer({ noDelay: true }, (socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.on('close', () => sockets.delete(port));
    socket.on('error', () => undefined);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(place.port, '127.0.0.1', () => done());
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets.values()) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function admit(asked: AuthContext, place: SftpPlace): void {
  const known = ssh2.utils.parseKey(place.loginKey);
  if (known instanceof Error || asked.method !== 'publickey' || asked.username !== place.user)
    return asked.reject(['publickey']);
  const own = known.getPublicSSH();
  const same = asked.key.data.length === own.length && timingSafeEqual(asked.key.data, own);
  if (!same || asked.key.algo === 'ssh-rsa') return asked.reject(['publickey']);
  // Without a signature it only asks whether the key would do.
  if (asked.signature && !isSigned(known, asked)) return asked.reject(['publickey']);
  asked.accept();
}

/** `verify` gives an Error for a signature that is none. */
function isSigned(key: ssh2.ParsedKey, asked: PublicKeyAuthContext): boolean {
  const verdict: unknown = key.verify(
    asked.blob ?? Buffer.alloc(0),
    asked.signature ?? Buffer.alloc(0),
    asked.hashAlgo,
  );
  return verdict === true;
}

/** A login or host key: Ed25519, in OpenSSH's form. One in some hundred that ssh2 1.17 makes cannot be read again. */
export function sftpKeyPair(): { secret: string; open: string } {
  const { private: secret, public: open } = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(secret) instanceof Error ? sftpKeyPair() : { secret, open };
}
