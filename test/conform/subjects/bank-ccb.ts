/** China Construction Bank, 外联平台: GBK XML in a form, unsigned between the hub and the bank's program beside it. */
import { disbursement } from '../../../adapters/bank/case.fixture.ts';
import { ccbDialect } from '../../../adapters/bank/dialects/ccb.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { bankCcb } from '../../../sandbox/bank/ccb.twin.ts';
import { unit } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const number = (turn: number) => sixDigits('PI', turn);
const payment = (turn: number) => ({
  ...disbursement,
  instructionNo: number(turn),
  funderRef: 'BR-1',
  amount: '10.00',
});

/** Two transfers that were paid, asked about in turns. */
async function paid(ground: Ground) {
  for (const turn of [1, 2]) {
    await ground.confirmed('disburse', payment(turn));
    await ground.act('settle', { number: number(turn) });
  }
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
}

/** The bank's own answer with one field another. */
const saying =
  (name: string) =>
  (code: string, genuine: Answer): Answer => ({
    ...genuine,
    body: Buffer.from(
      genuine.body
        .toString('latin1')
        .replaceAll(new RegExp(`<${name}>[^<]*</${name}>`, 'g'), `<${name}>${code}</${name}>`),
      'latin1',
    ),
  });

export const subject = subjectOf({
  kind: bank,
  vendor: 'ccb',
  dialect: ccbDialect,
  twin: bankCcb,
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
        await ground.act('bookMany', { account, date: '20261119', count: 25 });
        await ground.act('bookMany', { account, date: '20261120', count: 30 });
        return (turn: number) => ({ accountNo: account, date: turn % 2 === 0 ? '2026-11-19' : '2026-11-20' });
      },
    },
  },
  notices: {},
  tables: {
    'bank.ccb.return': {
      by: 'answer',
      operation: 'disburse',
      give: saying('RETURN_CODE'),
      wrong: (outcome, row) => {
        // A duplicate makes the dialect ask, and the bank has it. Unknown to a bank that was told it: no answer at all.
        const due = { taken: 'confirmed', duplicate: 'confirmed', notFound: 'OUTCOME_UNKNOWN' }[String(row)] ?? row;
        const found = outcome.outcome === 'confirmed' ? 'confirmed' : outcome.code;
        return found === due ? undefined : `is ${found} and not ${String(due)}`;
      },
      unmapped: '0130Z9999999',
    },
    'bank.ccb.deal-type': {
      by: 'answer',
      operation: 'disburse',
      give: saying('DEAL_TYPE'),
      wrong: (outcome, row) => {
        const found = outcome.outcome === 'confirmed' ? 'taken' : outcome.code;
        return found === row ? undefined : `is ${found} and not ${String(row)}`;
      },
      unmapped: 'Z',
    },
    'bank.ccb.result': {
      by: 'answer',
      operation: 'readSettlement',
      give: saying('DEAL_RESULT'),
      wrong: (outcome, row) => (row === 'pending' ? enquiryIs(outcome, row) : tells('response.status')(outcome, row)),
      unmapped: '7',
    },
    'bank.ccb.direction': {
      by: 'answer',
      operation: 'readStatement',
      give: saying('FLAG1'),
      wrong: tells('lines.0.direction'),
      unmapped: 'X',
    },
    'bank.ccb.entry': {
      by: 'answer',
      operation: 'readStatement',
      give: saying('FLAG2'),
      wrong: tells('lines.0.entry'),
      unmapped: 'X',
    },
    'bank.ccb.currency': {
      by: 'request',
      operation: 'disburse',
      ask: (currency, request) => ({ ...request, currency }),
      unmapped: 'USD',
    },
  },
  limits: [
    {
      where: '*',
      cases: [
        'signature-bit-flipped',
        'signature-missing',
        'signed-content-altered',
        'signed-by-another-key',
        'signature-of-an-earlier-answer',
      ],
      why: 'the bank signs between itself and its client program, not towards the hub: an answer proves by its number only which request it answers, so the program stands in our own network and the road to it is trusted',
    },
  ],
  bugs: {
    'believes-any-answer': {
      what: 'does not look whose request an answer names',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            const asked = decodeURIComponent(request.body?.toString('latin1').replaceAll(/%[89A-F]./g, '') ?? '');
            const body = ['REQUEST_SN', 'REM1'].reduce((text, name) => {
              const ours = new RegExp(`<${name}>[^<]*`).exec(asked)?.[0];
              return ours === undefined ? text : text.replace(new RegExp(`<${name}>[^<]*`), ours);
            }, answer.body.toString('latin1'));
            return { ...answer, body: Buffer.from(body, 'latin1') };
          }),
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
              if (isFailure(thrown) && thrown.type === 'IDEMPOTENCY_CONFLICT') return { bankNo: 'F00000000001' };
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
