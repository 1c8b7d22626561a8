/** Quantity, price and amount of one order line: the same arithmetic whatever road the order came by. */
import { unitOf } from './s4.codes.ts';
import { fixed, isBlank, number, one, quotient, times, wrong, type Exact } from './s4.numbers.ts';

/** A field and where it stands. */
export interface At {
  readonly text: string | undefined;
  readonly pointer: string;
}

interface LineValues {
  readonly quantity: At;
  readonly unit: At;
  /** Net price per so many (price unit) of `priceUnit`. */
  readonly price: At;
  readonly pricePer: At;
  readonly priceUnit: At;
  readonly amount: At;
}

export function lineValues(line: LineValues): { quantity: string; unit: string; unitPrice: string; amount: string } {
  const quantity = number(line.quantity.text, line.quantity.pointer);
  const shownQuantity = fixed(quantity, 3) ?? wrong(line.quantity.pointer, 'decimals', 'has more than three decimals');
  if (quantity.digits === 0n) wrong(line.quantity.pointer, 'minimum', 'is zero');
  if (isBlank(line.unit.text)) wrong(line.unit.pointer, 'required', 'is missing');
  const unit = unitOf(line.unit.text, line.unit.pointer);
  const price = priceOf(line, unit);
  const amount = amountOf(line, quantity, price);
  const tonnes = unit === 'KGM' ? tonnesOf(shownQuantity) : undefined;
  if (tonnes !== undefined) {
    const perTonne = quotient(number(amount, line.amount.pointer), number(tonnes, line.quantity.pointer), 2);
    return {
      quantity: tonnes,
      unit: 'TNE',
      unitPrice: perTonne ?? wrong(line.price.pointer, 'range', 'is out of range'),
      amount,
    };
  }
  const unitPrice = price
    ? quotient(price.price, price.per, 2)
    : quotient(number(amount, line.amount.pointer), quantity, 2);
  return {
    quantity: shownQuantity,
    unit,
    unitPrice: unitPrice ?? wrong(line.price.pointer, 'range', 'is out of range'),
    amount,
  };
}

/**
 * Several quantities of one thing, in one unit: in tonnes when all of them come out whole (see below), otherwise as they
 * are.
 */
export function quantitiesOf(unitAt: At, quantities: readonly At[]): { unit: string; quantities: string[] } {
  if (isBlank(unitAt.text)) wrong(unitAt.pointer, 'required', 'is missing');
  const unit = unitOf(unitAt.text, unitAt.pointer);
  const shown = quantities.map(
    ({ text, pointer }) =>
      fixed(number(text, pointer), 3) ?? wrong(pointer, 'decimals', 'has more than three decimals'),
  );
  const tonnes = unit === 'KGM' ? shown.map(tonnesOf) : [undefined];
  const whole = tonnes.filter((each) => each !== undefined);
  return whole.length === shown.length ? { unit: 'TNE', quantities: whole } : { unit, quantities: shown };
}

/**
 * Goods are stored, quoted and pledged by the tonne (domain.md 1.0): kilograms that make whole thousandths of a tonne are
 * read as tonnes. What does not come out exactly stays in kilograms.
 */
function tonnesOf(kilograms: string): string | undefined {
  const grams = BigInt(kilograms.replace('.', ''));
  if (grams % 1_000n !== 0n) return undefined;
  const thousandths = (grams / 1_000n).toString().padStart(4, '0');
  return `${thousandths.slice(0, -3)}.${thousandths.slice(-3)}`;
}

/** Undefined when there is none, or when it is per another unit than the one that is ordered. */
function priceOf(line: LineValues, unit: string): { price: Exact; per: Exact } | undefined {
  if (isBlank(line.price.text)) return undefined;
  const price = number(line.price.text, line.price.pointer);
  const per = isBlank(line.pricePer.text) ? one : number(line.pricePer.text, line.pricePer.pointer);
  if (per.digits === 0n) wrong(line.pricePer.pointer, 'minimum', 'is zero');
  const sameUnit = isBlank(line.priceUnit.text) || unitOf(line.priceUnit.text, line.priceUnit.pointer) === unit;
  return sameUnit ? { price, per } : undefined;
}

/** As SAP says; where it does not say, quantity times price, rounded once. */
function amountOf(line: LineValues, quantity: Exact, price: { price: Exact; per: Exact } | undefined): string {
  if (!isBlank(line.amount.text)) {
    const amount = number(line.amount.text, line.amount.pointer);
    return fixed(amount, 2) ?? wrong(line.amount.pointer, 'decimals', 'has more than two decimals');
  }
  if (price)
    return (
      quotient(times(quantity, price.price), price.per, 2) ?? wrong(line.price.pointer, 'range', 'is out of range')
    );
  if (isBlank(line.price.text))
    return wrong(line.price.pointer, 'required', 'is missing, and so is the amount of the line');
  return wrong(line.amount.pointer, 'required', 'is missing while the price is per another unit than the quantity');
}
