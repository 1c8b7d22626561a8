/** The bank's desk of post-loan management: it registers what is fed back, adds it up, and says which rows it does not take. */
import { answeredBefore, digestOf, fileOf, nextNumber, nowStamp, type Bank, type FeedbackFile } from './books.ts';
import type { Feedback } from './fields.ts';
import { Refusal } from './refusal.ts';

const hour = 3_600_000;
const checkMs = 2 * hour;

export function submitFeedback(request: Feedback, bank: Bank): object {
  const { feedbacks } = bank.memory;
  const before = answeredBefore(feedbacks, request.fbNo, request);
  if (before) return before;
  assertTotals(request);
  const answer = { bankRef: nextNumber(bank, 'FB') };
  feedbacks[request.fbNo] = { digest: digestOf(request), request, answer };
  bank.effect('feedback', request.fbNo, {
    borrower: request.borrower.creditCode,
    rows: request.totals.rows,
    withheld: request.withheld.map(({ part }) => part),
    versions: [...request.amounts, ...request.quantities].filter(({ ver }) => ver > 1).map(({ rowNo }) => rowNo),
  });
  bank.later('checkFeedback', { feedbackNo: request.fbNo }, checkMs);
  return answer;
}

/** Control totals are held against the rows before anything is registered. */
function assertTotals({ amounts, quantities, totals }: Feedback): void {
  const sum = (texts: readonly string[]) => texts.reduce((all, text) => all + BigInt(text.replace('.', '')), 0n);
  const wrong =
    amounts.length + quantities.length !== totals.rows ||
    sum(amounts.map(({ amt }) => amt)) !== BigInt(totals.amt.replace('.', '')) ||
    sum(quantities.map(({ qty }) => qty)) !== BigInt(totals.qty.replace('.', ''));
  if (wrong) throw new Refusal('1002', 'the control totals are not those of the rows');
}

/** `{ feedbackNo, reject?, reason? }`: a number of a row that is not taken. Returns whether there was something to look at. */
export function check(args: Record<string, unknown>, bank: Bank): FeedbackFile | undefined {
  const file = fileOf(bank.memory.feedbacks, String(args['feedbackNo']), '4040');
  if (file.result) return undefined;
  const rows = [...file.request.amounts, ...file.request.quantities];
  const named = rows.find(({ rowNo }) => rowNo === args['reject']);
  const { feedbackRejects: plan } = bank.memory;
  const planned =
    plan.times > 0 && (plan.borrower ?? file.request.borrower.creditCode) === file.request.borrower.creditCode;
  const row = named ?? (planned ? rows[0] : undefined);
  if (!named && row) plan.times -= 1;
  const reason = typeof args['reason'] === 'string' ? args['reason'] : '与我行台账不符';
  file.result = {
    status: row ? '01' : '00',
    chkTime: nowStamp(bank),
    rejects: row ? [{ rowType: row.rowType, rowNo: row.rowNo, reason }] : [],
  };
  return file;
}

export function feedbackResult(fbNo: string, bank: Bank): object {
  const { answer, result } = fileOf(bank.memory.feedbacks, fbNo, '4040', 'feedback');
  return { fbNo, bankRef: answer.bankRef, ...(result ?? { status: '09' }) };
}
