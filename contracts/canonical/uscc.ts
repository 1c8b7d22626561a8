/** Unified social credit code (统一社会信用代码): check digit of GB 32100-2015. */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'; // 31 symbols: no I O S V Z
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]; // 3^(i-1) mod 31

export function isUscc(code: string): boolean {
  return (
    code.length === 18 && [...code].every((c) => alphabet.includes(c)) && code[17] === usccCheckDigit(code.slice(0, 17))
  );
}

/** The eighteenth character for the first seventeen. */
export function usccCheckDigit(first17: string): string {
  const sum = weights.reduce((total, weight, i) => total + weight * alphabet.indexOf(first17[i] ?? '0'), 0);
  return alphabet[(31 - (sum % 31)) % 31] ?? '0'; // 31 itself wraps to '0'
}
