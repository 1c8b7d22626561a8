/** CMB's cloud direct connection: SM2 over canonical JSON, in SM4, in base64; one address, and the bank never calls. */
import * as given from '../../../adapters/bank/case.fixture.ts';
import { cmbDialect } from '../../../adapters/bank/dialects/cmb.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { Failure } from '../../../contracts/failures.ts';
import { deciphered, enciphered, identity, sealed } from '../../../sandbox/bank/cmbSeal.ts';
import { bankCmb, keysOf } from '../../../sandbox/bank/cmb.twin.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Asked, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

/** The same for the bank and for strangers, so that a stranger's answer fails by its signature and not sooner. */
const symmetric = '0f1e2d3c4b5a6978';
const { userId } = identity;

function enrol() {
  const { hub, twin } = bankCmb.enrol();
  return { hub: { ...hub, 'symmetric.txt': symmetric }, twin: { ...twin, 'symmetric.txt': symmetric } };
}

interface Message {
  readonly response: { readonly head: object; readonly body: Record<string, unknown> };
  readonly signature: { readonly sigdat: string; readonly sigtim: string };
}

function messageIn(body: Buffer): Message | undefined {
  try {
    const plain = deciphered(body.toString('latin1'), symmetric, userId);
    return plain && (JSON.parse(plain.toString()) as Message);
  } catch {
    return undefined;
  }
}

const inside = (answer: Answer, plain: string | Buffer): Answer => ({
  ...answer,
  body: Buffer.from(enciphered(plain, symmetric, userId)),
});

/** What is no message is enciphered as it is: there is nothing in it that a signature could be put into. */
function sign(answer: Answer, _asked: Asked, keys: TwinKeys): Answer {
  const message = messageIn(answer.body);
  if (!message) return inside(answer, answer.body);
  return {
    ...answer,
    body: Buffer.from(
      sealed(
        message,
        keysOf((name) => keys[name] ?? ''),
      ).body,
    ),
  };
}

const resealed = (answer: Answer, sigdat: (own: string) => string | undefined): Answer => {
  const message = messageIn(answer.body);
  if (!message) return answer;
  const { signature, ...rest } = message;
  const { sigdat: own, ...others } = signature;
  return inside(answer, JSON.stringify({ ...rest, signature: { sigdat: sigdat(own), ...others } }));
};

/** The bank's own answer with something else in it, under its own signature. */
const saying =
  (edit: (code: string, response: Message['response']) => object) =>
  (code: string, genuine: Answer, _asked: Asked, keys: TwinKeys): Answer => {
    const message = messageIn(genuine.body);
    if (!message) throw new Error('the genuine answer is none');
    const edited = { ...message, response: edit(code, message.response) };
    return {
      ...genuine,
      body: Buffer.from(
        sealed(
          edited,
          keysOf((name) => keys[name] ?? ''),
        ).body,
      ),
    };
  };
const inRow = (list: string, name: string) =>
  saying((code, { head, body }) => {
    const [first, ...others] = (body[list] ?? []) as object[];
    return { head, body: { ...body, [list]: [{ ...first, [name]: code }, ...others] } };
  });

const number = (turn: number) => sixDigits('PI', turn);
const payment = (turn: number) => ({
  ...given.disbursement,
  instructionNo: number(turn),
  funderRef: 'BR1',
  amount: '10.00',
});
const settle = (ground: Ground, request: object) =>
  ground.act('settle', { instructionNo: (request as { instructionNo: string }).instructionNo });

/** Payments that were made, asked about in turns. */
async function paid(ground: Ground) {
  for (const turn of [1, 2]) {
    await ground.confirmed('disburse', payment(turn));
    await settle(ground, payment(turn));
  }
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
}

const returnedTurn = 3;
async function paidAndReturned(ground: Ground) {
  await ground.confirmed('disburse', payment(returnedTurn));
  await settle(ground, payment(returnedTurn));
  await ground.act('bounce', { instructionNo: number(returnedTurn) });
  return paid(ground);
}

const statements = async (ground: Ground) => {
  await ground.act('enter', { amount: '12.50', day: '20261119', name: '某公司', reference: 'PI-9' });
  await ground.act('enter', { amount: '7.00', day: '20261120' });
  return (turn: number) => ({
    accountNo: identity.debitAccount,
    date: turn % 2 === 0 ? '2026-11-19' : '2026-11-20',
  });
};

export const subject = subjectOf({
  kind: bank,
  vendor: 'cmb',
  dialect: cmbDialect,
  twin: { ...bankCmb, enrol },
  answerSeal: {
    sign,
    flip: (answer) => resealed(answer, flipped),
    strip: (answer) => resealed(answer, () => undefined),
    alter: (answer) =>
      inside(answer, otherDigit(deciphered(answer.body.toString('latin1'), symmetric, userId) ?? answer.body)),
    borrow: (answer, earlier) => resealed(answer, () => messageIn(earlier.body)?.signature.sigdat),
  },
  operations: {
    disburse: {
      ready: async () => payment,
      effect: 'disbursed',
      finish: settle,
      conflict: (request: object) => ({ ...request, amount: '11.00' }),
    },
    queryDisbursement: { ready: paid },
    readSettlement: { ready: paidAndReturned },
    readStatement: { ready: statements },
  },
  notices: {},
  tables: {
    'bank.cmb.head': {
      by: 'answer',
      operation: 'disburse',
      give: saying((resultcode, { head, body }) => ({ head: { ...head, resultcode }, body })),
      wrong: (outcome, row) => {
        const found = outcome.outcome === 'confirmed' ? 'run' : outcome.code;
        return found === row ? undefined : `is ${found} and not ${String(row)}`;
      },
      unmapped: 'CDC7777',
    },
    'bank.cmb.pay': {
      by: 'answer',
      operation: 'disburse',
      give: inRow('bb1payopz1', 'errCod'),
      wrong: (outcome, row) => {
        // A reference that was used before is asked about, and this one was: for the same payment.
        const due = row === 'duplicate' || row === 'taken' ? 'confirmed' : row;
        const found = outcome.outcome === 'confirmed' ? 'confirmed' : outcome.code;
        return found === due ? undefined : `is ${found} and not ${String(due)}`;
      },
      unmapped: 'NCB7777',
    },
    'bank.cmb.request': {
      by: 'answer',
      operation: 'readSettlement',
      give: inRow('bb1payqrz1', 'reqSts'),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'pending' ? row : 'confirmed'),
      unmapped: 'XYZ',
    },
    'bank.cmb.result': {
      by: 'answer',
      operation: 'readSettlement',
      // Why and when a payment came back stands in another list: there must be one that did.
      ask: (code, request) => (code === 'B' ? { no: number(returnedTurn) } : request),
      give: inRow('bb1payqrz1', 'rtnFlg'),
      wrong: (outcome, row) => (row === 'pending' ? enquiryIs(outcome, row) : tells('response.status')(outcome, row)),
      unmapped: 'X',
    },
    'bank.cmb.direction': {
      by: 'answer',
      operation: 'readStatement',
      give: inRow('ntqactrsz2', 'amtcdr'),
      wrong: tells('lines.0.direction'),
      unmapped: 'X',
    },
    'bank.cmb.entry': {
      by: 'answer',
      operation: 'readStatement',
      give: inRow('ntqactrsz2', 'trscod'),
      wrong: tells('lines.0.entry'),
      unmapped: 'CXYZ',
    },
    'bank.cmb.currency': {
      by: 'request',
      operation: 'disburse',
      ask: (currency, request) => ({ ...request, currency }),
      unmapped: 'USD',
    },
  },
  limits: [],
  bugs: {
    'duplicate-is-failed': {
      what: 'reads FIN with F beside NCB4241 as a payment that failed, where it is a payment that was made before',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            let sent = 0;
            const counted = {
              ...wire,
              get system() {
                return wire.system;
              },
              send: (each: Parameters<typeof wire.send>[0]) => {
                sent += 1;
                return wire.send(each);
              },
            };
            const answer = await own(request, counted);
            if (operation === 'disburse' && sent > 1)
              throw new Failure('SYSTEM_REFUSED', { detail: 'FIN/F', externalCode: 'NCB4241' });
            return answer;
          },
        }),
    },
    'pending-is-paid': {
      what: 'takes a payment that is under way, suspicious or held (BNK, WRF, U) for made',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            const answer = await own(request, wire);
            if (operation !== 'readSettlement' || (answer as { outcome: string }).outcome !== 'pending') return answer;
            const instructionNo = (request as { no: string }).no;
            const response = { instructionNo, status: 'succeeded', amount: '10.00', settledAt: '2026-11-23T00:00:00Z' };
            return { outcome: 'confirmed', response };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
