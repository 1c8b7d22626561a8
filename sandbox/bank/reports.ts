/** What the bank says about a case: the same words when it is asked and when it tells by itself. */
import { fileOf, type Bank } from './books.ts';

export function creditDecision(applNo: string, bank: Bank): object {
  const file = fileOf(bank.memory.applications, applNo, '4040', 'application');
  return file.decision ?? { applNo, status: '09', bankRef: file.answer.bankRef };
}

export function paymentResult(instrNo: string, bank: Bank): object {
  const { request, status, settleTime, serialNo, loanNo, reason } = fileOf(
    bank.memory.payments,
    instrNo,
    '4040',
    'instruction',
  );
  const loan = loanNo === undefined ? undefined : bank.memory.loans[loanNo];
  return {
    instrNo,
    status,
    amt: request.amt,
    ...(settleTime === undefined ? {} : { settleTime }),
    ...(serialNo === undefined ? {} : { serialNo }),
    ...(loan
      ? { loan: { loanNo: loan.loanNo, startDate: loan.startDate, dueDate: loan.maturity, rate: loan.rate } }
      : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

export function repaymentPosting(repayNo: string, bank: Bank): object {
  const { request, status, posting, reason } = fileOf(bank.memory.repayments, repayNo, '4040', 'repayment');
  return {
    repayNo,
    loanNo: request.loanNo,
    status,
    amt: request.amt,
    valueDate: request.valueDate,
    ...posting,
    ...(reason === undefined ? {} : { reason }),
  };
}

export function releaseDecision(relNo: string, bank: Bank): object {
  const { decision } = fileOf(bank.memory.releases, relNo, '4040', 'release order');
  return { relNo, ...(decision ?? { status: '09' }) };
}
