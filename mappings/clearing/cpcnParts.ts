/** What the mappings of CPCN's messages have in common: times, amounts, and the words beside a failure. */
import { fenOf } from '../../contracts/canonical/money.ts';
import { Failure } from '../../contracts/failures.ts';
import { type CodeTable, unmapped } from '../codes/codeTable.ts';

interface Words {
  readonly ResponseCode?: string;
  readonly ResponseMessage?: string;
}

/** The row of a status; what the gateway said beside an unmapped one is shown. */
export function statusIn<Row>(table: CodeTable<Row>, answer: Words & { Status: string }): Row {
  const status = table.find(answer.Status);
  if (status === undefined) throw unmapped(table.name, answer.Status, undefined, answer.ResponseMessage);
  return status;
}

/** yyyyMMddHHmmssSSS in Asia/Shanghai, to the second. An impossible time is refused by the target's format. */
export function instantOf(time17: string): string {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(time17) ?? [];
  return `${y}-${mo}-${d}T${h}:${mi}:${s}+08:00`;
}

/** Why it failed, as the gateway says; both were seen empty. */
export function failedDetail({ ResponseCode, ResponseMessage }: Words) {
  return {
    detail: [ResponseCode, ResponseMessage].filter(Boolean).join(' ').slice(0, 500) || 'without a reason',
    ...(ResponseCode === undefined ? {} : { externalCode: ResponseCode }),
  };
}

export function amountFenOf(yuan: string, currency: string): string {
  if (currency !== 'CNY') throw refusedHere('#/currency', 'CPCN clears yuan only');
  return String(positiveFen(yuan, '#/amount'));
}

export function positiveFen(yuan: string, pointer: string): bigint {
  const fen = fenOf(yuan);
  if (fen === 0n) throw refusedHere(pointer, 'must be more than nothing');
  return fen;
}

/** What has ended says when. @throws Failure OUTCOME_UNKNOWN */
export function endedAt({ Status, time }: { Status: string; time: string | undefined }): string {
  if (time !== undefined) return instantOf(time);
  throw new Failure('OUTCOME_UNKNOWN', { detail: `status ${Status} without the time at which it came about` });
}

export function refusedHere(pointer: string, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail, errors: [{ pointer, code: 'not_supported', detail }] });
}
