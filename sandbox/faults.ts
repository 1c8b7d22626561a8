import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TwinAnswer } from './twin.ts';

const kinds = [
  'refuse-connection',
  'timeout-before-effect',
  'timeout-after-effect',
  'reset-after-effect',
  'error-500',
  'garbage',
  'slow',
] as const;

/**
 * How a counterparty misbehaves:
 * - `refuse-connection`: the socket is closed before anything is read.
 * - `timeout-before-effect` / `timeout-after-effect`: no answer at all; it did nothing / it did it.
 * - `reset-after-effect`: it did it, then the connection breaks in the middle of the answer.
 * - `error-500`: a page of HTML instead of an answer; nothing was done.
 * - `garbage`: it did it, the answer is noise.
 * - `slow`: it did it, the answer comes late (`delayMs`, real time).
 */
export interface Fault {
  readonly fault: (typeof kinds)[number];
  /** Which operation; every one when absent. */
  readonly operation?: string;
  /** How many requests it hits; 1 when absent, every one when `forMs` is given. */
  readonly times?: number;
  /** For so long, in real time. */
  readonly forMs?: number;
  readonly delayMs?: number;
}

/** No answer within this time is none: longer than any client of ours waits. */
const hangMs = 120_000;

export class Faults {
  #planned: { fault: Fault; left: number; untilMs: number }[] = [];

  /** @throws Error for a fault that nobody has */
  add(fault: Fault): Fault[] {
    if (!kinds.includes(fault.fault)) throw new Error(`no such fault: ${fault.fault}. One of: ${kinds.join(', ')}`);
    const { times = fault.forMs === undefined ? 1 : Infinity, forMs = Infinity } = fault;
    this.#planned.push({ fault, left: times, untilMs: Date.now() + forMs });
    return this.list();
  }

  clear(): Fault[] {
    this.#planned = [];
    return [];
  }

  /** Those that are still ahead: `times` and `forMs` are what is left of them. */
  list(): Fault[] {
    this.#planned = this.#planned.filter(({ untilMs }) => untilMs > Date.now());
    return this.#planned.map(({ fault, left, untilMs }) => ({
      ...fault,
      ...(left === Infinity ? {} : { times: left }),
      ...(untilMs === Infinity ? {} : { forMs: untilMs - Date.now() }),
    }));
  }

  take(operation: string): Fault | undefined {
    const nowMs = Date.now();
    const plan = this.#planned.find(
      ({ fault, untilMs }) => untilMs > nowMs && (fault.operation ?? operation) === operation,
    );
    if (!plan) return undefined;
    plan.left -= 1;
    if (plan.left <= 0) this.#planned = this.#planned.filter((other) => other !== plan);
    return plan.fault;
  }

  /** True when the fault ended the request before anything was done. */
  async before(fault: Fault | undefined, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    switch (fault?.fault) {
      case 'refuse-connection':
        req.socket.destroy();
        return true;
      case 'timeout-before-effect':
        await hang(res);
        return true;
      case 'error-500':
        res.writeHead(500, { 'content-type': 'text/html' });
        res.end('<html><body><h1>500 Internal Server Error</h1></body></html>');
        return true;
      default:
        return false;
    }
  }

  /** True when the fault ended the request after it was done. */
  async after(
    fault: Fault | undefined,
    req: IncomingMessage,
    res: ServerResponse,
    answer: TwinAnswer,
  ): Promise<boolean> {
    switch (fault?.fault) {
      case 'timeout-after-effect':
        await hang(res);
        return true;
      case 'reset-after-effect':
        res.writeHead(answer.status, { 'content-length': String(Buffer.byteLength(answer.body)) });
        res.write(Buffer.from(answer.body).subarray(0, 8));
        setTimeout(() => req.socket.resetAndDestroy(), 20);
        return true;
      case 'garbage':
        res.writeHead(answer.status, { 'content-type': 'text/plain' });
        res.end(Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x3c, 0x7b]));
        return true;
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 2_000));
        return false;
      default:
        return false;
    }
  }
}

function hang(res: ServerResponse): Promise<void> {
  return new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, hangMs);
    res.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  }).then(() => void res.destroy());
}
