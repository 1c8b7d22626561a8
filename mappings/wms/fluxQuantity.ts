/** FLUX's quantities are decimals in the line's own `UOM`, as ours are: three decimals, pieces whole. */
import { decimal } from '../../contracts/canonical/money.ts';
import { Failure } from '../../contracts/failures.ts';
import { fluxUnits } from './fluxCodes.ts';

/** @throws Failure CONTRACT_VIOLATED: a unit that FLUX has no code for, or a part of a piece */
export function fluxQtyOf(quantity: string, unit: string): { qty: string; uom: string } {
  assertWhole(quantity, unit);
  return { qty: quantity, uom: fluxUnits.codeOf(unit) };
}

/** @throws Failure CONTRACT_VIOLATED when it has more decimals than we keep; EXT_CODE_UNMAPPED for a unit of nobody */
export function quantityOf(qty: string, uom: string): { quantity: string; unit: string } {
  const unit = fluxUnits.of(uom);
  const quantity = decimal(qty, 3);
  assertWhole(quantity, unit);
  return { quantity, unit };
}

/** As `quantityOf`, with its sign. */
export function changeOf(qty: string, uom: string): { change: string; unit: string } {
  const { quantity: change, unit } = quantityOf(qty, uom);
  return { change, unit };
}

function assertWhole(quantity: string, unit: string): void {
  if (unit === 'C62' && !quantity.endsWith('.000'))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'pieces must be whole' });
}
