/**
 * Account proofs (对公账户打款认证) of the vendor: it pays a random amount below one yuan through its bank, minutes later, and
 * looks at what is typed back, three times, for 72 hours. The bank behind it refuses, or sends back a day later.
 */
import { createHash } from 'node:crypto';
import type { TwinContext } from '../twin.ts';
import { companies } from '../world.ts';

interface Proof {
  /** What was asked, hashed. */
  readonly asked: string;
  readonly entName: string;
  readonly accountNo: string;
  readonly serialNo: string;
  readonly validToMs: number;
  readonly amount: string;
  state: 'P0' | 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6';
  reason?: 'R1' | 'R2' | 'R3' | 'R4' | 'R5';
  triesLeft: number;
  /** When the third wrong amount was typed. */
  lockedMs?: number;
}

interface Said {
  readonly resultCode: string;
  readonly message: string;
  readonly triesLeft?: number;
}

export interface AccountMemory {
  /** By request number. */
  readonly proofs: Record<string, Proof>;
  readonly confirmations: Record<string, { asked: string; said: Said }>;
  serial: number;
  channelDown: boolean;
}

type Context = TwinContext<AccountMemory>;
type Fields = Readonly<Record<string, string>>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const validMs = 72 * hourMs;
const triesMax = 3;
const beijingMs = 8 * hourMs;

/** How a bank treats an account that ends so. `late`: the payment is on its way for a day. */
const endings: Readonly<Record<string, 'R3' | 'R4' | 'R5' | 'back' | 'late'>> = {
  '5555': 'late',
  '6666': 'R5',
  '7777': 'R4',
  '8888': 'R3',
  '9999': 'back',
};
/** A bank that the vendor cannot pay, and one whose channel is down while the vendor's is. */
const unpaidBank = '999999999999';
const downBank = '102000000004';

const account = 'account of a proof 打款账号';
const bank = 'bank of a proof 联行号';
export const accountMagic = [
  { where: account, value: '…5555', effect: 'paid after a day 一天后打出' },
  { where: account, value: '…6666', effect: 'the bank refuses 银行拒收 (R5)' },
  { where: account, value: '…7777', effect: 'frozen 账户冻结 (R4)' },
  { where: account, value: '…8888', effect: 'closed 账户已销 (R3)' },
  { where: account, value: '…9999', effect: 'paid, and sent back the next day 次日退回 (P3)' },
  { where: bank, value: unpaidBank, effect: 'cannot be paid 不支持 (14)' },
  { where: bank, value: downBank, effect: 'channel error 渠道异常 (04), until the act channelUp' },
] as const;

export const accountMemory = (): Pick<AccountMemory, 'proofs' | 'confirmations'> => ({ proofs: {}, confirmations: {} });

/** The answer to one of the four account interfaces, whose fields are in the clear. */
export function respondAccount(path: string, clear: Fields, twin: Context): object {
  const { requestNo = '' } = clear;
  const { proofs, confirmations } = twin.memory;
  if (path === '/idv/v1/account-query') return shown(requestNo, own(proofs, requestNo));
  if (path === '/idv/v1/account-confirm-query')
    return { requestNo, ...(own(confirmations, requestNo)?.said ?? said('06', 'no such request')) };
  const asked = createHash('sha256')
    .update(JSON.stringify([path, ...Object.entries(clear).toSorted(([a], [b]) => (a < b ? -1 : 1))]))
    .digest('hex');
  return path === '/idv/v1/account-proof'
    ? start(requestNo, asked, clear, twin)
    : confirm(requestNo, asked, clear, twin);
}

function start(requestNo: string, asked: string, clear: Fields, twin: Context): object {
  const { memory } = twin;
  const known = own(memory.proofs, requestNo);
  if (known) return known.asked === asked ? shown(requestNo, known) : { requestNo, ...otherContent };
  const { entName = '', accountNo = '', bankCode = '' } = clear;
  if (!/^\d{6,32}$/.test(accountNo) || !/^\d{12}$/.test(bankCode))
    return { requestNo, ...said('07', 'account or bank') };
  if (bankCode === unpaidBank) return { requestNo, ...said('14', 'this bank cannot be paid') };
  if (bankCode === downBank && memory.channelDown) return { requestNo, ...said('04', 'the bank does not answer') };
  const nowMs = twin.clock.now().getTime();
  const lockedToday = Object.values(memory.proofs).some(
    (each) => each.accountNo === accountNo && each.lockedMs !== undefined && dayOf(each.lockedMs) === dayOf(nowMs),
  );
  if (lockedToday) return { requestNo, ...said('15', 'three wrong amounts today') };
  const fen = 1 + (Number(twin.chance.digits(6, 'proof', requestNo)) % 99);
  const proof: Proof = {
    asked,
    entName,
    accountNo,
    serialNo: `ACC${String((memory.serial += 1)).padStart(10, '0')}`,
    validToMs: nowMs + validMs,
    amount: `0.${String(fen).padStart(2, '0')}`,
    state: 'P0',
    triesLeft: triesMax,
  };
  memory.proofs[requestNo] = proof;
  twin.effect('proofStarted', requestNo, { serialNo: proof.serialNo });
  twin.later('pay', { requestNo }, endings[accountNo.slice(-4)] === 'late' ? 24 * hourMs : 10 * minuteMs);
  twin.later('expireProof', { requestNo }, validMs);
  return shown(requestNo, proof);
}

function confirm(requestNo: string, asked: string, clear: Fields, twin: Context): object {
  const { proofs, confirmations } = twin.memory;
  const known = own(confirmations, requestNo);
  if (known) return { requestNo, ...(known.asked === asked ? known.said : otherContent) };
  const { proofNo = '', amount = '' } = clear;
  if (!/^0\.\d\d$/.test(amount)) return { requestNo, ...said('07', 'amount') };
  const proof = own(proofs, proofNo);
  if (!proof) return { requestNo, ...said('06', 'no such proof') };
  // While the payment is on its way nothing is settled: the same number may try again.
  if (proof.state === 'P0') return { requestNo, ...said('23', 'the payment is under way') };
  const verdict = tried(proof, amount, twin.clock.now().getTime());
  confirmations[requestNo] = { asked, said: verdict };
  if (verdict.triesLeft !== undefined)
    twin.effect('confirmed', requestNo, { proofNo, resultCode: verdict.resultCode, triesLeft: verdict.triesLeft });
  return { requestNo, ...verdict };
}

function tried(proof: Proof, amount: string, nowMs: number): Said {
  if (proof.state === 'P6' || (proof.state === 'P1' && nowMs > proof.validToMs)) return said('21', 'expired');
  if (proof.state === 'P5') return said('22', 'no tries left');
  if (proof.state === 'P2' || proof.state === 'P3') return said('24', 'the payment failed or came back');
  if (proof.state === 'P4') return said('25', 'proven before');
  if (amount === proof.amount) {
    proof.state = 'P4';
    return { ...said('01', 'match'), triesLeft: proof.triesLeft };
  }
  proof.triesLeft -= 1;
  if (proof.triesLeft === 0) {
    proof.state = 'P5';
    proof.lockedMs = nowMs;
  }
  return { ...said('02', 'mismatch'), triesLeft: proof.triesLeft };
}

export const accountActs = {
  /** `{ requestNo }`: the bank books the payment, or does not. */
  pay({ requestNo }: Record<string, unknown>, twin: Context): void {
    const proof = own(twin.memory.proofs, String(requestNo));
    if (proof?.state !== 'P0') return;
    const ending = endings[proof.accountNo.slice(-4)];
    const holder = companies.find(({ account }) => account.accountNo === proof.accountNo)?.name;
    if (ending === 'R3' || ending === 'R4' || ending === 'R5') return fail(proof, 'P2', ending);
    if (ending === undefined && holder === undefined) return fail(proof, 'P2', 'R1');
    if (holder !== undefined && holder !== proof.entName) return fail(proof, 'P2', 'R2');
    proof.state = 'P1';
    twin.effect('paid', String(requestNo), { amount: proof.amount, accountNo: proof.accountNo });
    if (ending === 'back') twin.later('sendBack', { requestNo }, 24 * hourMs);
  },
  /** `{ requestNo }`: the payee's bank sends the payment back (退票), the next day. */
  sendBack({ requestNo }: Record<string, unknown>, twin: Context): void {
    const proof = own(twin.memory.proofs, String(requestNo));
    if (proof?.state !== 'P1' && proof?.state !== 'P0') return;
    fail(proof, 'P3', 'R2');
    twin.effect('cameBack', String(requestNo), { amount: proof.amount });
  },
  /** `{ requestNo }`: 72 hours are over. */
  expireProof({ requestNo }: Record<string, unknown>, twin: Context): void {
    const proof = own(twin.memory.proofs, String(requestNo));
    if (proof?.state === 'P0' || proof?.state === 'P1') proof.state = 'P6';
  },
} as const;

function fail(proof: Proof, state: 'P2' | 'P3', reason: NonNullable<Proof['reason']>): void {
  proof.state = state;
  proof.reason = reason;
}

function shown(requestNo: string, proof: Proof | undefined): object {
  if (!proof) return { requestNo, ...said('06', 'no such request') };
  const { serialNo, state, reason, triesLeft } = proof;
  const validTo = new Date(proof.validToMs + beijingMs).toISOString().replace(/\.\d+Z$/, '+08:00');
  return { requestNo, ...said('10', 'taken'), serialNo, validTo, state, ...(reason ? { reason } : {}), triesLeft };
}

const said = (resultCode: string, message: string): Said => ({ resultCode, message });
const otherContent = said('A7', 'the request number was used for something else');
const dayOf = (ms: number): number => Math.floor((ms + beijingMs) / (24 * hourMs));

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
