/** What the funder by packages writes into the folder: receipts, and the approvals of a day with their signature beside them. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import type { TwinContext } from '../twin.ts';
import { funder } from '../world.ts';
import { fenOf, nextNumber, nowStamp, today, yuanOf, type Books } from './books.ts';
import type { Named } from './packageReading.ts';
import { signBeside, signToken } from './packageSeal.ts';

export const institution = 'LSHUB01';

export interface PackageBooks extends Books {
  /** Names of packages that were looked at. */
  readonly seen: Record<string, true>;
  /** By kind and number: the stem of the package that was taken. */
  readonly taken: Record<string, string>;
  /** By stem: what the last receipt said, and how many there are. */
  readonly receipts: Record<string, { count: number; said: Receipt }>;
  /** By day: the last approvals file. */
  readonly approvals: Record<string, number>;
  /** By repayment: the day on which it was sent back. */
  readonly sentBack: Record<string, string>;
  /** By day: the night after it is planned. */
  readonly nights: Record<string, true>;
}
export type Funder = TwinContext<PackageBooks>;

export interface Receipt {
  readonly named: Named;
  readonly code: string;
  readonly words?: string;
  readonly read: readonly { name: string; sha256: string }[];
  readonly files: readonly { name: string; code: string }[];
}

/** Each receipt is a file of its own; the next one takes its place. */
export async function writeReceipt(bank: Funder, said: Receipt): Promise<void> {
  const { named, code, words, read, files } = said;
  const count = (bank.memory.receipts[named.stem]?.count ?? 0) + 1;
  bank.memory.receipts[named.stem] = { count, said };
  const { kind, no, sequence } = named;
  const content = {
    format: 'LIANSHU-RECEIPT-1',
    packageNo: `PKG-${no}`,
    institution: named.institution,
    kind,
    sequence,
    receiptNo: nextNumber(bank, 'RC'),
    receivedAt: instant(bank),
    code,
    ...(words === undefined ? {} : { words }),
    read,
    files,
  };
  const token = await signToken(bank.key('sign.pem'), JSON.stringify(content), 'package-receipt');
  write(bank, `RCP_${named.institution}_${kind}_${no}_${sequence}_${two(count)}.rcp`, token);
}

export interface Manner {
  /** The trailer counts a line more than there is. */
  readonly wrongTrailer?: boolean;
  readonly oldKey?: boolean;
  readonly encoding?: string;
  /** Only half of it, and no signature yet. */
  readonly half?: boolean;
  /** A line about something that the hub never sent. */
  readonly stranger?: boolean;
}

/** Decisions of a day. The same day again is a re-issued one (重发) and takes the next number. */
export async function writeApprovals(bank: Funder, on: string, next: number, manner: Manner = {}): Promise<void> {
  bank.memory.approvals[on] = next;
  const name = `APPROVAL_${institution}_${on}_${two(next)}.csv`;
  const text = approvalsOf(bank, on, next, manner);
  const bytes = iconv.encode(text, manner.encoding === 'GBK' ? 'gbk' : 'utf8');
  if (manner.half === true) return write(bank, name, bytes.subarray(0, bytes.length >> 1));
  write(bank, name, bytes);
  const key = manner.oldKey === true ? 'sign-old.pem' : 'sign.pem';
  write(bank, `${name}.sig`, await signBeside(bank.key(key), bytes));
}

function approvalsOf(bank: Funder, on: string, next: number, { wrongTrailer, stranger }: Manner): string {
  const lines = [
    ...creditLines(bank, on),
    ...postingLines(bank, on),
    ...releaseLines(bank, on),
    ...feedbackLines(bank, on),
  ];
  if (stranger === true)
    lines.push({
      cells: ['R', 'RO-OF-NOBODY', 'PKG-RO-OF-NOBODY', '9', '甲', '乙', nowStamp(bank), ''],
      amount: '0.00',
    });
  const total = lines.reduce((sum, { amount }) => sum + fenOf(amount), 0n);
  const count = lines.length + (wrongTrailer === true ? 1 : 0);
  const rows = [
    ['H', institution, funder.name, on, two(next), nowStamp(bank)],
    ...lines.map(({ cells }) => cells),
    ['T', String(count), yuanOf(total)],
  ];
  return rows.map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`).join('');
}

interface Line {
  readonly cells: readonly string[];
  readonly amount: string;
}

const dayCounts = { A360: '01', A365: '02' } as const;

function creditLines(bank: Funder, on: string): Line[] {
  return Object.entries(bank.memory.applications).flatMap(([no, { decision }]) => {
    if (decision?.decTime.slice(0, 8) !== on) return [];
    const { offer, decTime, reason = '' } = decision;
    const start = ['C', no, `PKG-${no}`];
    if (!offer) return [{ cells: [...start, '2', '', '', '', '', '', '', decTime, reason], amount: '0.00' }];
    const terms = [offer.amt, offer.rate, String(offer.termDays), dayCounts[offer.basis], offer.pledgeRate ?? ''];
    return [{ cells: [...start, '1', ...terms, offer.validUntil, decTime, reason], amount: offer.amt }];
  });
}

function postingLines(bank: Funder, on: string): Line[] {
  const { repayments, sentBack } = bank.memory;
  return Object.entries(repayments).flatMap(([no, { request, status, posting, reason = '' }]) => {
    if (status === '01' && sentBack[no] === undefined) sentBack[no] = today(bank);
    if (status === '09' || (posting?.postTime.slice(0, 8) ?? sentBack[no]) !== on) return [];
    const { loanNo, amt, valueDate } = request;
    const start = ['P', no, `PKG-${no}`, status === '00' ? '1' : '2', loanNo, amt, valueDate];
    if (!posting) return [{ cells: [...start, '', '', '', '', '', '', '', reason], amount: amt }];
    const { postNo, postTime, alloc, balance } = posting;
    const parts = [alloc.fee, alloc.penalty, alloc.interest, alloc.principal, balance];
    return [{ cells: [...start, postNo, postTime, ...parts, reason], amount: amt }];
  });
}

function releaseLines(bank: Funder, on: string): Line[] {
  return Object.entries(bank.memory.releases).flatMap(([no, { decision }]) => {
    if (decision?.decTime.slice(0, 8) !== on) return [];
    const { status, maker, checker, decTime, reason = '' } = decision;
    const result = status === '00' ? '1' : '2';
    return [{ cells: ['R', no, `PKG-${no}`, result, maker, checker, decTime, reason], amount: '0.00' }];
  });
}

function feedbackLines(bank: Funder, on: string): Line[] {
  return Object.entries(bank.memory.feedbacks).flatMap(([no, { result }]) => {
    if (result?.chkTime.slice(0, 8) !== on) return [];
    const rejects = result.rejects.map(({ rowType, rowNo, reason }) => `${rowType}|${rowNo}|${reason}`).join(';');
    const verdict = result.status === '00' ? '1' : '2';
    return [{ cells: ['F', no, `PKG-${no}`, verdict, result.chkTime, rejects], amount: '0.00' }];
  });
}

/** Whole or not at all, as far as whoever looks can tell. */
function write(bank: Funder, name: string, content: string | Buffer): void {
  const exchange = join(bank.folder, 'exchange');
  writeFileSync(join(exchange, `draft-${name}`), content);
  renameSync(join(exchange, `draft-${name}`), join(exchange, 'in', name));
}

function instant(bank: Funder): string {
  const stamp = nowStamp(bank);
  const at = (from: number, to: number) => stamp.slice(from, to);
  return `${at(0, 4)}-${at(4, 6)}-${at(6, 8)}T${at(8, 10)}:${at(10, 12)}:${at(12, 14)}+08:00`;
}

const two = (number: number): string => String(number).padStart(2, '0');
