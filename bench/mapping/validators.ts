/**
 * The schemas of both ends compiled by Ajv directly, with the options of the house. Once for each side: objects of another
 * making would spoil what V8 has learned of the first ones.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { countCharactersWhenNeeded } from '../../contracts/textLength.ts';
import { KeptOrder, VendorOrder } from './order.ts';

export function compiled({ tuned }: { tuned: boolean } = { tuned: false }) {
  const ajv = new Ajv2020({ allErrors: false, strictTypes: false, strictRequired: false, ownProperties: true });
  (addFormats as unknown as (target: typeof ajv) => void)(ajv);
  if (tuned) countCharactersWhenNeeded(ajv);
  ajv.addKeyword({ keyword: 'x-pii', schemaType: 'string' });
  ajv.addKeyword({ keyword: 'x-unit', schemaType: 'string' });
  return {
    isVendorOrder: ajv.compile(VendorOrder.schema),
    isKeptOrder: ajv.compile(KeptOrder.schema),
    errorsText: (errors: ErrorObject[] | null | undefined) => ajv.errorsText(errors),
  };
}
