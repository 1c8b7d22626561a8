/** One way in which an answer can go wrong on its way, and what such ways are made of. */
import type { FileBreak } from './fileProxy.ts';
import type { Played, Road } from './proxy.ts';
import type { SmtpBreak } from './smtpProxy.ts';
import type { FaultClass } from './rules.ts';
import type { Answer } from './subject.ts';

export interface Fault {
  readonly name: string;
  readonly class: FaultClass;
  /**
   * What it can happen on; `any` is any connection. Default: HTTP alone. Where files are exchanged: `put`, `get`, with a
   * `companion` only, or on any `file`. In a dialogue over SMTP: `smtp`.
   */
  readonly on?: 'tcp' | 'any' | 'put' | 'get' | 'companion' | 'file' | 'smtp';
  /** Breaks a file of this kind only. */
  readonly document?: 'xml' | 'csv';
  /** Only the adapter's deadline ends it: the deadline is then a short one. */
  readonly endless?: true;
  /** Plays with an answer to another request, which must be there first. */
  readonly earlier?: true;
  /** Only where answers are signed. */
  readonly sealed?: true;
  readonly road?: Road;
  readonly play?: Played;
  readonly file?: FileBreak;
  readonly smtp?: SmtpBreak;
}

const html = { 'content-type': 'text/html; charset=utf-8' };
export const page = (status: number, title: string): Answer => ({
  status,
  headers: html,
  body: Buffer.from(`<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}<br></body></html>`),
});
export const bare = (status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: Buffer.alloc(0),
});
/** Between two pieces of an answer that comes slowly. */
export const dripMs = 20;

/** In place of the counterparty, which hears nothing. */
export const statusInstead = (answer: Answer): Played => {
  return (play) => play.send(answer);
};

/** After the counterparty has done it. */
export const statusAfter =
  (answer: Answer): Played =>
  async (play) => {
    await play.forward();
    play.send(answer);
  };
