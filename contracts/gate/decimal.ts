/**
 * Whether a number of a message means the same after it has been a double. "The same" is what another program would see:
 * the double, printed, is the decimal that was sent. 0.10 and 1e22 survive; 9007199254740993, 1e400 and
 * 0.1234567890123456789 do not.
 */

export function survivesDouble(literal: string, value: number): boolean {
  if (literal.length <= 15 && !literal.includes('e') && !literal.includes('E')) return true; // 15 digits always do.
  if (!Number.isFinite(value)) return false;
  const sent = normalForm(literal);
  const kept = normalForm(String(value));
  return sent.digits === kept.digits && (sent.digits === '' || sent.exponent === kept.exponent);
}

/** The number as significant digits times a power of ten. Loops instead of patterns: `/0+$/` is quadratic. */
function normalForm(literal: string): { digits: string; exponent: number } {
  const unsigned = literal.startsWith('-') ? literal.slice(1) : literal;
  const [mantissa = '', power = '0'] = unsigned.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  let first = 0;
  let end = all.length;
  while (first < end && all[first] === '0') first += 1;
  while (end > first && all[end - 1] === '0') end -= 1;
  return {
    digits: all.slice(first, end),
    exponent: Number(power) - fraction.length + (all.length - end),
  };
}
