/**
 * A funder (资金方) behind ICBC's open platform (工商银行 API 开放平台): a gateway that knows forms, signatures and
 * apps, and services for supply-chain finance behind it. The gateway's own refusals are in the open, what a service says
 * is encrypted as agreed; both are signed, and both come with HTTP 200.
 *
 * Magic fen, so that a case can be told beforehand how it ends, stand in `magic` below.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cityBank, funder } from '../world.ts';
import { twin, type TwinAnswer, type TwinRequest } from '../twin.ts';
import { emptyBooks, fileOf, type Bank, type Books } from './books.ts';
import {
  adviseRepayment,
  applyCredit,
  deliverCollateral,
  disburse,
  quoteRepayment,
  requestRelease,
  withdraw,
} from './desk.ts';
import {
  applicationOf,
  collateralOf,
  dayOf,
  disbursementOf,
  exactly,
  releaseOf,
  repaymentOf,
  textOf,
  withdrawalOf,
} from './icbcFields.ts';
import { icbcPeople } from './icbcPeople.ts';
import {
  dayShown,
  decisionOf,
  paymentOf,
  postingOf,
  releaseDecisionOf,
  short,
  statementPage,
  withdrawnOf,
  type IcbcBooks,
} from './icbcReports.ts';
import { aesOpen, aesSeal, framed, identity, orderedText, rsaHolds } from './icbcSeal.ts';
import { Refusal } from './refusal.ts';

/** Real time: a signature is as old as it is, however fast the sandbox's days go by. */
const windowMs = 10 * 60_000;
const maxBodyBytes = 2_000_000;
const endings = { gatewayTimesOut: '000.05', page: '000.06' } as const;

export const bankIcbc = twin<IcbcBooks>({
  name: 'bank-icbc',
  kind: 'bank',
  dialect: 'icbc',
  title: { zh: '工商银行（API 开放平台）', en: 'ICBC, open platform' },
  settings: identity,
  magic: [
    { where: 'amount of an application 申请金额', value: '…000.01', effect: 'rejected 否决' },
    { where: 'amount of an application 申请金额', value: '…000.05', effect: 'never decided 不作审批' },
    { where: 'amount of an application 申请金额', value: '…000.08', effect: 'returned once, then taken 退回补正' },
    { where: 'amount of a payment 付款金额', value: '…000.02', effect: 'fails (`6`) 失败' },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.03',
      effect: 'succeeds (`7`), and is returned (`12`) a day later 退票',
    },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.04',
      effect: 'taken, then for two hours the bank does not know itself (`95` 待核查), then it succeeds',
    },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.05',
      effect: 'taken, and the gateway answers `-500042` 代理超时; asked again, it answers as ever',
    },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.06',
      effect: 'taken, and the gateway answers HTTP 500 with a page; asked again, it answers as ever',
    },
    {
      where: 'order of an application 申请的订单',
      value: 'an order that is under review',
      effect: 'a second application is refused, `902001` 存在在途申请',
    },
  ],
  enrol: () => {
    const [app, gateway] = [rsaPair(), rsaPair()];
    const aes = randomBytes(16).toString('base64');
    return {
      hub: { 'app-private.pem': app.privateKey, 'gateway-public.pem': gateway.publicKey, 'aes.txt': aes },
      twin: { 'gateway-private.pem': gateway.privateKey, 'app-public.pem': app.publicKey, 'aes.txt': aes },
    };
  },
  memory: () => ({ ...emptyBooks('I'), notifyUrl: identity.notifyUrl, sealed: true, entries: [], suspects: {} }),
  operationOf: (request) => services[request.path]?.operation,
  handle,
  acts: icbcPeople,
});

/** What the gateway says when it says no. */
class GatewayRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Service {
  readonly operation: string;
  readonly serve: (biz: unknown, bank: Bank) => object;
}

/** Its first answer is the bank's number, whatever the bank calls it in its books. */
const taken = (answer: object) => ({ ref_no: Object.values(answer)[0] as string });

type Shelf = keyof Pick<Books, 'applications' | 'pledges' | 'payments' | 'repayments' | 'releases'>;

const registered =
  (shelf: Shelf, field: string): Service['serve'] =>
  (biz, bank) => {
    const no = textOf(exactly(biz, 'biz_content', [field])[field], field);
    return { reg_status: '1', ...taken(fileOf<{ answer: object }>(bank.memory[shelf], no, '4040').answer) };
  };

const read =
  (field: string, report: (no: string, bank: Bank) => object): Service['serve'] =>
  (biz, bank) =>
    report(textOf(exactly(biz, 'biz_content', [field])[field], field), bank);

const service = (name: string, operation: string, serve: Service['serve']) =>
  [`/api/scf/${name}/V1`, { operation, serve }] as const;

const services: Readonly<Record<string, Service>> = Object.fromEntries([
  service('creditapply', 'applyCredit', (biz, bank) => taken(applyCredit(applicationOf(biz), bank))),
  service('creditquery', 'queryApplication', registered('applications', 'appl_no')),
  service('creditresult', 'readDecision', read('appl_no', decisionOf)),
  service('creditwithdraw', 'withdrawApplication', (biz, bank) => {
    const request = withdrawalOf(biz);
    withdraw(request, String(request.applNo), bank);
    return withdrawnOf(String(request.applNo), bank);
  }),
  service('creditwithdrawquery', 'queryWithdrawal', read('appl_no', withdrawnOf)),
  service('collateraldeliver', 'deliverCollateral', (biz, bank) => taken(deliverCollateral(collateralOf(biz), bank))),
  service('collateralquery', 'queryCollateral', registered('pledges', 'pledge_no')),
  service('loandisburse', 'disburse', pay),
  service('loandisbursequery', 'queryDisbursement', registered('payments', 'instr_no')),
  service('loandisburseresult', 'readSettlement', read('instr_no', paymentOf)),
  service('acctstatement', 'readStatement', (biz, bank) => {
    const ask = exactly(biz, 'biz_content', ['account_no', 'trade_date', 'next_tag']);
    return statementPage(
      {
        accountNo: textOf(ask['account_no'], 'account_no'),
        day: dayOf(ask['trade_date'], 'trade_date'),
        nextTag: String(ask['next_tag']),
        own: [funder.account.accountNo, cityBank.account.accountNo],
      },
      bank,
    );
  }),
  service('repaymentquote', 'quoteRepayment', quote),
  service('repaymentadvise', 'adviseRepayment', (biz, bank) => taken(adviseRepayment(repaymentOf(biz), bank))),
  service('repaymentquery', 'queryAdvice', registered('repayments', 'repay_no')),
  service('repaymentresult', 'readPosting', read('repay_no', postingOf)),
  service('releaseapply', 'requestRelease', (biz, bank) => taken(requestRelease(releaseOf(biz), bank))),
  service('releasequery', 'queryRelease', registered('releases', 'release_no')),
  service('releaseresult', 'readReleaseDecision', read('release_no', releaseDecisionOf)),
]);

/** The gateway or the line behind it fails once, after the thing was done. */
function pay(biz: unknown, bank: Bank): object {
  const request = disbursementOf(biz);
  const before = Object.hasOwn(bank.memory.payments, request.instrNo);
  const answer = taken(disburse(request, bank));
  if (!before && request.amt.endsWith(endings.gatewayTimesOut)) throw new GatewayRefusal(-500042, '代理超时');
  if (!before && request.amt.endsWith(endings.page)) throw new Error('the line behind the gateway broke');
  return answer;
}

function quote(biz: unknown, bank: Bank): object {
  const ask = exactly(biz, 'biz_content', ['loan_no', 'value_date']);
  const day = dayOf(ask['value_date'], 'value_date');
  const { loanNo, date, ...due } = quoteRepayment(textOf(ask['loan_no'], 'loan_no'), day, bank) as Record<
    string,
    unknown
  >;
  const amounts = Object.fromEntries(Object.entries(due).map(([item, amount]) => [item, short(amount)]));
  return { loan_no: loanNo, value_date: dayShown(date), ...amounts };
}

function handle(request: TwinRequest, bank: Bank): TwinAnswer {
  const form = [...new URLSearchParams(request.body.toString())];
  const fields = Object.fromEntries(form);
  const msgId = fields['msg_id'] ?? '';
  try {
    if (request.body.length > maxBodyBytes || form.length !== Object.keys(fields).length)
      throw new GatewayRefusal(400011, '参数非法');
    const found = admit(request, fields, bank);
    const books = bank.memory as IcbcBooks;
    books.sealed = fields['encrypt_type'] === 'AES';
    if (fields['notify_url']) books.notifyUrl = fields['notify_url'];
    return serve(found, fields, msgId, bank);
  } catch (thrown) {
    if (!(thrown instanceof GatewayRefusal)) return page500();
    return framed(head(thrown.code, thrown.message, msgId), bank.key('gateway-private.pem'));
  }
}

const head = (code: number | string, message: string, msgId: string, data: object = {}) =>
  JSON.stringify({ return_code: code, return_msg: message, msg_id: msgId, ...data });

/** The service's words, sealed when the request was. Behind the gateway numbers are strings. */
function serve(found: Service, fields: Record<string, string>, msgId: string, bank: Bank): TwinAnswer {
  const sealed = fields['encrypt_type'] === 'AES';
  const plain = sealed
    ? aesOpen(fields['biz_content'] ?? '', bank.key('aes.txt'))
    : Buffer.from(fields['biz_content'] ?? '');
  let content: string;
  try {
    if (!plain) throw new Refusal('1002', 'biz_content: 解密失败');
    content = head('0', 'success', msgId, found.serve(parsed(plain), bank));
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    // Of its own codes the bank has those of any bank, with 90 before them; a wrong field is the platform's 9990.
    content = head(thrown.code === '1002' ? '9990' : `90${thrown.code}`, thrown.message, msgId);
  }
  return framed(
    sealed ? JSON.stringify(aesSeal(content, bank.key('aes.txt'))) : content,
    bank.key('gateway-private.pem'),
  );
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    throw new Refusal('1002', 'biz_content: 不是 JSON');
  }
}

/** Who calls, is it whole, is it fresh, was it here before. Signature before `msg_id`: nobody uses up another's. */
function admit(request: TwinRequest, fields: Record<string, string>, bank: Bank): Service {
  const found = services[request.path];
  if (!found || request.method !== 'POST') throw new GatewayRefusal(500018, '访问的API不存在');
  const { app_id, msg_id, format, charset, sign_type, timestamp, sign } = fields;
  const agreed = app_id === identity.appId && format === 'json' && charset === 'UTF-8' && sign_type === 'RSA2';
  if (!agreed || !msg_id || !sign) throw new GatewayRefusal(400011, '参数非法');
  if (!rsaHolds(orderedText(request.path, fields), sign, bank.key('app-public.pem')))
    throw new GatewayRefusal(400017, '签名验证失败');
  const shapely = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(timestamp ?? '');
  const age = Date.now() - Date.parse(`${(timestamp ?? '').replace(' ', 'T')}+08:00`);
  if (!shapely || !(Math.abs(age) <= windowMs)) throw new GatewayRefusal(400011, '时间戳非法');
  if (!firstSeen(bank.memory, msg_id)) throw new GatewayRefusal(400011, 'msg_id重复');
  return found;
}

/** Message numbers of the last window. In memory only: after a restart the numbers still keep effects single. */
const seenAt = new WeakMap<Books, Map<string, number>>();

function firstSeen(books: Books, msgId: string): boolean {
  const seen = seenAt.get(books) ?? new Map<string, number>();
  seenAt.set(books, seen);
  for (const [id, at] of seen) {
    if (Date.now() - at <= 2 * windowMs) break; // Oldest first: a map keeps the order of its entries.
    seen.delete(id);
  }
  if (seen.has(msgId)) return false;
  seen.set(msgId, Date.now());
  return true;
}

function page500(): TwinAnswer {
  return {
    status: 500,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<html><body><h1>500 Internal Server Error</h1></body></html>',
  };
}

function rsaPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
