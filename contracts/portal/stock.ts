/** What people on the spot tell the hub of stock: a count with photos, why a lot differs, what a recount with the supervisor found. */
import { Type } from 'typebox';
import { Instant, Quantity, Sha256Hex, ShortText, Text, Unit } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

const Photos = Type.Array(Sha256Hex, { minItems: 1, maxItems: 50 });

/** A count by hand (人工盘点): two people and photos. Only what it lists was counted. */
export const StockCount = contract(
  'portal/stock-count',
  strict({
    countNo: ShortText,
    project: ShortText,
    warehouseCode: ShortText,
    countedAt: Instant,
    countedBy: ShortText,
    secondBy: ShortText,
    photos: Photos,
    lots: Type.Array(strict({ lotNo: ShortText, quantity: Quantity, unit: Unit, location: Type.Optional(ShortText) }), {
      minItems: 1,
      maxItems: 500,
    }),
  }),
);

const Explanation = contract(
  'portal/difference-explanation',
  strict({ alertNo: ShortText, explainedBy: ShortText, reason: Text, reportSha256: Sha256Hex }),
);

/** A recount on the spot (现场复盘), the supervisor beside the keeper; its note is what is signed when the books are adjusted. */
const Recount = contract(
  'portal/lot-recount',
  strict({
    alertNo: ShortText,
    noteNo: ShortText,
    lotNo: ShortText,
    quantity: Quantity,
    unit: Unit,
    countedBy: ShortText,
    supervisedBy: ShortText,
    photos: Photos,
    weighTickets: Type.Array(ShortText, { maxItems: 200 }),
    reportSha256: Sha256Hex,
  }),
);

export const stockCommands = {
  stockCounted: command({
    contract: StockCount,
    label: { zh: '人工盘点', en: 'stock counted by hand' },
    path: 'stock-counts',
    by: ['keeper', 'unit', 'funder'],
    keyOf: (m) => m.countNo,
    idOf: (m) => m.countNo,
  }),
  differenceExplained: command({
    contract: Explanation,
    label: { zh: '差异说明', en: 'difference explained' },
    path: 'stock-explanations',
    by: ['keeper'],
    keyOf: (m) => m.alertNo,
    idOf: (m) => m.alertNo,
  }),
  lotRecounted: command({
    contract: Recount,
    label: { zh: '现场复盘', en: 'lot recounted' },
    path: 'stock-recounts',
    by: ['keeper'],
    keyOf: (m) => m.alertNo,
    idOf: (m) => m.noteNo,
  }),
};
