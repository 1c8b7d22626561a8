/** What the bank has in its books, in the words of ICBC's services: snake case, numbers as short strings, own codes. */
import { fenOf, fileOf, today, yuanOf, type Bank, type Books } from './books.ts';
import { withdrawalOf as withdrawal } from './desk.ts';
import { creditDecision, paymentResult, releaseDecision, repaymentPosting } from './reports.ts';
import { Refusal } from './refusal.ts';

/** A movement on the funder's own account. */
interface Entry {
  readonly serial: string;
  /** `yyyyMMddHHmmss`. */
  readonly at: string;
  readonly debit: boolean;
  readonly amount: string;
  readonly summary: '100' | '200' | '300' | '400' | '900';
  readonly name?: string;
  readonly account?: string;
  readonly instrNo?: string;
  readonly remark?: string;
}

export interface IcbcBooks extends Books {
  /** Where the partner wants to be told: from the last request that said so. */
  notifyUrl: string;
  /** Whether the partner's last request was encrypted: what is told it then is, too. */
  sealed: boolean;
  readonly entries: Entry[];
  /** Instructions of which the bank itself does not know yet what became (待核查). */
  readonly suspects: Record<string, true>;
}

type Report = Readonly<Record<string, unknown>>;

const verdictCodes: Readonly<Record<string, string>> = { '09': '0', '00': '1', '01': '2' };
const resultCodes: Readonly<Record<string, string>> = { P: '0', S: '7', F: '6', B: '12' };

/** No decimals where they are zero: `800000.00` is `800000`. */
export function short(number: unknown): string {
  return String(number)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

export function dayShown(day: unknown): string {
  return String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

function stampShown(stamp: unknown): string {
  return String(stamp).replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3 $4:$5:$6');
}

const maybe = (name: string, value: unknown, shown: (value: unknown) => unknown = (same) => same) =>
  value === undefined ? {} : { [name]: shown(value) };

function decisionSaid(r: Report): object {
  const offer = r['offer'] as Report | undefined;
  return {
    appl_no: r['applNo'],
    ref_no: r['bankRef'],
    appr_status: verdictCodes[String(r['status'])],
    ...maybe('appr_time', r['decTime'], stampShown),
    ...maybe('remark', r['reason']),
    ...(offer
      ? {
          credit: {
            amount: short(offer['amt']),
            rate: short(offer['rate']),
            term_days: String(offer['termDays']),
            rate_basis: offer['basis'] === 'A360' ? '1' : '2',
            ...maybe('pledge_rate', offer['pledgeRate'], short),
            valid_until: stampShown(offer['validUntil']),
          },
        }
      : {}),
  };
}

function paymentSaid(r: Report): object {
  const loan = r['loan'] as Report | undefined;
  return {
    instr_no: r['instrNo'],
    result: resultCodes[String(r['status'])],
    amount: short(r['amt']),
    ...maybe('settle_time', r['settleTime'], stampShown),
    ...maybe('serial_no', r['serialNo']),
    ...maybe('remark', r['reason']),
    ...(loan
      ? {
          loan: {
            loan_no: loan['loanNo'],
            start_date: dayShown(loan['startDate']),
            due_date: dayShown(loan['dueDate']),
            rate: short(loan['rate']),
          },
        }
      : {}),
  };
}

function postingSaid(r: Report): object {
  const alloc = r['alloc'] as Report | undefined;
  return {
    repay_no: r['repayNo'],
    loan_no: r['loanNo'],
    post_status: verdictCodes[String(r['status'])],
    amount: short(r['amt']),
    value_date: dayShown(r['valueDate']),
    ...maybe('posting_no', r['postNo']),
    ...maybe('post_time', r['postTime'], stampShown),
    ...(alloc
      ? { allocation: Object.fromEntries(Object.entries(alloc).map(([item, amount]) => [item, short(amount)])) }
      : {}),
    ...maybe('principal_balance', r['balance'], short),
    ...maybe('remark', r['reason']),
  };
}

function releaseSaid(r: Report): object {
  return {
    release_no: r['relNo'],
    appr_status: verdictCodes[String(r['status'])],
    ...maybe('appr_time', r['decTime'], stampShown),
    ...maybe('maker', r['maker']),
    ...maybe('checker', r['checker']),
    ...maybe('remark', r['reason']),
  };
}

/** The bank's news, by the name that its people give them: the service that they are told as, and how. */
export const news: Readonly<Record<string, { api: string; said: (report: Report) => object }>> = {
  CREDIT_DECISION: { api: '/scf/creditdecided/V1', said: decisionSaid },
  PAYMENT_RESULT: { api: '/scf/loandisbursed/V1', said: paymentSaid },
  REPAYMENT_POSTED: { api: '/scf/repaymentposted/V1', said: postingSaid },
  RELEASE_DECISION: { api: '/scf/releasedecided/V1', said: releaseSaid },
};

export function withdrawnOf(no: string, bank: Bank): object {
  const { applNo, recTime } = withdrawal(no, bank) as Report;
  return { appl_no: applNo, reg_status: '1', withdraw_time: stampShown(recTime) };
}

export const decisionOf = (no: string, bank: Bank) => decisionSaid(creditDecision(no, bank) as Report);
export const postingOf = (no: string, bank: Bank) => postingSaid(repaymentPosting(no, bank) as Report);
export const releaseDecisionOf = (no: string, bank: Bank) => releaseSaid(releaseDecision(no, bank) as Report);

/** 95 (待核查) while the bank does not know itself. */
export function paymentOf(no: string, bank: Bank): object {
  const said = paymentSaid(paymentResult(no, bank) as Report);
  const { suspects } = bank.memory as IcbcBooks;
  const underWay = fileOf(bank.memory.payments, no, '4040').status === 'P';
  return underWay && Object.hasOwn(suspects, no) ? { ...said, result: '95' } : said;
}

const pageLines = 100;
const openingFen = 10_000_000_000n;

/** One page of the movements of a day; the mark of the next is the serial number of the last line. */
export function statementPage(
  ask: { accountNo: string; day: string; nextTag: string; own: readonly string[] },
  bank: Bank,
): object {
  const { accountNo, day, nextTag, own } = ask;
  if (!own.includes(accountNo)) throw new Refusal('2003', '账号不存在或未签约');
  if (day > today(bank)) throw new Refusal('1002', 'trade_date: 日期晚于当前业务日');
  const { entries } = bank.memory as IcbcBooks;
  const lines = entries.filter(({ at }) => at.startsWith(day));
  const from = nextTag === '' ? 0 : lines.findIndex(({ serial }) => serial === nextTag) + 1;
  if (nextTag !== '' && from === 0) throw new Refusal('1002', 'next_tag: 续查标识无效');
  const page = lines.slice(from, from + pageLines);
  const sumOf = (of: readonly Entry[]) =>
    of.reduce((sum, { debit, amount }) => (debit ? sum - fenOf(amount) : sum + fenOf(amount)), 0n);
  const opening = openingFen + sumOf(entries.filter(({ at }) => at.slice(0, 8) < day));
  return {
    account_no: accountNo,
    trade_date: dayShown(day),
    closed_flag: day < today(bank) ? '1' : '0',
    opening: short(yuanOf(opening)),
    closing: short(yuanOf(opening + sumOf(lines))),
    next_tag: from + pageLines < lines.length ? (page.at(-1)?.serial ?? '') : '',
    details: page.map(lineSaid),
  };
}

function lineSaid(entry: Entry): object {
  return {
    serial_no: entry.serial,
    trade_time: stampShown(entry.at),
    drcr_flag: entry.debit ? '1' : '2',
    amount: short(entry.amount),
    currency: '001',
    summary_code: entry.summary,
    ...maybe('opp_name', entry.name),
    ...maybe('opp_account', entry.account),
    ...maybe('instr_no', entry.instrNo),
    ...maybe('remark', entry.remark),
  };
}
