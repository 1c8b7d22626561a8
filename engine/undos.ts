/** What takes the acts of a run back, should it fail, stop or be cancelled. */
import type { RunContext } from './context.ts';
import type { Run } from './flow.ts';

interface Undo {
  /** Place of what is undone in the journal. */
  readonly seq: number;
  readonly path: string;
  readonly act: (run: Run) => Promise<void>;
}

export class Undos {
  #undos: Undo[] = [];

  add(path: string, seq: number, act: (run: Run) => Promise<void>): void {
    if (!this.#undos.some((undo) => undo.path === path)) this.#undos.push({ seq, path, act });
  }

  /** The act is given anew, with an undo of its own. */
  forget(path: string): void {
    this.#undos = this.#undos.filter((undo) => undo.path !== path);
  }

  /** Last first, by the journal: across branches too. */
  inOrder(): readonly Undo[] {
    return this.#undos.toSorted((a, b) => b.seq - a.seq);
  }

  /** Each undo is durable steps of its own. */
  async run(context: RunContext): Promise<void> {
    for (const undo of this.inOrder()) await undo.act(context.child(`~${undo.path}`));
  }
}
