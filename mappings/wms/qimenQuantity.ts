/**
 * Qimen's quantities are integers and carry no unit; ours have three decimals and one. So an item is kept in the warehouse in
 * the unit a thousand times smaller, where every canonical quantity is whole, and each line names that unit in
 * `extendProps/uom`. A line without it is refused: a guess between kilograms and tonnes is a factor of a thousand.
 */
import { Failure } from '../../contracts/failures.ts';
import { twoWayTable } from '../codes/codeTable.ts';
import { powersBetween } from '../codes/units.ts';

/** The warehouse's unit to the canonical one; one to one, so that nothing comes back in another unit than it went. */
export const qimenUnits = twoWayTable('wms.qimen.unit', 'adapters/wms/README.md: agreed with the warehouse', {
  KGM: 'TNE',
  GRM: 'KGM',
  DMQ: 'MTQ',
  C62: 'C62',
});

/** Qimen declares its quantities `int`; a warehouse that stores them in 32 bits would wrap above this. */
export const qimenQuantityMax = 2_147_483_647n;

/** `"1200.500" TNE` → `"1200500" KGM`. @throws Failure CONTRACT_VIOLATED */
export function wholeOf(quantity: string, unit: string): { qty: string; uom: string } {
  const uom = qimenUnits.codeOf(unit);
  if (!/^\d{1,12}\.\d{3}$/.test(quantity)) throw violated('a quantity must have three decimals');
  const scaled = BigInt(quantity.replace('.', '')) * perUnit(unit, uom);
  if (scaled % 1000n !== 0n) throw violated(`a quantity in ${unit} must be whole here`);
  const whole = scaled / 1000n;
  if (whole > qimenQuantityMax) throw violated(`a quantity above ${qimenQuantityMax} ${uom} does not fit`);
  return { qty: whole.toString(), uom };
}

/** `"1200500" KGM` → `"1200.500" TNE`. @throws Failure CONTRACT_VIOLATED or EXT_CODE_UNMAPPED */
export function quantityOf(qty: string, uom: string): { quantity: string; unit: string } {
  const unit = qimenUnits.of(uom);
  if (!/^\d{1,10}$/.test(qty) || BigInt(qty) > 2n * qimenQuantityMax) throw violated('a whole quantity was expected');
  const thousandths = ((BigInt(qty) * 1000n) / perUnit(unit, uom)).toString().padStart(4, '0');
  return { quantity: `${thousandths.slice(0, -3)}.${thousandths.slice(-3)}`, unit };
}

/** `"-1200500" KGM` → `"-1200.500" TNE`. @throws Failure as `quantityOf` */
export function signedQuantityOf(qty: string, uom: string): { change: string; unit: string } {
  const { quantity, unit } = quantityOf(qty.replace('-', ''), uom);
  return { change: qty.startsWith('-') ? `-${quantity}` : quantity, unit };
}

function perUnit(unit: string, uom: string): bigint {
  return 10n ** BigInt(powersBetween(unit, uom) ?? 0);
}

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
