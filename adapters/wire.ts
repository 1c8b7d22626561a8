/** The road to one system, as a dialect sees it: settings, keys, clocks, and one way to send bytes. */
import type { ActTrace, HubPort, System } from './adapter.ts';
import { exchangeHttp } from './http.ts';
import type { Keys } from './crypto/keys.ts';

/** Contract files travel whole; data packages are the largest thing that a bank takes. */
const maxBodyBytes = 8 * 1024 * 1024;

/** One HTTP request and its answer: the raw bytes that the hub keeps of an exchange. */
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
  /** True the first time that this system shows this nonce. */
  firstSeen(nonce: string): Promise<boolean>;
}

export function wireTo(hub: HubPort, system: System, key: string, trace?: ActTrace): { wire: Wire; parts: WirePart[] } {
  const parts: WirePart[] = [];
  const wire: Wire = {
    system,
    keys: hub.keys(system.id),
    key,
    now: () => hub.now(),
    firstSeen: (nonce) => hub.firstSeen(system.id, nonce),
    async send(request) {
      const url = addressOf(system, request);
      const startedAt = performance.now();
      const part = { method: request.method, path: request.path, request: request.body ?? Buffer.alloc(0) };
      const answered = trace?.sent(request.method);
      try {
        const answer = await exchangeHttp({
          url,
          method: request.method,
          headers: { ...request.headers },
          ...(request.body ? { body: request.body } : {}),
          maxBodyBytes,
          timeoutMs: system.timeoutMs,
          allowPrivate: system.allowPrivate,
        });
        answered?.(answer.status);
        parts.push({ ...part, status: answer.status, answer: answer.body, ms: performance.now() - startedAt });
        return answer;
      } catch (thrown) {
        answered?.(undefined);
        parts.push({ ...part, status: undefined, answer: undefined, ms: performance.now() - startedAt });
        throw thrown;
      }
    },
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
