/** What operators do about reconciliation: a file that came by another road, and how a difference was settled. */
import { Type } from 'typebox';
import { BusinessDate, Sha256Hex, ShortText, Text } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { BreakNo } from '../hub/settlement.ts';
import { command } from './command.ts';

/** A settlement file lies in the folder for uploads of its system (`uploads/<system>`), with its companion (I-36: two people). */
const SettlementUpload = contract(
  'portal/settlement-upload',
  strict({
    system: ShortText,
    on: BusinessDate,
    sha256: Sha256Hex,
    /** The person who brought it; another one confirms. */
    by: ShortText,
    reason: Text,
  }),
);

/**
 * How a difference is settled: corrected by a compensating command, which is named by its number, or accepted as it is by two people.
 * Nothing is corrected by editing.
 */
export const BreakResolution = contract(
  'portal/break-resolution',
  strict({
    resolutionNo: ShortText,
    breakNo: BreakNo,
    how: Type.Enum(['adjusted', 'accepted']),
    /** Number of the compensating command; for `adjusted`. */
    commandNo: Type.Optional(ShortText),
    by: ShortText,
    reason: Text,
  }),
);

export const settlementCommands = {
  settlementUploaded: command({
    contract: SettlementUpload,
    label: { zh: '人工上传结算文件', en: 'settlement file brought by hand' },
    path: 'settlement-uploads',
    by: ['operator'],
    keyOf: (m) => `${m.system}/${m.on}`,
    idOf: (m) => m.sha256,
  }),
  breakResolved: command({
    contract: BreakResolution,
    label: { zh: '差异处理', en: 'how a break is settled' },
    path: 'break-resolutions',
    by: ['operator', 'funder'],
    keyOf: (m) => m.resolutionNo,
    idOf: (m) => m.resolutionNo,
  }),
};
