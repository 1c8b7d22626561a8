/** The bank's books: everything it remembers, as plain JSON. Amounts in fen, as text. */
import { createHash } from 'node:crypto';
import type { TwinContext } from '../twin.ts';
import { Refusal } from './refusal.ts';
import type { Application, Collateral, Disbursement, Feedback, Release, Repayment } from './fields.ts';
import type { Running } from './interest.ts';

/** What came in under a number, and the first answer to it: the same again gets the same again. */
interface Registered<T, A> {
  readonly digest: string;
  readonly request: T;
  readonly answer: A;
}

export interface CreditDecision {
  readonly applNo: string;
  readonly bankRef: string;
  readonly status: '00' | '01';
  readonly decTime: string;
  readonly offer?: {
    readonly amt: string;
    readonly rate: string;
    readonly termDays: number;
    readonly basis: 'A360' | 'A365';
    /** Of a loan against goods. */
    readonly pledgeRate?: string;
    readonly validUntil: string;
  };
  readonly reason?: string;
}

export interface ApplicationFile extends Registered<Application, { bankRef: string }> {
  /** Since when it is taken back, `yyyyMMddHHmmss`: nothing is decided or paid after that. */
  withdrawn?: { readonly digest: string; readonly time: string };
  decision?: CreditDecision;
  /** Business instant, epoch milliseconds, until which the offer may be drawn. */
  validUntilMs?: number;
  /** The limit (授信额度) that the approval opened: reserved while a payment is under way, used once it is made. */
  limit?: { totalFen: string; reservedFen: string; usedFen: string };
}

interface PledgeFile extends Registered<Collateral, { custodyNo: string }> {
  /** What is still in custody, by lot, in thousandths of the unit. */
  held: Record<string, string>;
}

export interface PaymentFile extends Registered<Disbursement, { payNo: string }> {
  /** P processing (处理中), S succeeded (成功), F failed (失败), B returned (退票). */
  status: 'P' | 'S' | 'F' | 'B';
  settleTime?: string;
  serialNo?: string;
  loanNo?: string;
  reason?: string;
}

export interface Loan extends Running {
  readonly loanNo: string;
  readonly applNo: string;
  readonly startDate: string;
  /** Percent with four decimals. */
  readonly rate: string;
  balanceFen: string;
  accruedTo: string;
  unpaid: { fee: string; penalty: string; interest: string };
  state: 'active' | 'settled' | 'reversed';
}

export interface RepaymentFile extends Registered<Repayment, { bankRef: string }> {
  /** 09 not posted yet, 00 posted, 01 sent back. */
  status: '09' | '00' | '01';
  posting?: {
    readonly postNo: string;
    readonly postTime: string;
    readonly alloc: {
      readonly fee: string;
      readonly penalty: string;
      readonly interest: string;
      readonly principal: string;
    };
    readonly balance: string;
  };
  reason?: string;
}

export interface ReleaseFile extends Registered<Release, { bankRef: string }> {
  decision?: { status: '00' | '01'; decTime: string; maker: string; checker: string; reason?: string };
}

export interface FeedbackFile extends Registered<Feedback, { bankRef: string }> {
  result?: {
    readonly status: '00' | '01';
    readonly chkTime: string;
    readonly rejects: readonly { readonly rowType: string; readonly rowNo: string; readonly reason: string }[];
  };
}

export interface Books {
  serial: number;
  /** Stands in all its numbers: two systems of one bank never give the same. */
  readonly series: string;
  /** While true, notices are lost on their way. */
  dropCallbacks: boolean;
  /** Orders whose package came back once (退回补正). */
  returned?: Record<string, true>;
  /** While true, repayments that were advised are not posted. */
  holdsPostings?: boolean;
  readonly applications: Record<string, ApplicationFile>;
  readonly pledges: Record<string, PledgeFile>;
  readonly payments: Record<string, PaymentFile>;
  readonly loans: Record<string, Loan>;
  readonly repayments: Record<string, RepaymentFile>;
  readonly releases: Record<string, ReleaseFile>;
  readonly feedbacks: Record<string, FeedbackFile>;
  /** So many of the next feedbacks come back with a row that is not taken. */
  feedbackRejects: { times: number; readonly borrower?: string };
}

export const emptyBooks = (series = ''): Books => ({
  serial: 0,
  series,
  dropCallbacks: false,
  applications: {},
  pledges: {},
  payments: {},
  loans: {},
  repayments: {},
  releases: {},
  feedbacks: {},
  feedbackRejects: { times: 0 },
});

export type Bank = TwinContext<Books>;

/** One of a shelf of files; a number that was never used is a refusal. */
export function fileOf<T>(
  shelf: Record<string, T>,
  number: string,
  code: '2003' | '4040' = '2003',
  what = 'number',
): T {
  const file = Object.hasOwn(shelf, number) ? shelf[number] : undefined;
  if (file === undefined) throw new Refusal(code, `${what} ${number} is not known here`);
  return file;
}

/** The first answer when this number came before with the same content. @throws Refusal 2002 with another. */
export function answeredBefore<A>(
  shelf: Record<string, Registered<unknown, A>>,
  number: string,
  request: unknown,
): A | undefined {
  const file = Object.hasOwn(shelf, number) ? shelf[number] : undefined;
  if (!file) return undefined;
  if (file.digest !== digestOf(request)) throw new Refusal('2002');
  return file.answer;
}

/** Fields come in the order in which our own shapes read them, whatever order they were sent in. */
export function digestOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

/** `<prefix><yyyyMMdd><six digits>`. */
export function nextNumber(bank: Bank, prefix: string): string {
  bank.memory.serial += 1;
  return `${prefix}${bank.memory.series}${today(bank)}${String(bank.memory.serial).padStart(6, '0')}`;
}

/** Business time in Beijing, `yyyyMMddHHmmss`. */
export function stamp(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}

export function nowStamp(bank: Bank): string {
  return stamp(bank.clock.now().getTime());
}

export function today(bank: Bank): string {
  return nowStamp(bank).slice(0, 8);
}

export const fenOf = (yuan: string): bigint => BigInt(yuan.replace('.', ''));

export function yuanOf(fen: bigint): string {
  const digits = fen.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `"5.2000"` percent is 52000 millionths. */
export const ppmOf = (percent: string): bigint => BigInt(percent.replace('.', ''));
