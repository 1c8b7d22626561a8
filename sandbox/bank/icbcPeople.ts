/**
 * The people of a bank behind ICBC's gateway. What they do is what any bank's people do; here is how it is told to the
 * partner, what moves on the account that the partner reads, and the bad days of a payment.
 *
 * Magic fen of a payment, beyond those of `people.ts` (`…000.02` fails, `…000.03` is returned a day later): `…000.04` is
 * taken, then the bank does not know itself for two hours (95 待核查), then it succeeds.
 */
import { randomUUID } from 'node:crypto';
import { fileOf, nowStamp, nextNumber, type Bank } from './books.ts';
import { aesSeal, identity, orderedText, replySaid, rsaSign } from './icbcSeal.ts';
import { news, type IcbcBooks } from './icbcReports.ts';
import { people as bankPeople } from './people.ts';

const hourMs = 3_600_000;
const suspectMs = 2 * hourMs;
const suspectEnding = '000.04';

type Args = Record<string, unknown>;
type Act = (args: Args, bank: Bank) => Promise<void> | void;

const does = (name: string): Act => bankPeople[name] ?? (() => undefined);
const booksOf = (bank: Bank): IcbcBooks => bank.memory as IcbcBooks;

export const icbcPeople: Readonly<Record<string, Act>> = {
  ...bankPeople,
  settle,
  bounce: then(does('bounce'), bookReturn),
  post: then(does('post'), bookRepayment),
  enter,
  notify,
};

/** `{ instructionNo }`. */
async function settle(args: Args, bank: Bank): Promise<void> {
  const no = String(args['instructionNo']);
  const { status, request } = fileOf(bank.memory.payments, no, '4040');
  const { suspects } = booksOf(bank);
  if (status === 'P' && request.amt.endsWith(suspectEnding) && !Object.hasOwn(suspects, no)) {
    suspects[no] = true;
    bank.later('settle', args, suspectMs);
    return;
  }
  await does('settle')(args, bank);
  bookPayment(args, bank);
}

function then(act: Act, book: (args: Args, bank: Bank) => void): Act {
  return async (args, bank) => {
    await act(args, bank);
    book(args, bank);
  };
}

type Entry = IcbcBooks['entries'][number];

function book(bank: Bank, entry: Entry): void {
  const { entries } = booksOf(bank);
  if (!entries.some(({ serial }) => serial === entry.serial)) entries.push(entry);
}

function bookPayment(args: Args, bank: Bank): void {
  const { status, request, serialNo, settleTime } = fileOf(bank.memory.payments, String(args['instructionNo']));
  if (status !== 'S' || serialNo === undefined) return;
  const { amt, payee, instrNo, remark } = request;
  const [name, account] = [payee.acctName, payee.acctNo];
  book(bank, {
    serial: serialNo,
    at: settleTime ?? '',
    debit: true,
    amount: amt,
    summary: '100',
    name,
    account,
    instrNo,
    remark,
  });
}

function bookReturn(args: Args, bank: Bank): void {
  const { status, request, serialNo, settleTime } = fileOf(bank.memory.payments, String(args['instructionNo']));
  if (status !== 'B' || serialNo === undefined) return;
  const { amt, payee, instrNo } = request;
  const [name, account] = [payee.acctName, payee.acctNo];
  book(bank, {
    serial: `${serialNo}T`,
    at: settleTime ?? '',
    debit: false,
    amount: amt,
    summary: '200',
    name,
    account,
    instrNo,
    remark: '退票',
  });
}

function bookRepayment(args: Args, bank: Bank): void {
  const { status, request, posting } = fileOf(bank.memory.repayments, String(args['repaymentNo']));
  if (status !== '00' || !posting) return;
  const { amt, payer, repayNo } = request;
  const at = posting.postTime;
  book(bank, {
    serial: posting.postNo,
    at,
    debit: false,
    amount: amt,
    summary: '100',
    name: payer.custName,
    instrNo: repayNo,
  });
}

/** Money that nobody announced (暂收). `{ amount, day?, name?, account?, instructionNo?, remark? }`, day as `yyyyMMdd`. */
function enter(args: Args, bank: Bank): void {
  const text = (name: string) => (typeof args[name] === 'string' ? { [name]: args[name] } : {});
  const { instructionNo: instrNo } = text('instructionNo');
  if (!/^\d+\.\d\d$/.test(String(args['amount']))) throw new Error('amount is yuan with two decimals');
  const now = nowStamp(bank);
  book(bank, {
    serial: nextNumber(bank, 'EN'),
    at: typeof args['day'] === 'string' ? `${args['day']}${now.slice(8)}` : now,
    debit: false,
    amount: String(args['amount']),
    summary: '900',
    ...text('name'),
    ...text('account'),
    ...text('remark'),
    ...(instrNo === undefined ? {} : { instrNo }),
  });
}

/** One notification, as often as it takes: each try is signed anew. */
async function notify(args: Args, bank: Bank): Promise<void> {
  const { dropCallbacks, notifyUrl, sealed } = booksOf(bank);
  const what = news[String(args['type'])];
  if (dropCallbacks || !what) return;
  const msgId = randomUUID().replaceAll('-', '');
  const plain = JSON.stringify({ msg_id: msgId, ...what.said(args['data'] as Args) });
  const content = sealed ? aesSeal(plain, bank.key('aes.txt')) : plain;
  const sign = (text: string) => rsaSign(text, bank.key('gateway-private.pem'));
  const answer = await bank.post({
    path: '/notify',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: new URLSearchParams(notification({ api: what.api, content, sealed }, notifyUrl, sign)).toString(),
  });
  const aesKey = sealed ? bank.key('aes.txt') : undefined;
  const said = replySaid(answer.body.toString(), bank.key('app-public.pem'), aesKey);
  if (said?.['return_code'] !== 0 || said['msg_id'] !== msgId) throw new Error(`the hub did not take ${what.api}`);
}

/** The form of a notification, signed. */
export function notification(
  what: { readonly api: string; readonly content: string; readonly sealed: boolean },
  notifyUrl: string,
  sign: (text: string) => string,
  atMs = Date.now(),
): Record<string, string> {
  const fields: Record<string, string> = {
    from: 'icbc-api',
    api: what.api,
    app_id: identity.appId,
    charset: 'UTF-8',
    format: 'json',
    ...(what.sealed ? { encrypt_type: 'AES' } : {}),
    timestamp: new Date(atMs + 8 * hourMs).toISOString().slice(0, 19).replace('T', ' '),
    biz_content: what.content,
    sign_type: 'RSA2',
  };
  return { ...fields, sign: sign(orderedText(new URL(notifyUrl).pathname, fields)) };
}
