/**
 * One mail handed to a server over SMTP. The same line is drawn as in `http.ts`: as long as the message has not left, nothing
 * can have come of it and it may be handed over again, SYSTEM_UNREACHABLE; once it has, a server that does not answer may have
 * taken it, OUTCOME_UNKNOWN. A reply, whatever it says and whenever it comes, is an answer.
 *
 * Nothing is said in the clear: TLS from the start (`smtps://`) or STARTTLS (`smtp://`), with a certificate that is valid for
 * that host, or there is no conversation. Each mail has a connection of its own.
 */
import net, { type Socket } from 'node:net';
import { Readable } from 'node:stream';
import tls from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Failure } from '../contracts/failures.ts';
import { admitEndpoint, isPublic, lookupPublic, type Endpoint } from './address.ts';

export interface SmtpMessage {
  readonly from: string;
  readonly to: string;
  /** Head and body, as they are sent. */
  readonly message: Buffer;
  readonly login: { readonly user: string; readonly password: string };
  /** Authorities (PEM) in place of the public ones, where the server's certificate is of a private one. */
  readonly authority?: string | undefined;
}

export interface SmtpCall extends SmtpMessage {
  /** `smtp://host:port` or `smtps://host:port`. */
  readonly url: string;
  /** For everything, from connecting to the reply. Real time. */
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

/** The reply to the message, or the one that ended the dialogue before it. */
export interface SmtpReply {
  readonly code: string;
  readonly text: string;
}

const messageBytesMax = 1_000_000;
const replyBytesMax = 16_384;

/** @throws Failure BODY_TOO_LARGE, SYSTEM_UNREACHABLE or OUTCOME_UNKNOWN */
export async function exchangeSmtp(call: SmtpCall): Promise<SmtpReply> {
  if (call.message.length > messageBytesMax)
    throw new Failure('BODY_TOO_LARGE', { detail: `${call.message.length} bytes, at most ${messageBytesMax}` });
  const endpoint = endpointOf(call);
  const dialogue = new Dialogue(call, endpoint);
  const started = performance.now();
  try {
    return await dialogue.run();
  } catch (thrown) {
    const reply = replyIn(thrown);
    if (reply) return reply;
    const words = thrown instanceof Error ? thrown.message.slice(0, shownChars) : 'the connection failed';
    const detail = `${words.replaceAll(/[^\x20-\x7e]/g, '?')}, after ${Math.round(performance.now() - started)} ms`;
    if (dialogue.handedOver) throw new Failure('OUTCOME_UNKNOWN', { detail, cause: thrown });
    throw new Failure('SYSTEM_UNREACHABLE', { detail: `${detail}; the message was not sent`, cause: thrown });
  } finally {
    dialogue.end();
  }
}

const shownChars = 200;

function endpointOf({ url, allowPrivate }: SmtpCall): Endpoint {
  return admitEndpoint(
    url.replace(/^smtp(s?):/, (_, secure: string) => (secure ? 'tls:' : 'tcp:')),
    allowPrivate,
  );
}

class Dialogue {
  /** The first byte of the message may have left. */
  handedOver = false;
  readonly #call: SmtpCall;
  readonly #endpoint: Endpoint;
  readonly #timer: NodeJS.Timeout;
  readonly #late: Promise<never>;
  #socket: Socket | undefined;

  constructor(call: SmtpCall, endpoint: Endpoint) {
    this.#call = call;
    this.#endpoint = endpoint;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.#late = promise;
    this.#timer = setTimeout(() => reject(new Error(`no reply within ${call.timeoutMs} ms`)), call.timeoutMs);
  }

  run(): Promise<SmtpReply> {
    return Promise.race([this.#talk(), this.#late]);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  async #talk(): Promise<SmtpReply> {
    const socket = await this.#connected();
    const { host, secure } = this.#endpoint;
    const { login, from, to, timeoutMs } = this.#call;
    const line = new SMTPConnection({
      host,
      connection: socket,
      secure,
      secured: secure,
      requireTLS: !secure,
      tls: this.#tls(),
      name: 'lianshu',
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      socketCloseTimeout: 0,
      maxResponseSize: replyBytesMax,
      logger: false,
    });
    const { promise, resolve, reject } = Promise.withResolvers<SmtpReply>();
    line.on('error', reject);
    line.once('end', () => reject(new Error('the connection was closed')));
    line.connect((error) => {
      if (error) return reject(error);
      // Whoever offers no way to log in would take the mail from anybody: it is not the server that was registered.
      line.login({ user: login.user, credentials: { user: login.user, pass: login.password } }, (refused) => {
        if (refused) return reject(refused);
        line.send({ from, to: [to] }, this.#message(), (failed, info) => {
          if (failed) return reject(failed);
          const reply = replyOf(info.response);
          if (reply) resolve(reply);
          else reject(new Error('the reply to the message is none'));
        });
      });
    });
    return promise.finally(() => line.close());
  }

  async #connected(): Promise<Socket> {
    const { host, port, secure } = this.#endpoint;
    const { allowPrivate } = this.#call;
    const to = { host, port, ...(allowPrivate ? {} : { lookup: lookupPublic }) };
    const socket = secure ? tls.connect({ ...to, ...this.#tls() }) : net.connect(to);
    this.#socket = socket;
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.once('close', () => fail(new Error('closed before the greeting')));
      socket.once(secure ? 'secureConnect' : 'connect', done);
    });
    if (!allowPrivate && !isPublic(socket.remoteAddress ?? '')) throw new Error('the peer is not public');
    return socket;
  }

  #tls(): tls.ConnectionOptions {
    const { host } = this.#endpoint;
    const { authority } = this.#call;
    return {
      minVersion: 'TLSv1.2',
      // A name goes into the handshake, an address may not; the certificate is held against either.
      ...(net.isIP(host) === 0
        ? { servername: host }
        : { checkServerIdentity: (_, cert) => tls.checkServerIdentity(host, cert) }),
      ...(authority === undefined ? {} : { ca: authority }),
    };
  }

  /** Read only once the server has asked for it (354). */
  #message(): Readable {
    const { message } = this.#call;
    const note = (): void => void (this.handedOver = true);
    return new Readable({
      read() {
        note();
        this.push(message);
        this.push(null);
      },
    });
  }
}

/** What the server said last, where that is why it ended. A TLS that did not come about is no answer, whatever was said. */
function replyIn(thrown: unknown): SmtpReply | undefined {
  const { code, response } = thrown as { code?: unknown; response?: unknown };
  if (code === 'ETLS' || typeof response !== 'string') return undefined;
  return replyOf(response);
}

/** All lines of a reply bear one code. */
function replyOf(response: string): SmtpReply | undefined {
  const lines = response.split(/\r?\n/).filter((line) => line !== '');
  const codes = new Set(lines.map((line) => /^([2-5]\d\d)(?:[ -]|$)/.exec(line)?.[1]));
  const [code] = codes;
  if (code === undefined || codes.size !== 1) return undefined;
  return { code, text: lines.map((line) => line.slice(4)).join(' ') };
}
