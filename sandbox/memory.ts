import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface PendingAct {
  readonly id: number;
  readonly act: string;
  readonly args: Record<string, unknown>;
  /** Business instant, epoch milliseconds. */
  readonly dueMs: number;
  readonly tries: number;
}

/** A twin's memory: one JSON file, replaced whole. */
export class Memory<M extends object> {
  readonly value: M;
  acts: PendingAct[];
  readonly #path: string;
  #written = '';

  constructor(path: string, initial: () => M) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    const stored = existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as { memory: M; acts: PendingAct[] })
      : undefined;
    // What a twin learned to keep since then begins as in a new one.
    this.value = { ...initial(), ...stored?.memory };
    this.acts = stored?.acts ?? [];
  }

  save(): void {
    const text = JSON.stringify({ memory: this.value, acts: this.acts });
    if (text === this.#written) return;
    writeWhole(this.#path, text);
    this.#written = text;
  }
}

/** All of it or nothing: whoever reads it meanwhile, or after a crash, finds the old text or the new one. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
