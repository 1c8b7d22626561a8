/** Identity verification (实名认证): answers are signed with a shared secret over the request's nonce. */
import { idvDialect, signAnswer } from '../../../adapters/cfca/dialects/idv.ts';
import { cfca } from '../../../contracts/cfca/cfca.ts';
import { cfcaIdv } from '../../../sandbox/cfca/idv.twin.ts';
import { answerHeaders } from '../../../sandbox/cfca/idvWire.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Asked, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const signature = 'x-idv-signature';
const number = (turn: number) => sixDigits('IDV', turn);
const enterprise = (turn: number) => ({
  requestNo: number(turn),
  name: '福建闽江钢材有限公司',
  uscc: '91350100MA32000B1T',
  legalRepName: '郑海峰',
  legalRepIdNo: '350100198202030024',
});
const bankcard = (turn: number) => ({
  requestNo: number(turn),
  name: '吴晓燕',
  idNo: '350100199005050071',
  cardNo: '6222024100001230006',
  phone: '13800000012',
});

const account = { companyName: '福建闽江钢材有限公司', accountNo: '4100020000000000202', bankCode: '102393000018' };
const proof = (turn: number) => ({ requestNo: sixDigits('PRF', turn), ...account });

/** The payment is made; its people know the amount. */
async function paid(ground: Ground, turn: number): Promise<string> {
  const { requestNo } = proof(turn);
  await ground.confirmed('startAccountProof', proof(turn));
  await ground.act('pay', { requestNo });
  const { memory } = (await ground.bench.control('GET', 'state')) as {
    memory: { proofs: Record<string, { amount: string }> };
  };
  return memory.proofs[requestNo]?.amount ?? '';
}
async function confirmation(ground: Ground, turn: number) {
  const amount = await paid(ground, turn);
  return { requestNo: sixDigits('CNF', turn), proofNo: proof(turn).requestNo, amount };
}
const twoProofs = async (ground: Ground) => {
  for (const turn of [1, 2]) await paid(ground, turn);
  return (turn: number) => ({ no: proof(1 + (turn % 2)).requestNo });
};

function sign(answer: Answer, asked: Asked, keys: TwinKeys): Answer {
  const { status, body } = answer;
  const nonce = asked.headers['x-idv-nonce'] ?? '';
  return {
    ...answer,
    headers: { ...answer.headers, ...answerHeaders(keys['idv-secret.txt'] ?? '', { status, nonce, body }) },
  };
}

/** The vendor's own answer, saying something else, under its own signature. */
const saying =
  (edit: (code: string) => object) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer =>
    sign({ ...genuine, body: edited(genuine.body, (fields) => ({ ...fields, ...edit(code) })) }, asked, keys);

const noProof = { serialNo: undefined, validTo: undefined, state: undefined, triesLeft: undefined };
const noAnswer = { serialNo: undefined, charged: undefined, factors: undefined };

export const subject = subjectOf({
  kind: cfca,
  vendor: 'idv',
  dialect: idvDialect,
  twin: cfcaIdv,
  answerSeal: {
    sign,
    flip: (answer) => withHeader(answer, signature, flipped(answer.headers[signature] ?? '')),
    strip: (answer) => withHeader(answer, signature, undefined),
    alter: (answer) => ({ ...answer, body: otherDigit(answer.body) }),
    borrow: (answer, earlier) => withHeader(answer, signature, earlier.headers[signature]),
  },
  operations: {
    verifyEnterprise: {
      ready: async () => enterprise,
      effect: 'verified',
      conflict: (request: object) => ({ ...request, legalRepName: '郑海' }),
    },
    verifyBankcard: {
      ready: async () => bankcard,
      effect: 'verified',
      conflict: (request: object) => ({ ...request, phone: '13900000000' }),
    },
    queryVerification: {
      ready: async (ground: Ground) => {
        for (const turn of [1, 2]) await ground.confirmed('verifyEnterprise', enterprise(turn));
        return (turn: number) => ({ no: number(1 + (turn % 2)) });
      },
    },
    startAccountProof: {
      ready: async () => proof,
      effect: 'proofStarted',
      conflict: (request: object) => ({ ...request, accountNo: '4100020000000000303' }),
    },
    queryAccountProof: { ready: twoProofs },
    readAccountProof: { ready: twoProofs },
    confirmAccountProof: {
      ready: async (ground: Ground) => (turn: number) => confirmation(ground, turn),
      effect: 'confirmed',
      conflict: (request: object) => ({
        ...request,
        amount: (request as { amount: string }).amount === '0.01' ? '0.02' : '0.01',
      }),
    },
    queryAccountConfirmation: {
      ready: async (ground: Ground) => {
        for (const turn of [1, 2]) await ground.confirmed('confirmAccountProof', await confirmation(ground, turn));
        return (turn: number) => ({ no: sixDigits('CNF', 1 + (turn % 2)) });
      },
    },
  },
  notices: {},
  tables: {
    'cfca.idv.result': {
      by: 'answer',
      operation: 'verifyEnterprise',
      give: saying((resultCode) => ({
        resultCode,
        factors: { entName: '1', creditCode: '1', legalName: resultCode === '02' ? '0' : '1', legalIdNo: '1' },
      })),
      wrong: tells('result'),
      unmapped: '77',
    },
    'cfca.idv.failure': {
      by: 'answer',
      operation: 'verifyEnterprise',
      give: saying((resultCode) => ({ resultCode, ...noAnswer })),
      unmapped: 'Z9',
    },
    'cfca.idv.enquiry': {
      by: 'answer',
      operation: 'queryVerification',
      give: saying((resultCode) => ({ resultCode, ...noAnswer })),
      wrong: enquiryIs,
      unmapped: 'Z9',
    },
    'cfca.idv.factor': {
      by: 'answer',
      operation: 'verifyEnterprise',
      give: saying((factor) => ({ resultCode: '02', factors: { [factor]: '0' } })),
      wrong: tells('mismatched.0'),
      unmapped: undefined,
    },
    'cfca.idv.account-failure': {
      by: 'answer',
      operation: 'startAccountProof',
      give: saying((resultCode) => ({ resultCode, ...noProof })),
      unmapped: 'Z9',
    },
    'cfca.idv.account-enquiry': {
      by: 'answer',
      operation: 'queryAccountProof',
      give: saying((resultCode) => ({ resultCode, ...noProof })),
      wrong: enquiryIs,
      unmapped: 'Z9',
    },
    'cfca.idv.account-state': {
      by: 'answer',
      operation: 'readAccountProof',
      give: saying((state) => ({ state, ...(state === 'P2' || state === 'P3' ? { reason: 'R2' } : {}) })),
      wrong: tells('response.state'),
      unmapped: 'P9',
    },
    'cfca.idv.account-reason': {
      by: 'answer',
      operation: 'readAccountProof',
      give: saying((reason) => ({ state: 'P2', reason })),
      wrong: tells('response.reason'),
      unmapped: 'R9',
    },
    'cfca.idv.account-confirmation': {
      by: 'answer',
      operation: 'confirmAccountProof',
      give: saying((resultCode) => ({ resultCode })),
      wrong: tells('result'),
      unmapped: '09',
    },
  },
  limits: [],
  bugs: {
    'believes-anybody': {
      what: 'signs an answer itself before it looks at the signature',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            const nonce = request.headers['x-idv-nonce'] ?? '';
            const due = signAnswer(keys.secret('idv-secret'), { status: answer.status, nonce, body: answer.body });
            return { ...answer, headers: { ...answer.headers, [signature]: due } };
          }),
        }),
    },
    'numbers-each-try-anew': {
      what: 'gives each attempt at a confirmation a number of its own: a try that was not answered is counted twice',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            if (operation !== 'confirmAccountProof') return act(request, wire);
            const { requestNo } = request as { requestNo: string };
            const answer = await act({ ...(request as object), requestNo: `${requestNo}-${Date.now()}` }, wire);
            return { ...(answer as object), requestNo };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
