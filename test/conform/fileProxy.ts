/**
 * A second server of files over the counterparty's own folder, which breaks one exchange as a case wants it. What is put through
 * it lies where the counterparty looks; what is read through it may be shown otherwise than it lies there.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Meddling, SftpAct, SftpManner } from '../../sandbox/sftpFolder.ts';
import { startSftp, type SftpServer } from '../../sandbox/sftpServer.ts';
import type { Play, Played, Road } from './proxy.ts';
import type { Answer, FileExchange, TwinKeys } from './subject.ts';

/** How a fault breaks an exchange of files, apart from what it shows in place of a file. */
export interface FileBreak {
  readonly meddle?: (act: SftpAct) => Meddling | undefined;
  readonly listed?: (folder: string, names: readonly string[]) => readonly string[];
  /** Before each answer to a read. */
  readonly delayMs?: number;
  /** A read is answered with no more than this. */
  readonly readMaxBytes?: number;
  /** The companion stays as it is, whatever is shown in place of its file. */
  readonly keepsCompanion?: true;
}

interface Armed {
  readonly play: Played | undefined;
  readonly file: FileBreak;
  readonly road: Road;
  readonly earlier: Answer | undefined;
  readonly shown: Map<string, Promise<Buffer>>;
  spent: boolean;
}

interface Told {
  /** What whoever logs in sees as `/`. */
  readonly root: string;
  readonly exchange: FileExchange;
  readonly keys: TwinKeys;
  readonly strangerKeys: TwinKeys;
}

export class FileProxy {
  /** What the counterparty's files of the exchange under way hold, in the order in which they were read. */
  answers: (Answer | undefined)[] = [];
  /** No file leads elsewhere. */
  readonly trapped = 0;
  #armed: Armed | undefined;
  #hit = false;
  #forwarded = false;
  readonly #told: Told;
  readonly #roads = new Map<Road, string>();
  readonly #servers: SftpServer[] = [];
  readonly #listeners: net.Server[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(told: Told) {
    this.#told = told;
  }

  static async start(told: Told): Promise<FileProxy> {
    const proxy = new FileProxy(told);
    const manner: SftpManner = {
      meddle: (act) => proxy.#meddled(act),
      shown: (path, bytes) => proxy.#shown(path, bytes),
      listed: (folder, names) => proxy.#listed(folder, names),
    };
    // Looked at with every read.
    Object.defineProperty(manner, 'delayMs', { get: () => proxy.#armed?.file.delayMs });
    Object.defineProperty(manner, 'readMaxBytes', { get: () => proxy.#armed?.file.readMaxBytes });
    await proxy.#serve('open', told.keys, told.keys, manner);
    await proxy.#serve('other-host-key', told.keys, told.strangerKeys, {});
    await proxy.#serve('login-refused', told.strangerKeys, told.keys, {});
    proxy.#roads.set('refused', 'sftp://127.0.0.1:1');
    await proxy.#listen('plain-text', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await proxy.#listen('silent', (socket) => void socket.resume());
    await proxy.#listen('resetting', (socket) => void socket.resetAndDestroy());
    return proxy;
  }

  arm(what: { play?: Played; step?: number; road?: Road; earlier?: Answer | undefined; file?: FileBreak }): void {
    const { play, road = 'open', earlier, file = {} } = what;
    this.#armed = { play, road, earlier, file, shown: new Map(), spent: false };
    this.begin();
  }

  begin(): void {
    this.#hit = false;
    this.#forwarded = false;
    this.answers = [];
  }

  async disarm(): Promise<{ hit: boolean; forwarded: boolean }> {
    this.#armed = undefined;
    return { hit: this.#hit, forwarded: this.#forwarded };
  }

  get nextIsFaulty(): boolean {
    return this.#armed !== undefined;
  }

  get url(): string {
    const road = this.#armed?.road ?? 'open';
    if (road !== 'open') this.#hit = true;
    return this.#roads.get(road) ?? '';
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => server.stop()));
    await Promise.all(this.#listeners.map((server) => new Promise((done) => server.close(done))));
  }

  /** A broken line is whole again when somebody comes back. */
  #meddled(act: SftpAct): Meddling | undefined {
    const armed = this.#armed;
    if (!armed || armed.spent) return undefined;
    const how = armed.file.meddle?.(act);
    const { delayMs, readMaxBytes } = armed.file;
    if (act.act === 'read' && (delayMs ?? readMaxBytes) !== undefined) this.#hit = true;
    if (how === undefined) return undefined;
    this.#hit = true;
    armed.spent = how !== 'refuse';
    this.#forwarded ||= act.act === 'rename' && how.endsWith('-after');
    return how;
  }

  #listed(folder: string, names: readonly string[]): readonly string[] {
    const listed = this.#armed?.file.listed;
    this.#hit ||= listed !== undefined;
    return listed?.(folder, names) ?? names;
  }

  async #shown(path: string, bytes: Buffer): Promise<Buffer> {
    const armed = this.#armed;
    const { answers } = this.#told.exchange;
    if (!path.startsWith(`${answers}/`)) return bytes;
    if (path.endsWith('.ok')) {
      if (!armed?.play || armed.file.keepsCompanion) return bytes;
      return this.#companion(path.slice(0, -'.ok'.length));
    }
    const before = armed?.shown.get(path);
    if (before) return before;
    const answer = { status: 200, headers: {}, body: bytes };
    this.answers.push(answer);
    if (!armed?.play) return bytes;
    const shown = this.#played(armed, armed.play, path, answer);
    armed.shown.set(path, shown);
    return shown;
  }

  /** As the counterparty would have written it beside what is shown. */
  async #companion(path: string): Promise<Buffer> {
    const shown = await this.#shown(path, await readFile(join(this.#told.root, path)));
    const sha256 = createHash('sha256').update(shown).digest('hex');
    return Buffer.from(`${path.slice(path.lastIndexOf('/') + 1)}|${shown.length}|${sha256}\n`);
  }

  #played(armed: Armed, play: Played, path: string, answer: Answer): Promise<Buffer> {
    this.#hit = true;
    return new Promise((done, fail) => {
      const part: Partial<Play> = {
        asked: { method: 'GET', target: path, headers: {}, body: Buffer.alloc(0) },
        forward: () => Promise.resolve(answer),
        send: ({ body }) => done(body),
        earlier: armed.earlier,
        keys: this.#told.keys,
        strangerKeys: this.#told.strangerKeys,
      };
      // A fault of files shows something; it never touches a socket.
      Promise.resolve(play(part as Play)).catch(fail);
    });
  }

  async #serve(road: Road, login: TwinKeys, host: TwinKeys, manner: SftpManner): Promise<void> {
    const { root, exchange } = this.#told;
    const server = await startSftp({
      root,
      port: 0,
      user: exchange.user,
      loginKey: login['login.txt'] ?? '',
      hostKey: host['host.txt'] ?? '',
      writable: [exchange.orders],
      manner,
      onPut: () => (this.#forwarded = true),
    });
    this.#servers.push(server);
    this.#roads.set(road, `sftp://127.0.0.1:${server.port}`);
  }

  async #listen(road: Road, talk: (socket: Socket) => void): Promise<void> {
    const server = net.createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
      talk(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.#listeners.push(server);
    this.#roads.set(road, `sftp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
}
