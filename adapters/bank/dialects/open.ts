/**
 * The open bank API: JSON, every call, answer and notice signed for the one exchange it belongs to. An answer is
 * believed when its signature verifies against our request id; until then it is noise, whatever its status says.
 */
import { randomUUID } from 'node:crypto';
import type { bank } from '../../../contracts/bank/bank.ts';
import { OpenAnswer, OpenNotice, OpenNumber } from '../../../contracts/bank/open.wire.ts';
import type { Message } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { notFound, noticeTypes, refusalOf, success } from '../../../mappings/bank/open.codes.ts';
import { dayOf } from '../../../mappings/bank/open.forms.ts';
import * as map from '../../../mappings/bank/open.ts';
import * as feedback from '../../../mappings/bank/openFeedback.ts';
import type { Dialect, Inbound, Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { seal, sealFeedback, sealPackage, setting, verifySeal, windowMs, type Sealed } from './openSeal.ts';

export const openDialect: Dialect<typeof bank> = {
  operations: {
    applyCredit: async (request, wire) => {
      const sealed = await sealPackage(map.toApplication(request), wire);
      return map.applicationTaken(dataOf(await call(wire, 'POST', '/v1/applications', { package: sealed })));
    },
    queryApplication: enquire('applications', '', map.applicationEnquiry),
    readDecision: enquire('applications', '/decision', map.decisionEnquiry, 'applNo'),
    withdrawApplication: async (request, wire) => {
      const path = `/v1/applications/${OpenNumber.check(request.applicationNo)}/withdrawal`;
      const said = dataOf(await call(wire, 'POST', path, map.toWithdrawal(request)));
      return map.withdrawalTaken(about(said, 'applNo', request.applicationNo));
    },
    queryWithdrawal: enquire('applications', '/withdrawal', map.withdrawalEnquiry, 'applNo'),
    deliverCollateral: async (request, wire) =>
      map.collateralTaken(dataOf(await call(wire, 'POST', '/v1/collaterals', map.toCollateral(request)))),
    queryCollateral: enquire('collaterals', '', map.collateralEnquiry),
    disburse: async (request, wire) =>
      map.disbursementTaken(dataOf(await call(wire, 'POST', '/v1/disbursements', map.toDisbursement(request)))),
    queryDisbursement: enquire('disbursements', '', map.disbursementEnquiry),
    readSettlement: enquire('disbursements', '/settlement', map.settlementEnquiry, 'instrNo'),
    quoteRepayment: async ({ loanNo, valueDate }, wire) => {
      const path = `/v1/loans/${OpenNumber.check(loanNo)}/quote?date=${dayOf(valueDate)}`;
      const quote = map.repaymentQuote(about(dataOf(await call(wire, 'GET', path)), 'loanNo', loanNo));
      if (quote.valueDate !== valueDate)
        throw new Failure('OUTCOME_UNKNOWN', { detail: 'the quote is for another day' });
      return quote;
    },
    adviseRepayment: async (request, wire) =>
      map.adviceTaken(dataOf(await call(wire, 'POST', '/v1/repayments', map.toRepayment(request)))),
    queryAdvice: enquire('repayments', '', map.adviceEnquiry),
    readPosting: enquire('repayments', '/posting', map.postingEnquiry, 'repayNo'),
    requestRelease: async (request, wire) =>
      map.releaseTaken(dataOf(await call(wire, 'POST', '/v1/releases', map.toRelease(request)))),
    queryRelease: enquire('releases', '', map.releaseEnquiry),
    readReleaseDecision: enquire('releases', '/decision', map.releaseDecisionEnquiry, 'relNo'),
    submitFeedback: async (request, wire) => {
      const sealed = await sealFeedback(feedback.toFeedback(request), wire);
      return feedback.feedbackTaken(dataOf(await call(wire, 'POST', '/v1/feedbacks', { package: sealed })));
    },
    queryFeedback: enquire('feedbacks', '', feedback.feedbackEnquiry),
    readFeedback: enquire('feedbacks', '/result', feedback.feedbackResultEnquiry, 'fbNo'),
  },
  receive,
};

type Answer = Message<typeof OpenAnswer>;

/** Not looked at yet. Fits every mapping, because every mapping checks what it is given. */
type Unchecked = never;

/** A question about a number. `4040` is an answer here, and a refusal everywhere else. */
function enquire<A>(shelf: string, what: string, answerOf: (data: Unchecked) => A, numberField?: string) {
  return async ({ no }: { no: string }, wire: Wire): Promise<A | { outcome: 'notFound' }> => {
    const answer = await call(wire, 'GET', `/v1/${shelf}/${OpenNumber.check(no)}${what}`);
    if (answer.code === notFound) return { outcome: 'notFound' };
    const data = dataOf(answer);
    return answerOf(numberField === undefined ? data : about(data, numberField, no));
  };
}

/** Signs these bytes, sends these bytes, and believes the answer only when it is the bank's answer to them. */
async function call(wire: Wire, method: 'GET' | 'POST', path: string, content?: object): Promise<Answer> {
  const body = Buffer.from(content === undefined ? '' : JSON.stringify(content));
  const requestId = randomUUID();
  const timestamp = new Date().toISOString();
  const signature = await seal({ kind: 'REQUEST', subject: [method, path], timestamp, requestId, body }, wire);
  const answer = await wire.send({
    method,
    path,
    headers: {
      ...(content === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      'x-participant': setting(wire, 'participantNo'),
      'x-request-id': requestId,
      'x-timestamp': timestamp,
      'x-jws-signature': signature,
    },
    ...(content === undefined ? {} : { body }),
  });
  const subject = [String(answer.status)];
  const { headers } = answer;
  const sealed: Sealed = {
    kind: 'ANSWER',
    subject,
    timestamp: headers['x-timestamp'] ?? '',
    requestId,
    body: answer.body,
  };
  const said = await believed(async () => {
    await verifySeal(headers['x-jws-signature'] ?? '', sealed, wire);
    return OpenAnswer.check(parseJson(answer.body));
  }, answer.status);
  if (said.code === success && answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `success with HTTP ${answer.status}` });
  return said;
}

/** After something was sent, no defect of an answer says that nothing happened: each is an unknown outcome. */
async function believed<T>(read: () => Promise<T>, status: number): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: `an answer with HTTP ${status} does not verify (${thrown.type})`,
      cause: thrown,
    });
  }
}

/** What the bank says was done. @throws Failure of the table when it says no */
function dataOf(answer: Answer): Unchecked {
  if (answer.code !== success) throw refusalOf(answer.code, answer.message);
  return (answer.data ?? {}) as Unchecked;
}

/** An answer about another number is none. */
function about(data: Unchecked, field: string, expected: string): Unchecked {
  if ((data as Readonly<Record<string, unknown>>)[field] !== expected) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer is about another ${field}` });
  }
  return data;
}

const toNotice: Readonly<Record<ReturnType<typeof noticeTypes.of>, (data: Unchecked) => unknown>> = {
  creditDecided: map.creditDecided,
  disbursementSettled: map.disbursementSettled,
  repaymentPosted: map.repaymentPosted,
  releaseDecided: map.releaseDecided,
  feedbackChecked: feedback.feedbackChecked,
};

/** Signature, then time, then nonce: a stranger must not be able to use up the bank's request ids. */
async function receive(inbound: Inbound, wire: Wire): Promise<Received> {
  const { method, path, headers, query, body } = inbound;
  if (method !== 'POST' || path !== '/notices' || Object.keys(query).length > 0) throw new Failure('METHOD_UNKNOWN');
  if (headers['x-participant'] !== setting(wire, 'participantNo')) throw new Failure('SIGNATURE_MISMATCH');
  const timestamp = headers['x-timestamp'] ?? '';
  const requestId = headers['x-request-id'] ?? '';
  await verifySeal(
    headers['x-jws-signature'] ?? '',
    { kind: 'NOTICE', subject: [method, path], timestamp, requestId, body },
    wire,
  );
  if (Math.abs(Date.now() - Date.parse(timestamp)) > windowMs) throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  if (!(await wire.firstSeen(requestId))) throw new Failure('NONCE_REUSED');
  const told = OpenNotice.check(parseJson(body));
  const notice = noticeTypes.of(told.type);
  return {
    notices: [{ notice, message: toNotice[notice](told.data as Unchecked) }],
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: Buffer.from(JSON.stringify({ code: success, id: told.id })),
    },
  };
}
