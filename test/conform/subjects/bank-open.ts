/** The open bank API: every call, answer and notice under a detached signature for the one exchange it belongs to. */
import { randomUUID } from 'node:crypto';
import { openDialect } from '../../../adapters/bank/dialects/open.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { isFailure } from '../../../contracts/failures.ts';
import type { Bank } from '../../../sandbox/bank/books.ts';
import { bankOpen, signedAnswer } from '../../../sandbox/bank/open.twin.ts';
import { identity, signDetached, signedText } from '../../../sandbox/bank/seal.ts';
import type { TwinRequest } from '../../../sandbox/twin.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Asked, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, tells } from '../telling.ts';
import {
  act,
  advices,
  applications,
  asking,
  causing,
  collaterals,
  feedbacks,
  lent,
  payments,
  releases,
  types,
  withdrawals,
  withdrawn,
} from './bank-open.case.ts';

const signature = 'x-jws-signature';
const of = (field: string) => (message: unknown) => ({ no: String((message as Record<string, unknown>)[field]) });

function sign(answer: Answer, asked: Asked, keys: TwinKeys): Promise<Answer> {
  const signer = { key: (name: string) => keys[name] ?? '' } as Bank;
  const request = { headers: asked.headers } as TwinRequest;
  return signedAnswer(request, signer, answer.status, answer.body) as Promise<Answer>;
}

async function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Promise<Posted> {
  const { participantNo, bankSignKid } = identity;
  const body = how.body ?? posted.body;
  const requestId = randomUUID();
  const timestamp = new Date(Date.now() - (how.ageMs ?? 0)).toISOString();
  const text = signedText('NOTICE', { participantNo, subject: ['POST', '/notices'], timestamp, requestId, body });
  const jws = await signDetached(how.keys['sign.pem'] ?? '', bankSignKid, text);
  const signed = { 'x-request-id': requestId, 'x-timestamp': timestamp, [signature]: jws };
  return { ...posted, body, headers: { ...posted.headers, ...signed } };
}

/** The bank's answer, saying something else in its data. */
const saying =
  (edit: (code: string, data: Record<string, unknown>) => object) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Promise<Answer> =>
    sign(
      { ...genuine, body: edited(genuine.body, (fields) => ({ ...fields, data: edit(code, fields['data'] ?? {}) })) },
      asked,
      keys,
    );

export const subject = subjectOf({
  kind: bank,
  vendor: 'open',
  dialect: openDialect,
  twin: bankOpen,
  answerSeal: {
    sign,
    flip: (answer) => withHeader(answer, signature, flipped(answer.headers[signature] ?? '')),
    strip: (answer) => withHeader(answer, signature, undefined),
    alter: (answer) => ({ ...answer, body: otherDigit(answer.body) }),
    borrow: (answer, earlier) => withHeader(answer, signature, earlier.headers[signature]),
  },
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => withHeader(posted, signature, flipped(posted.headers[signature] ?? '')),
    strip: (posted) => withHeader(posted, signature, undefined),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 5 * 60_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"code":"0000"'),
  operations: {
    applyCredit: {
      ready: applications,
      effect: 'applied',
      conflict: (request: object) => ({ ...request, purpose: '其他' }),
    },
    withdrawApplication: {
      ready: withdrawals,
      effect: 'withdrawn',
      conflict: (request: object) => ({ ...request, reason: '其他' }),
    },
    queryWithdrawal: { ready: withdrawn },
    deliverCollateral: {
      ready: collaterals,
      effect: 'custody',
      conflict: (request: object) => ({ ...request, value: '1.00' }),
    },
    disburse: {
      ready: (ground: Ground) => payments(ground),
      effect: 'disbursed',
      finish: act('settle', 'instructionNo'),
      conflict: (request: object) => ({ ...request, amount: '11.00' }),
    },
    adviseRepayment: {
      ready: advices,
      effect: 'posted',
      finish: act('post', 'repaymentNo'),
      conflict: (request: object) => ({ ...request, amount: '2.00' }),
    },
    requestRelease: {
      ready: releases,
      effect: 'released',
      finish: act('decideRelease', 'releaseNo'),
      conflict: (request: object) => ({ ...request, exposureAfter: '1.00' }),
    },
    submitFeedback: {
      ready: feedbacks,
      effect: 'feedback',
      conflict: (request: object) => ({ ...request, loanNos: ['LN-2'] }),
    },
    queryFeedback: { ready: asking('submitFeedback', 'feedbackNo', feedbacks) },
    readFeedback: { ready: asking('submitFeedback', 'feedbackNo', feedbacks, 'checkFeedback') },
    queryApplication: { ready: asking('applyCredit', 'applicationNo', applications) },
    readDecision: { ready: asking('applyCredit', 'applicationNo', applications, 'decide') },
    queryCollateral: { ready: asking('deliverCollateral', 'pledgeNo', collaterals) },
    queryDisbursement: { ready: asking('disburse', 'instructionNo', (ground) => payments(ground)) },
    readSettlement: { ready: asking('disburse', 'instructionNo', (ground) => payments(ground), 'settle') },
    quoteRepayment: {
      ready: async (ground: Ground) => {
        const loanNo = await lent(ground);
        return (turn: number) => ({ loanNo, valueDate: turn % 2 === 0 ? '2026-12-23' : '2026-12-24' });
      },
    },
    queryAdvice: { ready: asking('adviseRepayment', 'repaymentNo', advices) },
    readPosting: { ready: asking('adviseRepayment', 'repaymentNo', advices, 'post') },
    queryRelease: { ready: asking('requestRelease', 'releaseNo', releases) },
    readReleaseDecision: { ready: asking('requestRelease', 'releaseNo', releases, 'decideRelease') },
  },
  notices: {
    creditDecided: {
      cause: causing('applyCredit', 'applicationNo', applications, 'decide'),
      poll: { operation: 'readDecision', request: of('applicationNo') },
    },
    disbursementSettled: {
      cause: causing('disburse', 'instructionNo', (ground) => payments(ground), 'settle'),
      poll: { operation: 'readSettlement', request: of('instructionNo') },
    },
    repaymentPosted: {
      cause: causing('adviseRepayment', 'repaymentNo', advices, 'post'),
      poll: { operation: 'readPosting', request: of('repaymentNo') },
    },
    releaseDecided: {
      cause: causing('requestRelease', 'releaseNo', releases, 'decideRelease'),
      poll: { operation: 'readReleaseDecision', request: of('releaseNo') },
    },
    feedbackChecked: {
      cause: causing('submitFeedback', 'feedbackNo', feedbacks, 'checkFeedback'),
      poll: { operation: 'readFeedback', request: of('feedbackNo') },
    },
  },
  tables: {
    'bank.open.refusal': {
      by: 'answer',
      operation: 'applyCredit',
      give: (code, genuine, asked, keys) =>
        sign({ ...genuine, status: 409, body: Buffer.from(JSON.stringify({ code, message: 'no' })) }, asked, keys),
      unmapped: '2099',
    },
    'bank.open.registration': {
      by: 'answer',
      operation: 'queryApplication',
      give: saying((regState, data) => ({ ...data, regState, ...(regState === 'R' ? { code: '2001' } : {}) })),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'registered' ? 'confirmed' : row),
      unmapped: 'X',
    },
    'bank.open.verdict': {
      by: 'answer',
      operation: 'readDecision',
      give: saying((status, data) => ({ ...data, status, ...(status === '01' ? { reason: '否决' } : {}) })),
      wrong: tells('response.verdict'),
      unmapped: '77',
    },
    'bank.open.day-count': {
      by: 'answer',
      operation: 'readDecision',
      give: saying((basis, data) => ({ ...data, offer: Object.assign({}, data['offer'], { basis }) })),
      wrong: tells('response.terms.dayCount'),
      unmapped: 'A366',
    },
    'bank.open.settlement': {
      by: 'answer',
      operation: 'readSettlement',
      give: saying((status, data) => ({ ...data, status })),
      wrong: tells('response.status'),
      unmapped: 'U',
    },
    'bank.open.posting': {
      by: 'answer',
      operation: 'readPosting',
      give: saying((status, data) => ({ ...data, status })),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'posted' ? 'confirmed' : 'refused'),
      unmapped: '77',
    },
    'bank.open.notice': {
      by: 'notice',
      noticeOf: (code) => Object.values(types).find(([type]) => type === code)?.[1] ?? 'creditDecided',
      give: (type, posted) => edited(posted.body, (fields) => ({ ...fields, type })),
      wrong: (fact, row) => (fact?.notice === `bank.${String(row)}` ? undefined : `is ${fact?.notice ?? 'no fact'}`),
      unmapped: 'LIMIT_FROZEN',
    },
    'bank.open.product': {
      by: 'request',
      operation: 'applyCredit',
      ask: (product, request) => ({ ...request, product }),
      unmapped: undefined,
    },
    'bank.open.currency': {
      by: 'request',
      operation: 'disburse',
      ask: (currency, request) => ({ ...request, currency }),
      unmapped: 'USD',
    },
  },
  limits: [],
  bugs: {
    'believes-any-answer': {
      what: 'reads an answer whose signature does not verify as if it did',
      plant: (dialect) => {
        let last: Buffer | undefined;
        return changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            last = answer.body;
            return answer;
          }),
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'applyCredit' || !isFailure(thrown) || thrown.type !== 'ANSWER_UNVERIFIED')
                throw thrown;
              const said = JSON.parse(last?.toString() ?? '') as { data?: { bankRef?: string } };
              return { funderRef: said.data?.bankRef };
            }
          },
        });
      },
    },
    'unmapped-is-success': {
      what: 'takes a code that it does not know for a success',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          act: (own) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (isFailure(thrown) && thrown.type === 'EXT_CODE_UNMAPPED') return { funderRef: 'BR-UNKNOWN' };
              throw thrown;
            }
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
