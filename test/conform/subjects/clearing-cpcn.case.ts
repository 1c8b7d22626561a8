/** What is ordered of the clearing gateway CPCN, step by step: what its operations stand on. */
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import { dealers, funder, warehouse } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { sixDigits } from '../telling.ts';

export const sideOf = (party: { name: string; uscc: string; account: object }) => ({
  company: { name: party.name, uscc: party.uscc },
  account: party.account,
});
const [dealer] = dealers;
if (!dealer) throw new Error('the world has dealers');
export const number = (turn: number) => sixDigits('RP', turn);
export const collection = (turn: number) => ({
  instructionNo: number(turn),
  payer: sideOf(dealer),
  payee: sideOf(funder),
  amount: '10.00',
  currency: 'CNY',
  loanNo: 'LN20260901-000007',
  postscript: '归还借款本息',
});

export const splitNo = (turn: number) => sixDigits('SP', turn);
export const split = (turn: number) => ({
  instructionNo: splitNo(turn),
  payer: sideOf(dealer),
  amount: '10.01',
  currency: 'CNY',
  parts: [
    { partNo: 1, payee: sideOf(funder), amount: '7.00' },
    { partNo: 2, payee: sideOf(warehouse), amount: '3.01' },
  ],
  loanNo: 'LN20260901-000007',
  postscript: '归还借款本息及仓储费',
});

export const refundNo = (turn: number) => sixDigits('RF', turn);
/** Each of a collection of its own, so that none takes what another may give back. */
export async function refundable(ground: Ground, turn: number) {
  const paid = { ...collection(turn), instructionNo: sixDigits('RQ', turn) };
  await ground.confirmed('collect', paid);
  await settle(ground, paid);
  return {
    instructionNo: refundNo(turn),
    collectionNo: paid.instructionNo,
    amount: '4.00',
    currency: 'CNY',
    reason: '多扣利息退回',
  };
}

export const openingNo = (turn: number) => sixDigits('OP', turn);
const uscc = (turn: number) => `91350300MA${String(turn).padStart(8, '0')}`;
/** Each of another company: a second account would be refused. */
export const opening = (turn: number) => ({
  requestNo: openingNo(turn),
  company: { name: `莆田妈祖建材第${turn}有限公司`, uscc: uscc(turn) },
  legalRep: { name: '林志明', idNo: '350300198909090018', phone: '13800000041' },
  licence: { issuedOn: '2018-05-04', expiresOn: '2048-05-03' },
  account: {
    accountName: `莆田妈祖建材第${turn}有限公司`,
    accountNo: `41000200000007${String(turn).padStart(4, '0')}9`,
    bankName: '沙箱银行莆田分行',
    bankCode: '102393000018',
  },
  documentsNo: '20261123090000001IMG',
});

const numberIn = (request: object) => {
  const { instructionNo, requestNo } = request as { instructionNo?: string; requestNo?: string };
  return { TxSN: txSnOf(instructionNo ?? requestNo ?? '') };
};
export const settle = (ground: Ground, request: object) => ground.act('settle', numberIn(request));
export const settleRefund = (ground: Ground, request: object) => ground.act('settleRefund', numberIn(request));
export const review = (ground: Ground, request: object) => ground.act('review', numberIn(request));

/** Two of a kind that are done, asked about in turns; a number of nobody is made from that of turn 0. */
const done =
  (no: (turn: number) => string, make: (ground: Ground, turn: number) => Promise<void>) => async (ground: Ground) => {
    for (const turn of [1, 2]) await make(ground, turn);
    return (turn: number) => ({ no: no(1 + (turn % 2)) });
  };
export const splitDone = done(splitNo, async (ground, turn) => {
  await ground.confirmed('split', split(turn));
  await settle(ground, split(turn));
});
export const refundDone = done(refundNo, async (ground, turn) => {
  const request = await refundable(ground, turn);
  await ground.confirmed('refund', request);
  await settleRefund(ground, request);
});
export const openingDone = done(openingNo, async (ground, turn) => {
  await ground.confirmed('openAccount', opening(turn));
  await review(ground, opening(turn));
});

/** Two collections that were settled, asked about in turns. */
export async function settled(ground: Ground) {
  for (const turn of [1, 2]) {
    await ground.confirmed('collect', collection(turn));
    await settle(ground, collection(turn));
  }
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
}
