/**
 * Daily settlement (日终对账, F10), as the hub does it. Fetching a file is an operation of the hub itself: a million lines fit neither one
 * answer nor a journal, so who fetches also compares, and the answer is what came of it.
 */
import { Type } from 'typebox';
import { BusinessDate, Sha256Hex, ShortText, Text } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice, operation } from '../kind.ts';

/** Number of a difference's case: its run, and what it is about. */
export const BreakNo = Type.String({ minLength: 4, maxLength: 200, pattern: '^RC-[^\\p{Cc}]+$' });

const TakeSettlements = contract(
  'hub/take-settlements',
  strict({
    /** The business day whose files are taken. */
    on: BusinessDate,
    /** A file that people brought by another road: only the one with this hash. */
    uploadedSha256: Type.Optional(Sha256Hex),
  }),
);

const SettlementsTaken = contract(
  'hub/settlements-taken',
  strict({
    /** False when the server was not there: nothing is known of its files. */
    reached: Type.Boolean(),
    detail: Type.Optional(Text),
    runs: Type.Array(
      strict({
        runNo: Type.String({ minLength: 1, maxLength: 120 }),
        /** `before`: this very file was taken already. */
        outcome: Type.Enum(['before', 'parked', 'compared']),
        reason: Type.Optional(Text),
      }),
      { maxItems: 99 },
    ),
    /** Files without their companion, or the other way round. */
    unfinished: Type.Integer({ minimum: 0 }),
    refused: Type.Array(strict({ name: ShortText, detail: Text }), { maxItems: 99 }),
  }),
);

const BreakClosed = contract(
  'hub/break-closed',
  strict({ breakNo: BreakNo, runNo: Type.String({ minLength: 1, maxLength: 120 }) }),
);

export const settlementOperations = {
  /**
   * To the world a reading; in the books each file is taken once, by its content. That is why it may be asked again at any time, after
   * a crash too.
   */
  takeSettlements: operation({
    request: TakeSettlements,
    response: SettlementsTaken,
    effect: 'read',
    label: { zh: '获取并核对结算文件', en: 'take the settlement files' },
  }),
};

export const settlementNotices = {
  breakClosed: notice({
    contract: BreakClosed,
    label: { zh: '差异已处理', en: 'a break is closed' },
    keyOf: (m) => m.runNo,
    idOf: (m) => m.breakNo,
  }),
};
