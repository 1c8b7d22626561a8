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
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
