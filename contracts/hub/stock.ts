/** What the hub tells itself of stock (货准, F9): snapshots that are wanted and taken, and each difference, lot by lot. */
import { Type } from 'typebox';
import { Quantity, ShortText, Unit } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

export const SnapshotWanted = contract('hub/snapshot-wanted', strict({ snapshotNo: ShortText, project: ShortText }));
const SnapshotTaken = contract(
  'hub/snapshot-taken',
  strict({ snapshotNo: ShortText, lots: Type.Integer({ minimum: 0 }) }),
);

export const StockDiffers = contract(
  'hub/stock-differs',
  strict({
    /** Number of its alert. */
    alertNo: ShortText,
    project: ShortText,
    /** The case of the loan that the lot secures; otherwise of whatever found the difference. */
    caseNo: ShortText,
    snapshotNo: ShortText,
    warehouseCode: ShortText,
    lotNo: ShortText,
    cause: Type.Enum(['QUANTITY', 'UNKNOWN_LOT', 'LOT_GONE', 'PLEDGED_SHORT', 'UNIT']),
    level: Type.Enum(['INFO', 'WARN', 'CALL']),
    booked: Quantity,
    counted: Quantity,
    unit: Unit,
    /** The lot is pledged here. */
    pledgeNo: Type.Optional(ShortText),
    /** Pledged goods left without an order of the hub. */
    unauthorised: Type.Boolean(),
  }),
);

export const stockNotices = {
  snapshotWanted: notice({
    contract: SnapshotWanted,
    label: { zh: '需要库存快照', en: 'a snapshot of stock is wanted' },
    keyOf: (m) => m.snapshotNo,
    idOf: (m) => m.snapshotNo,
  }),
  snapshotTaken: notice({
    contract: SnapshotTaken,
    label: { zh: '库存快照已取', en: 'a snapshot of stock was taken' },
    keyOf: (m) => m.snapshotNo,
    idOf: (m) => m.snapshotNo,
  }),
  stockDiffers: notice({
    contract: StockDiffers,
    label: { zh: '账实不符', en: 'stock differs from the books' },
    keyOf: (m) => m.alertNo,
    idOf: (m) => m.alertNo,
  }),
};
