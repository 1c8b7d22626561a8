/** Chance that can be had again: a test prints its seed, and the same seed makes the same choices. */

/** Numbers in [0, 1) (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The one that LIANSHU_SEED asks for (`random` for a new one), else always the same: a red suite must be had again. */
export function seedOfRun(): number {
  const asked = process.env['LIANSHU_SEED'] ?? '1';
  return asked === 'random' ? Date.now() % 1_000_000 : Number(asked);
}
