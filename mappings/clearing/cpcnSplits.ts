/** Collections that go to several (分账) to and from CPCN: one 5011 with its parts, and what became of each. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { clearing, SplitCollection, SplitSettled, SplitTaken } from '../../contracts/clearing/clearing.ts';
import { Cpcn5011Split, CpcnSplit, CpcnTaken } from '../../contracts/clearing/cpcn.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { cpcnSplitStatuses, cpcnStatuses } from './cpcn.codes.ts';
import { amountFenOf, failedDetail, instantOf, positiveFen, refusedHere, statusIn } from './cpcnParts.ts';
import { instructionNoOf, splitTxSnOf, txSnOf } from './cpcnTxSn.ts';

const bound = 'the gateway holds the bound accounts and knows them by user and account number';
const words = 'told when it failed at once, and then shown';

/** The parts sum to the amount, or nothing is sent. */
export const splitOf = mapping(
  'clearing.cpcn.split',
  SplitCollection,
  Cpcn5011Split,
  ({ instructionNo, payer, amount, currency, parts, loanNo, postscript }) => {
    const [first] = parts;
    if (!first) throw refusedHere('#/parts', 'a split has parts');
    const sum = parts.reduce((total, part, at) => total + positiveFen(part.amount, `#/parts/${at}/amount`), 0n);
    if (sum !== fenOf(amount)) throw refusedHere('#/amount', 'the parts do not sum to the amount');
    if (new Set(parts.map(({ partNo }) => partNo)).size !== parts.length)
      throw refusedHere('#/parts', 'two parts have one number');
    return {
      TxSN: txSnOf(instructionNo),
      OrderNo: instructionNo,
      PayerUserID: payer.company.uscc,
      PayerAccountNumber: payer.account.accountNo,
      PayeeUserID: first.payee.company.uscc,
      PayeeAccountNumber: first.payee.account.accountNo,
      PaymentWay: '30' as const,
      Amount: amountFenOf(amount, currency),
      HasSubsequentSplit: '1' as const,
      Remark: postscript,
      Extension: loanNo,
      SplitItems: parts.map(({ partNo, payee, amount: share }) => ({
        SplitTxSN: splitTxSnOf(instructionNo, partNo),
        SplitUserID: payee.company.uscc,
        SplitAccountNumber: payee.account.accountNo,
        SplitAmount: String(fenOf(share)),
        Note: postscript,
      })),
    };
  },
  {
    drops: {
      '/payer/company/name': bound,
      '/payer/account/accountName': bound,
      '/payer/account/bankName': bound,
      '/payer/account/bankCode': bound,
      '/parts/[]/payee/company/name': bound,
      '/parts/[]/payee/account/accountName': bound,
      '/parts/[]/payee/account/bankName': bound,
      '/parts/[]/payee/account/bankCode': bound,
    },
  },
);

export const splitTakenOf = mapping(
  'clearing.cpcn.splitTaken',
  CpcnTaken,
  SplitTaken,
  (answer) => {
    if (statusIn(cpcnStatuses, answer) === 'failed') throw new Failure('SYSTEM_REFUSED', failedDetail(answer));
    return { clearingNo: answer.TxSN };
  },
  { drops: { '/ResponseCode': words, '/ResponseMessage': words } },
);

/** Taken is what it has parts for, whatever became of them. */
export const splitEnquiryOf = mapping(
  'clearing.cpcn.splitEnquiry',
  CpcnSplit,
  clearing.operations.querySplit.response,
  (split): Static<typeof clearing.operations.querySplit.response.schema> => {
    const parts = partsOf(split);
    if (parts.every(({ status }) => status === 'failed'))
      return { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: 'no receiver got its part' };
    return { outcome: 'confirmed', response: { clearingNo: split.TxSN } };
  },
  {
    leaves: {
      '/<outcome=pending>': 'what was taken is confirmed, however it goes on',
      '/<outcome=notFound>': 'the dialect answers it: head code X004 comes without a body',
    },
  },
);

/** @throws Failure OUTCOME_UNKNOWN while a part is under way: ask `isSplitPending` first */
export const splitSettledOf = mapping('clearing.cpcn.splitSettled', CpcnSplit, SplitSettled, (split) => {
  const ended = partsOf(split).map(({ partNo, amount, status, time }) => {
    if (status === 'pending' || time === undefined)
      throw new Failure('OUTCOME_UNKNOWN', { detail: `part ${partNo} has not ended` });
    return { part: { partNo, amount, status }, time };
  });
  const failed = ended.filter(({ part }) => part.status === 'failed').length;
  const last = ended.reduce((latest, { time }) => (time > latest ? time : latest), '');
  return {
    instructionNo: instructionNoOf(split.TxSN),
    status: failed === 0 ? ('succeeded' as const) : failed === ended.length ? ('failed' as const) : ('partly' as const),
    amount: yuanOf(BigInt(split.Amount)),
    parts: ended.map(({ part }) => part),
    settledAt: instantOf(last),
  };
});

export const splitSettlementOf = mapping(
  'clearing.cpcn.splitSettlement',
  CpcnSplit,
  clearing.operations.readSplit.response,
  (split): Static<typeof clearing.operations.readSplit.response.schema> =>
    isSplitPending(split) ? { outcome: 'pending' } : { outcome: 'confirmed', response: splitSettledOf(split) },
  {
    leaves: {
      '/<outcome=refused>': 'a split that failed is a result, hence confirmed',
      '/<outcome=notFound>': 'the dialect answers it: head code X004 comes without a body',
    },
  },
);

export function isSplitPending(split: Split): boolean {
  return partsOf(split).some(({ status }) => status === 'pending');
}

/** Whether what the gateway holds is what was ordered: the same receivers by number, the same shares. */
export function isSameSplit(held: Split, ordered: Message<typeof Cpcn5011Split>): boolean {
  const shares = (of: readonly { SplitTxSN: string; SplitAmount: string }[]) =>
    of
      .map(({ SplitTxSN, SplitAmount }) => `${SplitTxSN} ${SplitAmount}`)
      .sort()
      .join();
  return held.Amount === ordered.Amount && shares(held.SplitItems) === shares(ordered.SplitItems);
}

type Split = Message<typeof CpcnSplit>;

/** The parts, which belong to this collection and sum to it with what none of them has: else it is no answer to go by. */
function partsOf({ TxSN, Amount, AvailableSplitAmount, SplitItems }: Split) {
  const sum = SplitItems.reduce((total, { SplitAmount }) => total + BigInt(SplitAmount), BigInt(AvailableSplitAmount));
  if (sum !== BigInt(Amount) || SplitItems.some(({ SplitTxSN }) => SplitTxSN.slice(0, -2) !== TxSN))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'the parts are not those of the collection' });
  return SplitItems.map((item) => ({
    partNo: Number(item.SplitTxSN.slice(-2)),
    amount: yuanOf(BigInt(item.SplitAmount)),
    status: cpcnSplitStatuses.of(item.SplitStatus, '#/SplitItems/SplitStatus'),
    time: item.SplitResponseTime ?? item.ResponseTime,
  }));
}
