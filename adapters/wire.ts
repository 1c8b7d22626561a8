/** The road to one system, as a dialect sees it: settings, keys, clocks, and one way to send bytes. */
import type { ActTrace, HubPort, System } from './adapter.ts';
import type { Keys } from './crypto/keys.ts';
import { exchangeHttp } from './http.ts';
import { usingFiles, type Files } from './sftpFiles.ts';
import { exchangeSmtp, type SmtpMessage, type SmtpReply } from './smtp.ts';
import { exchangeTcp, type FrameEnd } from './tcp.ts';

/** Contract files travel whole; data packages are the largest thing that a bank takes. */
const maxBodyBytes = 8 * 1024 * 1024;

/** One request and its answer: the raw bytes that the hub keeps of an exchange. Over TCP: method `TCP`, no status. */
export interface WirePart {
  readonly method: string;
  readonly path: string;
  readonly request: Buffer;
  readonly status: number | undefined;
  readonly answer: Buffer | undefined;
  readonly ms: number;
}

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the system's address, with a leading slash and, when there is one, the encoded query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** An absolute address that the counterparty itself handed out (upload links). Its host must be the system's own. */
  readonly url?: string;
  /** What of the answer stays on record, where not all of it may: a picture of a face is kept as its digest. */
  readonly kept?: (answer: Buffer) => Buffer;
  /** What the record shows in place of the path, where a secret stands in it. */
  readonly shown?: string;
}

/** A request over TCP: written as it is; one answer is read, up to where `frame` says that it ends. */
export interface FramedRequest {
  readonly request: Buffer;
  readonly frame: FrameEnd;
  /** What it is, for the record: a transaction code. */
  readonly label: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Wire {
  readonly system: System;
  readonly keys: Keys;
  /** The effect's stable key: the same in every attempt. Vendors that take a request id get this or a number derived from it. */
  readonly key: string;
  /** Business time. */
  now(): Date;
  /** Sends exactly these bytes. @throws Failure SYSTEM_UNREACHABLE (nothing left) or OUTCOME_UNKNOWN */
  send(request: WireRequest): Promise<WireAnswer>;
  /** The same over TCP, to a system at `tcp://` or `tls://`. @throws Failure SYSTEM_UNREACHABLE or OUTCOME_UNKNOWN */
  sendFramed(request: FramedRequest): Promise<Buffer>;
  /** Files, with a system at `sftp://`: one connection, which ends when `use` does. @throws Failure SYSTEM_UNREACHABLE */
  files<T>(use: (files: Files) => Promise<T>): Promise<T>;
  /** One mail, with a system at `smtp://` or `smtps://`. @throws Failure SYSTEM_UNREACHABLE (it was not sent) or OUTCOME_UNKNOWN */
  sendMail(mail: SmtpMessage): Promise<SmtpReply>;
  /** True the first time that this system shows this nonce. */
  firstSeen(nonce: string): Promise<boolean>;
}

/** Does it and keeps what left and what came back. */
export type Recorded = <A>(
  part: Pick<WirePart, 'method' | 'path' | 'request'>,
  exchange: () => Promise<{ answer: A; status: number | undefined; bytes: Buffer }>,
) => Promise<A>;

export function wireTo(hub: HubPort, system: System, key: string, trace?: ActTrace): { wire: Wire; parts: WirePart[] } {
  const parts: WirePart[] = [];
  /** What left stays on record, whatever came back. */
  const recorded: Recorded = async (part, exchange) => {
    const startedAt = performance.now();
    const answered = trace?.sent(part.method);
    try {
      const { answer, status, bytes } = await exchange();
      answered?.(status);
      parts.push({ ...part, status, answer: bytes, ms: performance.now() - startedAt });
      return answer;
    } catch (thrown) {
      answered?.(undefined);
      parts.push({ ...part, status: undefined, answer: undefined, ms: performance.now() - startedAt });
      throw thrown;
    }
  };
  const wire: Wire = {
    system,
    keys: hub.keys(system.id),
    key,
    now: () => hub.now(),
    firstSeen: (nonce) => hub.firstSeen(system.id, nonce),
    async send(request) {
      const url = addressOf(system, request);
      const part = {
        method: request.method,
        path: request.shown ?? request.path,
        request: request.body ?? Buffer.alloc(0),
      };
      return recorded(part, async () => {
        const answer = await exchangeHttp({
          url,
          method: request.method,
          headers: { ...request.headers },
          ...(request.body ? { body: request.body } : {}),
          maxBodyBytes,
          timeoutMs: system.timeoutMs,
          allowPrivate: system.allowPrivate,
        });
        return { answer, status: answer.status, bytes: request.kept?.(answer.body) ?? answer.body };
      });
    },
    async sendFramed({ request, frame, label }) {
      const { url, timeoutMs, allowPrivate } = system;
      return recorded({ method: 'TCP', path: label, request }, async () => {
        const bytes = await exchangeTcp({
          url,
          request,
          frame,
          maxRequestBytes: maxBodyBytes,
          timeoutMs,
          allowPrivate,
        });
        return { answer: bytes, status: undefined, bytes };
      });
    },
    async sendMail(mail) {
      const { url, timeoutMs, allowPrivate } = system;
      return recorded({ method: 'SMTP', path: 'DATA', request: mail.message }, async () => {
        const reply = await exchangeSmtp({ ...mail, url, timeoutMs, allowPrivate });
        return { answer: reply, status: undefined, bytes: Buffer.from(`${reply.code} ${reply.text}`) };
      });
    },
    files: (use) => usingFiles(system, wire.keys, recorded, use),
  };
  return { wire, parts };
}

/** The host is the registered one, whatever a message says (SSRF, reliability.md 1.3). */
function addressOf(system: System, request: WireRequest): string {
  if (request.url === undefined) return system.url.replace(/\/$/, '') + request.path;
  if (new URL(request.url).origin !== new URL(system.url).origin)
    throw new Error(`${system.id}: a link to another host is not followed`);
  return request.url;
}
