import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a counterparty really did, from the log that it keeps itself. */
export interface EffectLine {
  readonly twin: string;
  readonly kind: string;
  readonly number: string;
}

export function effectsIn(folder: string): EffectLine[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((twin) => {
    const file = join(folder, twin, 'effects.ndjson');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    // A line that is being written is read the next time.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ twin, ...(JSON.parse(line) as { kind: string; number: string }) }));
  });
}
