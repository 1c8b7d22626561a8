/** One bad input, and what must become of it. */
export interface BadInput {
  readonly class: string;
  readonly id: string;
  readonly door: 'json' | 'xml' | 'soap';
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `unreadable`: the gate itself says no, 400, 413 or 415. `refused`: it may be read, and is then found to be no order:
   * any 4xx, or a fault of SOAP. Never anything else.
   */
  readonly must: 'unreadable' | 'refused';
}
