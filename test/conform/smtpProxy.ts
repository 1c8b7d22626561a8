/**
 * A mail server of our own before the counterparty's: it speaks the whole dialogue by hand, takes the message, hands it on, and
 * breaks the dialogue at one point as a case wants it. Written without a library, so that it can say what none would.
 */
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchangeSmtp } from '../../adapters/smtp.ts';
import { certificates, type ServerCertificate } from './certificates.ts';
import type { Play, Played, Road } from './proxy.ts';
import type { Answer, TwinKeys } from './subject.ts';

/** Where in the dialogue; `dot` is the end of the message, and the only place after which it may have been taken. */
export type SmtpPoint =
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'handshake'
  | 'ehlo-again'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'dot';

/** What is done there: the line breaks, nobody speaks, or something else is said. */
export type SmtpBreak = { readonly at: SmtpPoint } & (
  | { readonly how: 'cut' | 'reset' | 'silent' }
  | { readonly says: string | Buffer; readonly next?: 'cut' | 'goes-on-in-the-clear' }
);

interface Armed {
  readonly play: Played | undefined;
  readonly breaks: SmtpBreak | undefined;
  readonly road: Road;
}

interface Told {
  /** Of the counterparty's own server. */
  readonly target: string;
  readonly keys: TwinKeys;
  readonly strangerKeys: TwinKeys;
  readonly user: string;
}

/** One set for the process. A subject lets its hub trust the authority beside the counterparty's own. */
let made: ReturnType<typeof certificates> | undefined;
export function smtpCertificates(): ReturnType<typeof certificates> {
  return (made ??= certificates());
}

export class SmtpProxy {
  /** No reply names the mail that it answers, and each has a connection of its own. */
  answers: (Answer | undefined)[] = [];
  readonly trapped = 0;
  #armed: Armed | undefined;
  #hit = false;
  #forwarded = false;
  readonly #told: Told;
  readonly #roads = new Map<Road, string>();
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(told: Told) {
    this.#told = told;
  }

  static async start(told: Told): Promise<SmtpProxy> {
    const proxy = new SmtpProxy(told);
    const own = { cert: told.keys['mail-certificate.pem'] ?? '', key: told.keys['mail-key.pem'] ?? '' };
    const serve = (certificate: ServerCertificate) => (socket: Socket) =>
      void proxy.#serve(socket, certificate).catch(() => socket.destroy());
    await proxy.#listen('open', serve(own));
    for (const [kind, certificate] of Object.entries(smtpCertificates().servers))
      await proxy.#listen(kind as Road, serve(certificate));
    proxy.#roads.set('refused', 'smtp://127.0.0.1:1');
    await proxy.#listen('plain-text', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await proxy.#listen('silent', (socket) => void socket.resume());
    await proxy.#listen('resetting', (socket) => void socket.resetAndDestroy());
    return proxy;
  }

  arm(what: { play?: Played; road?: Road; smtp?: SmtpBreak }): void {
    this.#armed = { play: what.play, breaks: what.smtp, road: what.road ?? 'open' };
    this.begin();
  }

  begin(): void {
    this.#hit = false;
    this.#forwarded = false;
    this.answers = [];
  }

  async disarm(): Promise<{ hit: boolean; forwarded: boolean }> {
    this.#armed = undefined;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
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
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #serve(plain: Socket, certificate: ServerCertificate): Promise<void> {
    const armed = this.#armed;
    const at = async (line: Line, point: SmtpPoint, usual: string): Promise<void> => {
      const breaks = armed?.breaks?.at === point ? armed.breaks : undefined;
      if (!breaks) return line.say(usual);
      this.#hit = true;
      await broken(line, breaks);
    };
    const breaks = armed?.breaks;
    const clear = breaks !== undefined && 'says' in breaks && breaks.next === 'goes-on-in-the-clear';
    let line = new Line(plain);
    await at(line, 'greeting', '220 mail.example ESMTP');
    await line.heard(/^EHLO /i);
    await at(line, 'ehlo', '250-mail.example\r\n250-SIZE 1000000\r\n250 STARTTLS');
    if (!clear) {
      await line.heard(/^STARTTLS$/i);
      await at(line, 'starttls', '220 go ahead');
      await at(line, 'handshake', '');
      line = new Line(await secured(plain, certificate, line));
      await line.heard(/^EHLO /i);
      await at(line, 'ehlo-again', '250-mail.example\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN');
    }
    await line.heard(/^AUTH PLAIN /i);
    await at(line, 'auth', '235 2.7.0 accepted');
    const [, from = ''] = await line.heard(/^MAIL FROM:<([^>]*)>/i);
    await at(line, 'mail', '250 2.1.0 ok');
    const [, to = ''] = await line.heard(/^RCPT TO:<([^>]*)>/i);
    await at(line, 'rcpt', '250 2.1.5 ok');
    await line.heard(/^DATA$/i);
    await at(line, 'data', '354 go on');
    if (armed?.breaks?.at === 'body') await at(line, 'body', '');
    const message = await line.message();
    const ask = () => this.#handOn(from, to, message);
    if (armed?.breaks?.at === 'dot') return at(line, 'dot', '');
    if (!armed?.play) return line.say((await ask()).body.toString());
    this.#hit = true;
    await this.#played(armed.play, line, message, ask);
  }

  async #played(play: Played, line: Line, message: Buffer, ask: () => Promise<Answer>): Promise<void> {
    const { keys, strangerKeys } = this.#told;
    const { socket } = line;
    const part: Partial<Play> = {
      asked: { method: 'SMTP', target: '', headers: {}, body: message },
      forward: ask,
      send: ({ body }) => void socket.write(Buffer.concat([body, Buffer.from('\r\n')])),
      write: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
      end: () => void socket.end(),
      reset: () => void socket.destroy(),
      closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
      earlier: undefined,
      keys,
      strangerKeys,
    };
    // What a fault of mail never uses is not there.
    await play(part as Play);
  }

  /** The counterparty's own server takes it. */
  async #handOn(from: string, to: string, message: Buffer): Promise<Answer> {
    const { target, keys, user } = this.#told;
    const work = exchangeSmtp({
      url: target,
      from,
      to,
      message,
      login: { user, password: keys['smtp-password.txt'] ?? '' },
      authority: keys['mail-certificate.pem'],
      timeoutMs: 10_000,
      allowPrivate: true,
    });
    const settled = work.catch(() => undefined).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    const reply = await work;
    this.#forwarded = true;
    return { status: 200, headers: {}, body: Buffer.from(`${reply.code} ${reply.text}`) };
  }

  async #listen(road: Road, talk: (socket: Socket) => void): Promise<void> {
    const server = net.createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
      talk(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.#servers.push(server);
    this.#roads.set(road, `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
}

/** The dialogue is over here, and what follows never comes; unless a careless client may go on. */
async function broken(line: Line, breaks: SmtpBreak): Promise<void> {
  const { socket } = line;
  if ('says' in breaks) {
    socket.write(breaks.says);
    if (breaks.next === 'goes-on-in-the-clear') return;
    // What was said shall arrive before the line ends.
    if (breaks.next === 'cut') await sleep(20).then(() => socket.end());
  } else if (breaks.how === 'cut') socket.end();
  else if (breaks.how === 'reset') socket.destroy();
  await new Promise(() => undefined);
}

async function secured(plain: Socket, { cert, key }: ServerCertificate, line: Line): Promise<Socket> {
  line.leave();
  const socket = new tls.TLSSocket(plain, { isServer: true, secureContext: tls.createSecureContext({ cert, key }) });
  socket.on('error', () => undefined);
  await new Promise<void>((done, fail) => {
    socket.once('secure', () => done());
    socket.once('close', () => fail(new Error('no handshake')));
  });
  return socket;
}

/** Lines in, lines out. */
class Line {
  readonly socket: Socket;
  #soFar = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #closed = false;
  readonly #take = (chunk: Buffer): void => {
    this.#soFar = Buffer.concat([this.#soFar, chunk]);
    this.#wake?.();
  };

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', this.#take);
    socket.once('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  leave(): void {
    this.socket.off('data', this.#take);
  }

  say(lines: string): void {
    if (lines !== '') this.socket.write(`${lines}\r\n`);
  }

  async heard(command: RegExp): Promise<RegExpExecArray> {
    const text = (await this.#until('\r\n')).toString('latin1');
    const found = command.exec(text);
    if (!found) throw new Error(`expected ${command.source}, and heard something else`);
    return found;
  }

  /** As it was before dots were doubled. */
  async message(): Promise<Buffer> {
    const bytes = await this.#until('\r\n.\r\n');
    return Buffer.from(`${bytes.toString('latin1').replaceAll(/^\.\./gm, '.')}\r\n`, 'latin1');
  }

  async #until(end: string): Promise<Buffer> {
    for (;;) {
      const at = this.#soFar.indexOf(end);
      if (at >= 0) {
        const bytes = this.#soFar.subarray(0, at);
        this.#soFar = this.#soFar.subarray(at + end.length);
        return bytes;
      }
      if (this.#closed) throw new Error('the client went away');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
