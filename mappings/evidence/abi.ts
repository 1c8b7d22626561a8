/**
 * The little of the Solidity ABI that evidence needs: strings and integers out of call data and return data. Offsets come
 * from outside and are checked; what does not fit is `undefined`, never a guess.
 */

const wordChars = 64;

/** `Error(string)`, by Keccak-256 and, in the SM edition of FISCO BCOS (国密版), by SM3. */
const errorSelectors = ['0x08c379a0', '0xc703cb12'] as const;
const selectorChars = 10;

/** The reason in a revert's return data. */
export function revertReason(output: string): string | undefined {
  if (!errorSelectors.some((selector) => output.startsWith(selector))) return undefined;
  return stringAt(output.slice(selectorChars), 0);
}

/** The string parameter at `index` of call data: a selector of four bytes, then the words. */
export function stringInCall(input: string, index: number): string | undefined {
  return stringAt(input.slice(selectorChars), index);
}

/** The integers that return data consists of, as decimals. */
export function integersIn(output: string, count: number): string[] | undefined {
  const words = output.slice(2);
  if (words.length !== count * wordChars) return undefined;
  return Array.from({ length: count }, (_, index) => integerAt(words, index * wordChars)?.toString() ?? '');
}

function stringAt(words: string, index: number): string | undefined {
  const offset = lengthAt(words, index * wordChars);
  if (offset === undefined) return undefined;
  const length = lengthAt(words, offset * 2);
  const begin = offset * 2 + wordChars;
  if (length === undefined || begin + length * 2 > words.length) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(words.slice(begin, begin + length * 2), 'hex'),
    );
  } catch {
    return undefined;
  }
}

/** A word that says how far or how long: never more than there is. */
function lengthAt(words: string, at: number): number | undefined {
  const value = integerAt(words, at);
  return value === undefined || value > BigInt(words.length) ? undefined : Number(value);
}

function integerAt(words: string, at: number): bigint | undefined {
  const word = words.slice(at, at + wordChars);
  return /^[0-9a-f]{64}$/.test(word) ? BigInt(`0x${word}`) : undefined;
}
