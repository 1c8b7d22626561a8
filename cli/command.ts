export interface Command {
  readonly usage: string;
  readonly what: string;
  /** What `<command> --help` says beyond that. */
  readonly more?: string;
  readonly run: (args: string[]) => Promise<number>;
}
