/** Solidity ABI, as the chain's side needs it: encodes call data, return data and revert reasons. */

const wordChars = 64;

/** First four bytes of Keccak-256 of the signatures. */
export const selectors = { anchor: '2807684b', anchorOf: 'a6ed282f', error: '08c379a0' } as const;

/** Heads hold integers and, for strings, the offset of their tail; tails hold length and bytes, padded to words. */
export function encode(values: readonly (string | bigint)[]): string {
  const heads: string[] = [];
  const tails: string[] = [];
  let tailAt = values.length * wordChars;
  for (const value of values) {
    if (typeof value === 'bigint') {
      heads.push(word(value));
      continue;
    }
    const bytes = Buffer.from(value);
    const tail = word(BigInt(bytes.length)) + padded(bytes.toString('hex'));
    heads.push(word(BigInt(tailAt / 2)));
    tails.push(tail);
    tailAt += tail.length;
  }
  return heads.join('') + tails.join('');
}

export function encodeError(reason: string): string {
  return `0x${selectors.error}${encode([reason])}`;
}

function word(value: bigint): string {
  return value.toString(16).padStart(wordChars, '0');
}

function padded(hex: string): string {
  return hex.padEnd(Math.ceil(hex.length / wordChars) * wordChars, '0');
}
