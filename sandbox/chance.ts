/**
 * What a counterparty would draw by lot: ids, serials, codes. Derived from a seed and from what they are for, not from
 * how often one drew before: so a restart draws the same, and so do two sandboxes with the same seed.
 */
import { createHash, randomBytes } from 'node:crypto';

export interface Chance {
  /** Hexadecimal digits: the same for the same purpose and number, others for any other. */
  hex(digits: number, ...what: readonly (string | number)[]): string;
  /** In the form of a UUID of version 4. */
  uuid(...what: readonly (string | number)[]): string;
  /** Decimal digits. */
  digits(count: number, ...what: readonly (string | number)[]): string;
}

export const anySeed = (): string => randomBytes(16).toString('hex');

/** The first draw that nobody has: the same business once more gets another id, and the same one after a restart. */
export function firstFree(draw: (time: number) => string, isTaken: (id: string) => boolean): string {
  for (let time = 0; ; time += 1) {
    const id = draw(time);
    if (!isTaken(id)) return id;
  }
}

/** @param whose the counterparty's name: two draw differently for the same number */
export function chanceOf(seed: string, whose: string): Chance {
  const drawn = (length: number, what: readonly (string | number)[]): Buffer => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      createHash('sha256')
        .update(JSON.stringify([seed, whose, block, ...what]))
        .digest(),
    );
    return Buffer.concat(blocks).subarray(0, length);
  };
  return {
    hex: (digits, ...what) =>
      drawn(Math.ceil(digits / 2), what)
        .toString('hex')
        .slice(0, digits),
    uuid(...what) {
      const hex = drawn(16, what).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    digits: (count, ...what) => [...drawn(count, what)].map((byte) => byte % 10).join(''),
  };
}
