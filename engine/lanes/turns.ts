/**
 * Held calls whose turn has come on this node. The permit is in memory only: when the process dies, the call is still
 * held in the tables, and gets a turn again.
 */
import type { Ticket } from './road.ts';
import { ticketOf } from './ticket.ts';

interface Turn {
  readonly run: string;
  readonly end: () => void;
}

export class Turns {
  readonly #turns = new Map<string, Turn>();
  #wanted: string[] = [];

  /** Resolves when the call has its answer, or its run has left memory without it. */
  begin({ run, ticket }: Ticket): Promise<void> {
    return new Promise((resolve) => {
      this.#turns.get(ticket)?.end();
      this.#turns.set(ticket, { run, end: resolve });
      this.#wanted.push(run);
    });
  }

  /** Runs that have to come into memory; each is told once. */
  wanted(): string[] {
    return [...new Set(this.#wanted.splice(0))];
  }

  permits(ticket: string): boolean {
    return this.#turns.has(ticket);
  }

  answered(key: string, attempt: number): void {
    this.#end((_run, ticket) => ticket === ticketOf(key, attempt));
  }

  left(run: string): void {
    this.#end((turn) => turn.run === run);
  }

  endAll(): void {
    this.#end(() => true);
  }

  #end(which: (turn: Turn, ticket: string) => boolean): void {
    if (this.#turns.size === 0) return;
    for (const [ticket, turn] of this.#turns) {
      if (!which(turn, ticket)) continue;
      this.#turns.delete(ticket);
      turn.end();
    }
  }
}
