/** Lines of settlement files (结算文件) to canonical ones: amounts, times, and the tables of their codes. */
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { FilesDetail } from '../../contracts/clearing/files.wire.ts';
import { SettlementLine } from '../../contracts/clearing/settlement.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';

const source = 'contracts/clearing/files.wire.ts: chosen, after the codes of such files';

/** A status without a row is `unknown`: the line stands, and nothing is concluded from it. */
export const filesStatuses = codeTable('clearing.files.status', source, {
  '00': 'succeeded',
  '01': 'failed',
  '02': 'returned', // 退票: taken and sent back.
});

export const filesDirections = codeTable('clearing.files.direction', source, { D: 'debit', C: 'credit' });

export const settlementLineOf = mapping('clearing.files.settlementLine', FilesDetail, SettlementLine, (line) => ({
  serialNo: line.BankSerial,
  instructionNo: line.InstructionNo,
  direction: filesDirections.of(line.Direction, '#/Direction'),
  amount: line.AmountUnit === 'yuan' ? yuanOf(fenOf(line.Amount)) : yuanOf(BigInt(line.Amount)),
  currency: line.Currency,
  settledAt: instantOf(line.ValueDate, line.ValueTime),
  status: filesStatuses.find(line.Status) ?? ('unknown' as const),
  externalCode: line.Status,
  ...(line.Counterparty === undefined ? {} : { counterparty: line.Counterparty }),
}));

/** In Asia/Shanghai. An impossible day or hour is refused by the target's format. */
function instantOf(day: string, time: string): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}+08:00`;
}
