/**
 * ICBC's open platform (工商银行): a form for every call, one service for each thing, HTTP 200 for every answer. The
 * gateway signs who speaks, not to whom: what binds an answer to its request is the `msg_id` in it, and an answer that
 * does not carry ours says nothing, a refusal included.
 */
import type { bank } from '../../../contracts/bank/bank.ts';
import { IcbcHead, IcbcStatementPage } from '../../../contracts/bank/icbc.wire.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import type { Message } from '../../../contracts/contract.ts';
import { noticeApis, notFound, refusalOf, success } from '../../../mappings/bank/icbc.codes.ts';
import * as map from '../../../mappings/bank/icbc.ts';
import * as results from '../../../mappings/bank/icbcResults.ts';
import type { Dialect, Inbound, Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { openAnswer, openNotice, replyOf, requestOf, setting, unverified } from './icbcEnvelope.ts';

/** Of one statement: 5000 lines at 100 a page, and one page more than is taken. */
const pagesMax = 51;
const linesMax = 5000;

export const icbcDialect: Dialect<typeof bank> = {
  tells: ['creditDecided', 'disbursementSettled', 'repaymentPosted', 'releaseDecided'],
  operations: {
    applyCredit: async (request, wire) =>
      map.applicationTaken(dataOf(await call(wire, 'creditapply', map.toApplication(request), notify(wire)))),
    queryApplication: enquire('creditquery', 'appl_no', map.applicationEnquiry),
    readDecision: enquire('creditresult', 'appl_no', results.decisionEnquiry, true),
    withdrawApplication: async (request, wire) => {
      const said = dataOf(await call(wire, 'creditwithdraw', map.toWithdrawal(request)));
      return map.withdrawalTaken(about(said, { appl_no: request.applicationNo }));
    },
    queryWithdrawal: enquire('creditwithdrawquery', 'appl_no', map.withdrawalEnquiry, true),
    deliverCollateral: async (request, wire) =>
      map.collateralTaken(dataOf(await call(wire, 'collateraldeliver', map.toCollateral(request)))),
    queryCollateral: enquire('collateralquery', 'pledge_no', map.collateralEnquiry),
    disburse: async (request, wire) =>
      map.disbursementTaken(dataOf(await call(wire, 'loandisburse', map.toDisbursement(request), notify(wire)))),
    queryDisbursement: enquire('loandisbursequery', 'instr_no', map.disbursementEnquiry),
    readSettlement: enquire('loandisburseresult', 'instr_no', results.settlementEnquiry, true),
    readStatement,
    quoteRepayment: async ({ loanNo, valueDate }, wire) => {
      const asked = { loan_no: loanNo, value_date: valueDate };
      const quote = results.repaymentQuote(about(dataOf(await call(wire, 'repaymentquote', asked)), asked));
      return quote;
    },
    adviseRepayment: async (request, wire) =>
      map.adviceTaken(dataOf(await call(wire, 'repaymentadvise', map.toRepayment(request), notify(wire)))),
    queryAdvice: enquire('repaymentquery', 'repay_no', map.adviceEnquiry),
    readPosting: enquire('repaymentresult', 'repay_no', results.postingEnquiry, true),
    requestRelease: async (request, wire) =>
      map.releaseTaken(dataOf(await call(wire, 'releaseapply', map.toRelease(request), notify(wire)))),
    queryRelease: enquire('releasequery', 'release_no', map.releaseEnquiry),
    readReleaseDecision: enquire('releaseresult', 'release_no', results.releaseDecisionEnquiry, true),
  },
  receive,
};

interface Answer {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Not looked at yet. Fits every mapping, because every mapping checks what it is given. */
type Unchecked = never;

/** A question about a number. 904040 is an answer here, and a refusal everywhere else. */
function enquire<A>(service: string, field: string, answerOf: (data: Unchecked) => A, repeatsNumber = false) {
  return async ({ no }: { no: string }, wire: Wire): Promise<A | { outcome: 'notFound' }> => {
    const asked = { [field]: no };
    const answer = await call(wire, service, asked);
    if (answer.code === notFound) return { outcome: 'notFound' };
    const data = dataOf(answer);
    return answerOf(repeatsNumber ? about(data, asked) : data);
  };
}

/** Page after page by the bank's own mark (续查标识) until there is none. Half a day is no statement: all or nothing. */
async function readStatement({ accountNo, date }: { accountNo: string; date: string }, wire: Wire) {
  const details: Message<typeof IcbcStatementPage>['details'] = [];
  const asked = { account_no: accountNo, trade_date: date };
  let nextTag = '';
  for (let page = 0; page < pagesMax; page += 1) {
    const data = about(dataOf(await call(wire, 'acctstatement', { ...asked, next_tag: nextTag })), asked);
    const { next_tag: following, details: lines, ...rest } = IcbcStatementPage.check(data);
    details.push(...lines);
    if (details.length > linesMax) break;
    if (following === '') return results.statementOf({ ...rest, details });
    if (following === nextTag) throw unknown('the mark of the next page is that of this one');
    nextTag = following;
  }
  throw unknown(`a statement of more than ${linesMax} lines`);
}

async function call(wire: Wire, service: string, content: object, notifyUrl?: string): Promise<Answer> {
  const path = `/api/scf/${service}/V1`;
  const { msgId, body } = requestOf(wire, path, content, notifyUrl);
  const answer = await wire.send({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body,
  });
  // The gateway answers 200 whatever it says; another status is the word of a machine on the way.
  if (answer.status !== 200) throw unknown(`HTTP ${answer.status} after the request was sent`);
  try {
    const said = parseJson(openAnswer(answer.body, wire)) as Record<string, unknown>;
    const { return_code: code, return_msg: message, msg_id, ...data } = said;
    const head = IcbcHead.check({ return_code: code, return_msg: message, msg_id });
    if (head.msg_id !== msgId) throw unverified('the answer is to another request');
    return { code: String(head.return_code), message: head.return_msg, data };
  } catch (thrown) {
    if (isFailure(thrown) && thrown.type === 'ANSWER_UNVERIFIED') throw thrown;
    // After something was sent, no defect of an answer says that nothing happened.
    throw unverified('an answer that cannot be read', thrown);
  }
}

/** What the bank says was done. @throws Failure of the tables when it says no */
function dataOf(answer: Answer): Unchecked {
  if (answer.code !== success) throw refusalOf(answer.code, answer.message);
  return answer.data as Unchecked;
}

/** An answer about something else is none. */
function about(data: Unchecked, asked: Readonly<Record<string, string>>): Unchecked {
  for (const [field, value] of Object.entries(asked))
    if ((data as Readonly<Record<string, unknown>>)[field] !== value) throw unknown(`the answer has another ${field}`);
  return data;
}

function notify(wire: Wire): string {
  return setting(wire, 'notifyUrl');
}

function unknown(detail: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail });
}

const toNotice: Readonly<Record<ReturnType<typeof noticeApis.of>, (data: Unchecked) => unknown>> = {
  creditDecided: results.creditDecided,
  disbursementSettled: results.disbursementSettled,
  repaymentPosted: results.repaymentPosted,
  releaseDecided: results.releaseDecided,
};

/** The same again gets the same reply: what makes a fact one fact is what it says, not how often it is told. */
// oxlint-disable-next-line typescript/require-await -- a dialect promises
async function receive(inbound: Inbound, wire: Wire): Promise<Received> {
  const { method, path, query, body } = inbound;
  if (method !== 'POST' || path !== '/notify' || Object.keys(query).length > 0) throw new Failure('METHOD_UNKNOWN');
  const { api, content } = openNotice(body, wire);
  const told = parseJson(content);
  if (typeof told !== 'object' || told === null || Array.isArray(told)) throw new Failure('BODY_MALFORMED');
  const { msg_id: msgId, ...data } = told as Record<string, unknown>;
  if (typeof msgId !== 'string' || !/^[\w-]{1,64}$/.test(msgId))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'a notification has a msg_id' });
  const notice = noticeApis.of(api, '#/api');
  return {
    notices: [{ notice, message: toNotice[notice](data as Unchecked) }],
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: replyOf(msgId, wire),
    },
  };
}
