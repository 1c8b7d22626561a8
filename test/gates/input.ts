/** One bad input, and what must become of it. */
export interface BadInput {
  readonly class: string;
  readonly id: string;
  readonly door: 'json' | 'xml';
  readonly body: Buffer;
  /**
   * `unreadable`: the gate itself says no, 400, 413 or 415. `refused`: it may be read, and is then found to be no order:
   * any 4xx. Never anything else.
   */
  readonly must: 'unreadable' | 'refused';
}
