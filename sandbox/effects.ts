import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';

export interface EffectLine {
  readonly kind: string;
  /** The number under which the hub knows it: at most one line per kind and number is what "at most once" means. */
  readonly number: string;
  readonly at: string;
  readonly detail: Record<string, unknown>;
}

/** What a counterparty really did, on its own disk before it says so: the oracle against which the hub is judged. */
export class EffectLog {
  readonly #file: number;
  readonly #path: string;
  readonly #clock: Clock;

  constructor(path: string, clock: Clock) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#clock = clock;
    this.#file = openSync(path, 'a');
  }

  append(kind: string, number: string, detail: Record<string, unknown>): void {
    writeSync(this.#file, `${JSON.stringify({ kind, number, at: this.#clock.now().toISOString(), detail })}\n`);
    fsyncSync(this.#file);
  }

  all(): EffectLine[] {
    return readEffects(this.#path);
  }

  close(): void {
    closeSync(this.#file);
  }
}

export function readEffects(path: string): EffectLine[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EffectLine);
}
