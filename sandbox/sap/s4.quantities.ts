/** Quantities with three decimals and amounts with two, as whole numbers. */

export function thousandths(quantity: string): bigint {
  const [whole = '0', fraction = ''] = quantity.split('.');
  return BigInt(`${whole}${fraction.slice(0, 3).padEnd(3, '0')}`);
}

export function quantityOf(value: bigint): string {
  const digits = value.toString().padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

/** `-850000.00` to -85000000; undefined when it is none. */
export function cents(amount: string): bigint | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,2})0*)?$/.exec(amount);
  if (!match) return undefined;
  const value = BigInt(`${match[2]}${(match[3] ?? '').padEnd(2, '0')}`);
  return match[1] === '-' ? -value : value;
}

const yenLike = new Set(['JPY', 'KRW', 'VND', 'CLP']);

/** A field of type CURR: two decimals, whatever the currency has. */
export function currOf(amount: string, currency: string): string {
  if (!yenLike.has(currency)) return amount;
  const digits = (amount.split('.')[0] ?? '0').padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
