/**
 * A funder (资金方) with an open JSON API: every call, answer and notice is signed for the one exchange it belongs to,
 * data packages are signed and then encrypted. The door: who calls, is the call whole, is it fresh, was it here before.
 * Refusals are signed like everything else; nothing is registered under a number that was refused.
 */
import { generateKeyPairSync } from 'node:crypto';
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
  withdrawalOf,
} from './desk.ts';
import { feedbackResult, submitFeedback } from './feedback.ts';
import { creditPackage, feedbackPackage, sealedPackage } from './fields.ts';
import { people } from './people.ts';
import { codes, Refusal, type Code } from './refusal.ts';
import { creditDecision, paymentResult, releaseDecision, repaymentPosting } from './reports.ts';
import { holdsDetached, identity, openPackage, signDetached, signedText } from './seal.ts';

/** Real time: a signature is as old as it is, however fast the sandbox's days go by. */
const windowMs = 5 * 60_000;
const maxBodyBytes = 2_000_000;

export const bankOpen = twin<Books>({
  name: 'bank-open',
  kind: 'bank',
  dialect: 'open',
  title: { zh: '链枢金控（开放银行接口）', en: 'Funder, open bank API' },
  settings: identity,
  magic: [
    { where: 'amount of an application 申请金额', value: '…000.01', effect: 'rejected 否决' },
    { where: 'amount of an application 申请金额', value: '…000.08', effect: 'returned once, then taken 退回补正' },
    { where: 'amount of an application 申请金额', value: '…000.04', effect: 'approved for four fifths 部分批准' },
    { where: 'amount of an application 申请金额', value: '…000.05', effect: 'never decided 不作审批' },
    { where: 'amount of a payment 付款金额', value: '…000.02', effect: 'fails 失败' },
    { where: 'amount of a payment 付款金额', value: '…000.09', effect: 'fails the first time 首次失败' },
    { where: 'amount of a payment 付款金额', value: '…000.03', effect: 'succeeds, and is returned a day later 退票' },
  ],
  enrol: () => {
    const hub = rsaPair();
    const sign = rsaPair();
    const encrypt = rsaPair();
    return {
      hub: { 'sign.pem': hub.privateKey, 'bank-sign.pem': sign.publicKey, 'bank-encrypt.pem': encrypt.publicKey },
      twin: { 'sign.pem': sign.privateKey, 'decrypt.pem': encrypt.privateKey, 'hub-sign.pem': hub.publicKey },
    };
  },
  memory: emptyBooks,
  operationOf: (request) => routeOf(request)?.route.operation,
  handle: async (request, bank) => {
    try {
      await admit(request, bank);
      return await answer(request, bank, '0000', codes['0000'].message, await serve(request, bank));
    } catch (thrown) {
      if (thrown instanceof Refusal) return answer(request, bank, thrown.code, thrown.message);
      return answer(request, bank, '5000', codes['5000'].message);
    }
  },
  acts: people,
});

interface Call {
  readonly body: unknown;
  /** The number in the path. */
  readonly no: string;
  readonly query: Readonly<Record<string, string>>;
}

interface Route {
  readonly operation: string;
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly serve: (call: Call, bank: Bank) => object | Promise<object>;
}

const get = (operation: string, path: RegExp, serve: Route['serve']): Route => ({
  operation,
  method: 'GET',
  path,
  serve,
});
const post = (operation: string, path: RegExp, serve: Route['serve']): Route => ({
  operation,
  method: 'POST',
  path,
  serve,
});

/** A call that was taken is registered (A) and has its first answer. */
const registered = (
  shelf: keyof Pick<Books, 'applications' | 'pledges' | 'payments' | 'repayments' | 'releases' | 'feedbacks'>,
): Route['serve'] => {
  return ({ no }, bank) => ({ regState: 'A', ...fileOf<{ answer: object }>(bank.memory[shelf], no, '4040').answer });
};

const routes: readonly Route[] = [
  post('applyCredit', /^\/v1\/applications$/, async ({ body }, bank) => applyCredit(await unsealed(body, bank), bank)),
  get('queryApplication', /^\/v1\/applications\/([^/]+)$/, registered('applications')),
  get('readDecision', /^\/v1\/applications\/([^/]+)\/decision$/, ({ no }, bank) => creditDecision(no, bank)),
  post('withdrawApplication', /^\/v1\/applications\/([^/]+)\/withdrawal$/, ({ body, no }, bank) =>
    withdraw(body, no, bank),
  ),
  get('queryWithdrawal', /^\/v1\/applications\/([^/]+)\/withdrawal$/, ({ no }, bank) => withdrawalOf(no, bank)),
  post('deliverCollateral', /^\/v1\/collaterals$/, ({ body }, bank) => deliverCollateral(body, bank)),
  get('queryCollateral', /^\/v1\/collaterals\/([^/]+)$/, registered('pledges')),
  post('disburse', /^\/v1\/disbursements$/, ({ body }, bank) => disburse(body, bank)),
  get('queryDisbursement', /^\/v1\/disbursements\/([^/]+)$/, registered('payments')),
  get('readSettlement', /^\/v1\/disbursements\/([^/]+)\/settlement$/, ({ no }, bank) => paymentResult(no, bank)),
  get('quoteRepayment', /^\/v1\/loans\/([^/]+)\/quote$/, ({ no, query }, bank) =>
    quoteRepayment(no, query['date'], bank),
  ),
  post('adviseRepayment', /^\/v1\/repayments$/, ({ body }, bank) => adviseRepayment(body, bank)),
  get('queryAdvice', /^\/v1\/repayments\/([^/]+)$/, registered('repayments')),
  get('readPosting', /^\/v1\/repayments\/([^/]+)\/posting$/, ({ no }, bank) => repaymentPosting(no, bank)),
  post('requestRelease', /^\/v1\/releases$/, ({ body }, bank) => requestRelease(body, bank)),
  get('queryRelease', /^\/v1\/releases\/([^/]+)$/, registered('releases')),
  get('readReleaseDecision', /^\/v1\/releases\/([^/]+)\/decision$/, ({ no }, bank) => releaseDecision(no, bank)),
  post('submitFeedback', /^\/v1\/feedbacks$/, async ({ body }, bank) =>
    submitFeedback(feedbackPackage(await opened(body, bank, 'feedback-package'), 'package').feedback, bank),
  ),
  get('queryFeedback', /^\/v1\/feedbacks\/([^/]+)$/, registered('feedbacks')),
  get('readFeedback', /^\/v1\/feedbacks\/([^/]+)\/result$/, ({ no }, bank) => feedbackResult(no, bank)),
];

function routeOf(request: TwinRequest): { route: Route; no: string } | undefined {
  for (const route of routes) {
    const match = route.method === request.method ? route.path.exec(request.path) : null;
    if (match) return { route, no: match[1] ?? '' };
  }
  return undefined;
}

function serve(request: TwinRequest, bank: Bank): object | Promise<object> {
  const found = routeOf(request);
  if (!found) throw new Refusal('1003');
  const body = found.route.method === 'POST' ? parsed(request.body) : undefined;
  return found.route.serve({ body, no: found.no, query: request.query }, bank);
}

/** Signature before nonce: otherwise anybody could use up the ids of others. */
async function admit(request: TwinRequest, bank: Bank): Promise<void> {
  const { headers } = request;
  const timestamp = headers['x-timestamp'] ?? '';
  const requestId = headers['x-request-id'] ?? '';
  const shapely = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(timestamp) && /^[0-9a-f-]{36}$/.test(requestId);
  if (!shapely || headers['x-participant'] !== identity.participantNo) throw new Refusal('1101');
  if (request.body.length > maxBodyBytes) throw new Refusal('1001', 'the body is too large');
  const subject = [request.method, request.rawQuery === '' ? request.path : `${request.path}?${request.rawQuery}`];
  const text = signedText('REQUEST', {
    participantNo: identity.participantNo,
    subject,
    timestamp,
    requestId,
    body: request.body,
  });
  if (!(await holdsDetached(bank.key('hub-sign.pem'), identity.hubSignKid, headers['x-jws-signature'] ?? '', text)))
    throw new Refusal('1101');
  const age = Date.now() - Date.parse(timestamp);
  if (!(Math.abs(age) <= windowMs)) throw new Refusal('1102');
  if (!firstSeen(bank.memory, requestId)) throw new Refusal('1103');
}

/** Request ids of the last window, by bank. In memory only: after a restart the numbers still keep effects single. */
const seenAt = new WeakMap<Books, Map<string, number>>();

function firstSeen(books: Books, requestId: string): boolean {
  const seen = seenAt.get(books) ?? new Map<string, number>();
  seenAt.set(books, seen);
  for (const [id, at] of seen) {
    if (Date.now() - at <= 2 * windowMs) break; // Oldest first: a map keeps the order of its entries.
    seen.delete(id);
  }
  if (seen.has(requestId)) return false;
  seen.set(requestId, Date.now());
  return true;
}

async function unsealed(body: unknown, bank: Bank) {
  return creditPackage(await opened(body, bank, 'credit-package'), 'package').application;
}

async function opened(body: unknown, bank: Bank, typ: string): Promise<unknown> {
  const keys = {
    decryptPem: bank.key('decrypt.pem'),
    decryptKid: identity.bankEncryptKid,
    senderPem: bank.key('hub-sign.pem'),
    senderKid: identity.hubSignKid,
  };
  const bytes = await openPackage(keys, sealedPackage(body, 'body').package, typ);
  if (!bytes) throw new Refusal('1104');
  const plain = parsed(bytes) as { participantNo?: unknown; bankNo?: unknown };
  // Signed for somebody else and encrypted anew for us: the sender did not mean us.
  if (plain.participantNo !== identity.participantNo || plain.bankNo !== identity.bankNo) throw new Refusal('1104');
  return plain;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new Refusal('1001');
  }
}

async function answer(
  request: TwinRequest,
  bank: Bank,
  code: Code,
  message: string,
  data?: object,
): Promise<TwinAnswer> {
  const { status } = codes[code];
  const body = Buffer.from(JSON.stringify({ code, message, ...(data ? { data } : {}) }));
  return signedAnswer(request, bank, status, body);
}

/** Bound to the request by its id, and to the status: a `200` cannot be put before a refusal. */
export async function signedAnswer(
  request: TwinRequest,
  bank: Bank,
  status: number,
  body: Buffer,
): Promise<TwinAnswer> {
  const requestId = request.headers['x-request-id'] ?? '';
  const timestamp = new Date().toISOString();
  const text = signedText('ANSWER', {
    participantNo: identity.participantNo,
    subject: [String(status)],
    timestamp,
    requestId,
    body,
  });
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': requestId,
      'x-timestamp': timestamp,
      'x-jws-signature': await signDetached(bank.key('sign.pem'), identity.bankSignKid, text),
    },
    body,
  };
}

function rsaPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
