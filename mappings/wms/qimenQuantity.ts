/**
 * Qimen's quantities are integers and carry no unit; ours have three decimals and one. So an item is kept in the warehouse in
 * the unit a thousand times smaller, where every canonical quantity is whole, and each line names that unit in
 * `extendProps/uom`. A line without it is refused: a guess between kilograms and tonnes is a factor of a thousand.
 */
import { Failure } from '../../contracts/failures.ts';

/** Canonical unit to the warehouse's; one to one, so that nothing comes back in another unit than it went. */
export const qimenUnits = {
  TNE: { uom: 'KGM', perUnit: 1000n },
  KGM: { uom: 'GRM', perUnit: 1000n },
  MTQ: { uom: 'DMQ', perUnit: 1000n },
  C62: { uom: 'C62', perUnit: 1n },
} as const satisfies Record<string, { uom: string; perUnit: bigint }>;

/** Qimen declares its quantities `int`; a warehouse that stores them in 32 bits would wrap above this. */
export const qimenQuantityMax = 2_147_483_647n;

/** `"1200.500" TNE` → `"1200500" KGM`. @throws Failure CONTRACT_VIOLATED */
export function wholeOf(quantity: string, unit: string): { qty: string; uom: string } {
  if (!Object.hasOwn(qimenUnits, unit)) throw violated(`the unit ${unit} is not agreed with the warehouse`);
  const { uom, perUnit } = qimenUnits[unit as keyof typeof qimenUnits];
  if (!/^\d{1,12}\.\d{3}$/.test(quantity)) throw violated('a quantity must have three decimals');
  const scaled = BigInt(quantity.replace('.', '')) * perUnit;
  if (scaled % 1000n !== 0n) throw violated(`a quantity in ${unit} must be whole here`);
  const whole = scaled / 1000n;
  if (whole > qimenQuantityMax) throw violated(`a quantity above ${qimenQuantityMax} ${uom} does not fit`);
  return { qty: whole.toString(), uom };
}

/** `"1200500" KGM` → `"1200.500" TNE`. @throws Failure CONTRACT_VIOLATED or EXT_CODE_UNMAPPED */
export function quantityOf(qty: string, uom: string): { quantity: string; unit: string } {
  const row = Object.entries(qimenUnits).find(([, each]) => each.uom === uom);
  if (!row) throw new Failure('EXT_CODE_UNMAPPED', { detail: `the unit ${uom} is not agreed`, externalCode: uom });
  if (!/^\d{1,10}$/.test(qty) || BigInt(qty) > 2n * qimenQuantityMax) throw violated('a whole quantity was expected');
  const [unit, { perUnit }] = row;
  const thousandths = ((BigInt(qty) * 1000n) / perUnit).toString().padStart(4, '0');
  return { quantity: `${thousandths.slice(0, -3)}.${thousandths.slice(-3)}`, unit };
}

/** An instant as Qimen's GMT+8 time; parts of a second are cut, so a deadline never becomes later. */
export function localTimeOf(instant: string): string {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw violated('not an instant');
  return new Date(ms + shanghaiOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** Qimen's GMT+8 time as an instant. @throws Failure CONTRACT_VIOLATED when there is no such time */
export function instantOf(local: string): string {
  const text = `${local.replace(' ', 'T')}+08:00`;
  if (Number.isNaN(Date.parse(text)) || localTimeOf(text) !== local) throw violated(`there is no such time`);
  return text;
}

const shanghaiOffsetMs = 8 * 3_600_000;

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
