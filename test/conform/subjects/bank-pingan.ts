/** Ping An B2Bi: a header with lengths, GBK XML, a signature behind both, over TCP. */
import { createSign } from 'node:crypto';
import { disbursement } from '../../../adapters/bank/case.fixture.ts';
import { pinganDialect } from '../../../adapters/bank/dialects/pingan.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { bankPingan } from '../../../sandbox/bank/pingan.twin.ts';
import { answerB2bi, b2biLength, headIn } from '../../../sandbox/bank/pinganWire.ts';
import { unit } from '../../../sandbox/world.ts';
import { reframed } from '../framed.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, forgetsDeadline, takesTheFirstPiece, unknownIsRefused } from '../plants.ts';
import { otherDigit } from '../sealing.ts';
import { type Answer, type Asked, type Framing, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const framing: Framing = { frame: b2biLength, headBytes: 222, length: { at: 30, digits: 10 } };
const codeAt = 87;
const signedAt = 197;

const number = (turn: number) => sixDigits('PI', turn);
const payment = (turn: number) => ({
  ...disbursement,
  instructionNo: number(turn),
  funderRef: 'BR-1',
  amount: '10.00',
});
const settle = (ground: Ground, turn: number) => ground.act('settle', { number: number(turn) });

/** Two transfers that were paid, asked about in turns. */
async function paid(ground: Ground) {
  for (const turn of [1, 2]) {
    await ground.confirmed('disburse', payment(turn));
    await settle(ground, turn);
  }
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
}

/** Head and content, without the signature. */
function bare(message: Buffer): Buffer {
  return message.subarray(0, 222 + Number(headIn(message)[5]));
}

const isWhole = (bytes: Buffer) => bytes.length >= 222 && bytes.subarray(0, 4).equals(Buffer.from('A001'));

/** A whole answer is signed anew; anything else becomes the content of one. */
function sign(answer: Answer, asked: Asked, keys: TwinKeys): Answer {
  const key = keys['bank-private.pem'] ?? '';
  if (!isWhole(answer.body)) {
    const body = answerB2bi(headIn(asked.body), { code: '000000', words: '', body: answer.body }, key);
    return { ...answer, body };
  }
  const signed = bare(answer.body);
  return { ...answer, body: Buffer.concat([signed, createSign('RSA-SHA256').update(signed).sign(key)]) };
}

/** The bank's own answer with one field another, under its own signature. */
const saying =
  (name: string) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer => {
    const body = reframed(genuine.body, framing, (content) =>
      Buffer.from(
        content
          .toString('latin1')
          .replaceAll(new RegExp(`<${name}>[^<]*</${name}>`, 'g'), `<${name}>${code}</${name}>`),
        'latin1',
      ),
    );
    return sign({ ...genuine, body }, asked, keys);
  };

function written(bytes: Buffer, at: number, text: string): Buffer {
  const changedBytes = Buffer.from(bytes);
  changedBytes.write(text, at, 'latin1');
  return changedBytes;
}

export const subject = subjectOf({
  kind: bank,
  vendor: 'pingan',
  dialect: pinganDialect,
  twin: bankPingan,
  framing,
  answerSeal: {
    sign,
    flip: (answer) => {
      const body = Buffer.from(answer.body);
      body[body.length - 100] = (body[body.length - 100] ?? 0) ^ 1;
      return { ...answer, body };
    },
    strip: (answer) => ({ ...answer, body: written(bare(answer.body), signedAt, '0') }),
    alter: (answer) => ({ ...answer, body: reframed(answer.body, framing, otherDigit) }),
    borrow: (answer, earlier) => ({
      ...answer,
      body: Buffer.concat([bare(answer.body), earlier.body.subarray(bare(earlier.body).length)]),
    }),
  },
  operations: {
    disburse: {
      ready: async () => payment,
      effect: 'paid',
      finish: (ground: Ground, request: object) =>
        ground.act('settle', { number: (request as { instructionNo: string }).instructionNo }),
      conflict: (request: object) => ({ ...request, amount: '11.00' }),
    },
    queryDisbursement: { ready: paid },
    readSettlement: { ready: paid },
    readStatement: {
      steps: [{ kind: 'read' }, { kind: 'read' }],
      ready: async (ground: Ground) => {
        const account = unit.account.accountNo;
        await ground.act('bookMany', { account, date: '20261119', count: 35 });
        await ground.act('bookMany', { account, date: '20261120', count: 40 });
        return (turn: number) => ({ accountNo: account, date: turn % 2 === 0 ? '2026-11-19' : '2026-11-20' });
      },
    },
  },
  notices: {},
  tables: {
    'bank.pingan.head': {
      by: 'answer',
      operation: 'disburse',
      give: (code, genuine, asked, keys) =>
        sign({ ...genuine, body: written(genuine.body, codeAt, code) }, asked, keys),
      wrong: (outcome, row) => {
        // A duplicate makes the dialect ask, and the bank has it. Unknown to a bank that was told it: no answer at all.
        const due = { taken: 'confirmed', duplicate: 'confirmed', notFound: 'OUTCOME_UNKNOWN' }[String(row)] ?? row;
        const found = outcome.outcome === 'confirmed' ? 'confirmed' : outcome.code;
        return found === due ? undefined : `is ${found} and not ${String(due)}`;
      },
      unmapped: 'ZZ9999',
    },
    'bank.pingan.transfer-state': {
      by: 'answer',
      operation: 'readSettlement',
      give: saying('Stt'),
      wrong: (outcome, row) => (row === 'pending' ? enquiryIs(outcome, row) : tells('response.status')(outcome, row)),
      unmapped: '77',
    },
    'bank.pingan.returned': {
      by: 'answer',
      operation: 'readSettlement',
      give: saying('IsBack'),
      wrong: tells('response.status', (row) => (row === 'kept' ? 'succeeded' : row)),
      unmapped: '7',
    },
    'bank.pingan.direction': {
      by: 'answer',
      operation: 'readStatement',
      give: saying('DcFlag'),
      wrong: tells('lines.0.direction'),
      unmapped: 'X',
    },
    'bank.pingan.abstract': {
      by: 'answer',
      operation: 'readStatement',
      give: saying('AbstractStr'),
      wrong: tells('lines.0.entry'),
      unmapped: 'ZZZ',
    },
    'bank.pingan.currency': {
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
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            try {
              return await act(request, wire);
            } catch (thrown) {
              if (operation !== 'disburse' || !isFailure(thrown) || thrown.type !== 'ANSWER_UNVERIFIED') throw thrown;
              return { bankNo: 'F0000000000001' };
            }
          },
        }),
    },
    'duplicate-is-taken': {
      what: 'takes "duplicate" for "taken", whichever transfer the bank has under that number',
      plant: (dialect) =>
        changed(dialect, {
          act: (act) => async (request, wire) => {
            try {
              return await act(request, wire);
            } catch (thrown) {
              if (isFailure(thrown) && thrown.type === 'IDEMPOTENCY_CONFLICT') return { bankNo: 'F0000000000001' };
              throw thrown;
            }
          },
        }),
    },
    'takes-the-first-piece': takesTheFirstPiece,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
