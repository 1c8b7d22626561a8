export interface Invariant {
  /** As in the domain's list: `I-01` … `I-36`. */
  readonly id: string;
  readonly statement: string;
  /**
   * What enforces it: names of constraints, unique indexes, triggers and policies of the database. Where it lives elsewhere,
   * `contract:`, `engine:` or `mapping:` and the name of the test that tries to break it.
   */
  readonly enforcedBy: readonly string[];
  /** Each row that it returns breaks the rule; the first column says which. */
  readonly sql: string;
}
