/** ICBC's open platform: forms signed over path and fields, answers signed over the raw content, which is encrypted. */
import { icbcDialect } from '../../../adapters/bank/dialects/icbc.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { aesOpen } from '../../../sandbox/bank/icbcSeal.ts';
import { bankIcbc } from '../../../sandbox/bank/icbc.twin.ts';
import { funder } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { type Posted, subject as subjectOf } from '../subject.ts';
import { enquiryIs, tells } from '../telling.ts';
import {
  act,
  advices,
  applications,
  asking,
  collaterals,
  lent,
  payments,
  releases,
  withdrawals,
  withdrawn,
} from './bank-open.case.ts';
import {
  aesKey,
  answerSeal,
  field,
  formed,
  formOf,
  inFirstLine,
  noticeSeal,
  partsOf,
  refusal,
  saying,
} from './bank-icbc.seal.ts';

const of = (field: string) => (message: unknown) => ({ no: String((message as Record<string, unknown>)[field]) });
const statements = async (ground: Ground) => {
  await ground.act('enter', { amount: '12.50', day: '20261119', name: '某公司', instructionNo: 'PI-9' });
  await ground.act('enter', { amount: '7.00', day: '20261120' });
  return (turn: number) => ({
    accountNo: funder.account.accountNo,
    date: turn % 2 === 0 ? '2026-11-19' : '2026-11-20',
  });
};

type Maker = (turn: number) => object;

/** Makes a notice of it: done by the hub, decided by people. One bench has one case to begin with. */
const causing = (
  operation: string,
  name: string,
  maker: (ground: Ground) => Promise<Maker>,
  people: string,
  api: string,
) => {
  const made = new WeakMap<Ground, Maker>();
  return async (ground: Ground, turn: number) => {
    const make = made.get(ground) ?? (await maker(ground));
    made.set(ground, make);
    await ground.confirmed(operation, make(turn));
    await act(people, name)(ground, make(turn));
    const number = String((make(turn) as Record<string, unknown>)[name]);
    return (posted: Posted) => {
      const fields = formOf(posted.body);
      const content = aesOpen(fields['biz_content'] ?? '', aesKey(ground.keys.twin))?.toString() ?? '';
      return fields['api'] === api && content.includes(`"${number}"`);
    };
  };
};

const apis: Readonly<Record<string, string>> = {
  '/scf/creditdecided/V1': 'creditDecided',
  '/scf/loandisbursed/V1': 'disbursementSettled',
  '/scf/repaymentposted/V1': 'repaymentPosted',
  '/scf/releasedecided/V1': 'releaseDecided',
};

export const subject = subjectOf({
  kind: bank,
  vendor: 'icbc',
  dialect: icbcDialect,
  twin: bankIcbc,
  answerSeal,
  noticeSeal,
  taken: (status: number, body: Buffer) =>
    status === 200 &&
    /^\{"response_biz_content":"[^"]+","sign_type":"RSA2","sign":"[^"]{300,}"\}$/.test(body.toString()),
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
    queryApplication: { ready: asking('applyCredit', 'applicationNo', applications) },
    readDecision: { ready: asking('applyCredit', 'applicationNo', applications, 'decide') },
    queryCollateral: { ready: asking('deliverCollateral', 'pledgeNo', collaterals) },
    queryDisbursement: { ready: asking('disburse', 'instructionNo', (ground) => payments(ground)) },
    readSettlement: { ready: asking('disburse', 'instructionNo', (ground) => payments(ground), 'settle') },
    readStatement: { ready: statements },
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
      cause: causing('applyCredit', 'applicationNo', applications, 'decide', '/scf/creditdecided/V1'),
      poll: { operation: 'readDecision', request: of('applicationNo') },
    },
    disbursementSettled: {
      cause: causing('disburse', 'instructionNo', (ground) => payments(ground), 'settle', '/scf/loandisbursed/V1'),
      poll: { operation: 'readSettlement', request: of('instructionNo') },
    },
    repaymentPosted: {
      cause: causing('adviseRepayment', 'repaymentNo', advices, 'post', '/scf/repaymentposted/V1'),
      poll: { operation: 'readPosting', request: of('repaymentNo') },
    },
    releaseDecided: {
      cause: causing('requestRelease', 'releaseNo', releases, 'decideRelease', '/scf/releasedecided/V1'),
      poll: { operation: 'readReleaseDecision', request: of('releaseNo') },
    },
  },
  tables: {
    'bank.icbc.gateway': { by: 'answer', operation: 'disburse', give: refusal(false), unmapped: '400999' },
    'bank.icbc.business': { by: 'answer', operation: 'applyCredit', give: refusal(true), unmapped: '902099' },
    'bank.icbc.registration': {
      by: 'answer',
      operation: 'queryApplication',
      give: saying((reg_status, said) => ({
        ...said,
        reg_status,
        ...(reg_status === '2' ? { refuse_code: '902001' } : {}),
      })),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'registered' ? 'confirmed' : row),
      unmapped: 'X',
    },
    'bank.icbc.verdict': {
      by: 'answer',
      operation: 'readDecision',
      give: field('appr_status'),
      wrong: (outcome, row) => (row === 'pending' ? enquiryIs(outcome, row) : tells('response.verdict')(outcome, row)),
      unmapped: '77',
    },
    'bank.icbc.day-count': {
      by: 'answer',
      operation: 'readDecision',
      give: saying((rate_basis, said) => ({ ...said, credit: Object.assign({}, said['credit'], { rate_basis }) })),
      wrong: tells('response.terms.dayCount'),
      unmapped: '3',
    },
    'bank.icbc.settlement': {
      by: 'answer',
      operation: 'readSettlement',
      give: field('result'),
      wrong: (outcome, row) => (row === 'pending' ? enquiryIs(outcome, row) : tells('response.status')(outcome, row)),
      unmapped: '77',
    },
    'bank.icbc.posting': {
      by: 'answer',
      operation: 'readPosting',
      give: field('post_status'),
      wrong: (outcome, row) =>
        enquiryIs(outcome, { posted: 'confirmed', sentBack: 'refused', pending: 'pending' }[String(row)]),
      unmapped: '77',
    },
    'bank.icbc.direction': {
      by: 'answer',
      operation: 'readStatement',
      give: inFirstLine('drcr_flag'),
      wrong: tells('lines.0.direction'),
      unmapped: '3',
    },
    'bank.icbc.entry': {
      by: 'answer',
      operation: 'readStatement',
      give: inFirstLine('summary_code'),
      wrong: tells('lines.0.entry'),
      unmapped: '500',
    },
    'bank.icbc.closed': {
      by: 'answer',
      operation: 'readStatement',
      give: field('closed_flag'),
      wrong: tells('final'),
      unmapped: '2',
    },
    'bank.icbc.notice': {
      by: 'notice',
      noticeOf: (api) => apis[api] ?? 'creditDecided',
      give: (api, posted) => formed(posted, { ...formOf(posted.body), api }).body,
      wrong: (fact, row) => (fact?.notice === `bank.${String(row)}` ? undefined : `is ${fact?.notice ?? 'no fact'}`),
      unmapped: '/scf/limitfrozen/V1',
    },
    'bank.icbc.product': {
      by: 'request',
      operation: 'applyCredit',
      ask: (product, request) => ({ ...request, product }),
      unmapped: undefined,
    },
    'bank.icbc.currency': {
      by: 'request',
      operation: 'disburse',
      ask: (currency, request) => ({ ...request, currency }),
      unmapped: 'USD',
    },
  },
  limits: [],
  bugs: {
    'believes-another-answer': {
      what: 'takes the answer to another request for its own: the gateway signed it, and nobody looked at msg_id',
      plant: (dialect) => {
        let last: Buffer = Buffer.alloc(0);
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
              const signed = isFailure(thrown) && thrown.message === 'the answer is to another request';
              if (!signed || operation !== 'applyCredit') throw thrown;
              const sealed = JSON.parse(partsOf(last)?.content ?? '') as string;
              const said = aesOpen(sealed, wire.keys.secret('aes'))?.toString() ?? '';
              return { funderRef: (JSON.parse(said) as { ref_no: string }).ref_no };
            }
          },
        });
      },
    },
    'suspect-is-failed': {
      what: 'takes 待核查 and 通讯可疑, of which the bank itself knows nothing, for a failure',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            const answer = await own(request, wire);
            const pending = (answer as { outcome?: string }).outcome === 'pending';
            return operation === 'readSettlement' && pending
              ? { outcome: 'refused', code: '95', detail: 'suspect' }
              : answer;
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
