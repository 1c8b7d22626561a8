/** What the funder by packages is asked, step by step, and how its receipts and decisions come about, on its worst days too. */
import * as given from '../../../adapters/bank/case.fixture.ts';
import type { Ground } from '../ground.ts';
import { sixDigits } from '../telling.ts';

const no = sixDigits;
const base = 900_000;
const on = '20261123';
type Maker = (turn: number) => object;

const application = (turn: number) => ({
  ...given.application,
  applicationNo: no('FA', turn),
  order: { ...given.application.order, orderNo: `45000${turn}` },
});
const numberIn = (request: object, field: string) => String((request as Record<string, unknown>)[field]);

/** Approved: what collateral stands on. */
async function approved(ground: Ground): Promise<string> {
  const asked = application(base);
  await ground.confirmed('applyCredit', asked);
  await ground.act('collect');
  await ground.act('decide', { applicationNo: asked.applicationNo });
  return asked.applicationNo;
}
export const collaterals = async (ground: Ground): Promise<Maker> => {
  const applicationNo = await approved(ground);
  return (turn) => ({ ...given.collateral, pledgeNo: no('PL', turn), applicationNo });
};
const loanNo = 'LN-1';
export const advices = async (ground: Ground): Promise<Maker> => {
  const make = await collaterals(ground);
  await ground.confirmed('deliverCollateral', make(base));
  await ground.act('collect');
  await ground.act('lend', { applicationNo: application(base).applicationNo, loanNo, amount: '10000.00' });
  return (turn) => ({ ...given.advice, repaymentNo: no('RP', turn), loanNo, amount: '1.00' });
};
export const releases = async (ground: Ground): Promise<Maker> => {
  const advice = (await advices(ground))(base);
  await ground.confirmed('adviseRepayment', advice);
  await ground.act('collect');
  const repaymentNo = numberIn(advice, 'repaymentNo');
  await ground.act('post', { repaymentNo });
  const lots = given.release.lots.map((lot) => ({ ...lot, quantity: '0.001' }));
  const pledgeNo = no('PL', base);
  return (turn) => ({ ...given.release, releaseNo: no('RO', turn), pledgeNo, loanNo, repaymentNo, lots });
};
export const applications = async (): Promise<Maker> => application;
/** Others are decided on the same day: the file of approvals is not a short one. */
export const oneOfMany = async (ground: Ground): Promise<Maker> => {
  for (let turn = base; turn < base + 4; turn += 1) {
    await ground.confirmed('applyCredit', application(turn));
    await ground.act('collect');
    await ground.act('decide', { applicationNo: application(turn).applicationNo });
  }
  return application;
};

/** The clerk looks, and then those who decide. */
export const finish = (field: string, people?: string) => async (ground: Ground, request: object) => {
  await ground.act('collect');
  if (people !== undefined) await ground.act(people, { [field]: numberIn(request, field) });
};

interface Asking {
  readonly operation: string;
  readonly field: string;
  readonly maker: (ground: Ground) => Promise<Maker>;
}

async function twoDone(ground: Ground, { operation, field, maker }: Asking, people?: string): Promise<Maker> {
  const make = await maker(ground);
  for (const turn of [1, 2]) {
    await ground.confirmed(operation, make(turn));
    await finish(field, people)(ground, make(turn));
  }
  return (turn) => ({ no: numberIn(make(1 + (turn % 2)), field) });
}

async function mustNotBelieve(ground: Ground, operation: string, request: object, what: string): Promise<void> {
  const outcome = await ground.call(operation, request);
  if (outcome.outcome !== 'unknown') throw new Error(`${what} is believed: ${JSON.stringify(outcome)}`);
}

/** Receipts are there. On its worst day the funder answers about bytes that nobody sent, and then again as it should. */
export const answered = (query: string, kind: string, asking: Asking) => async (ground: Ground) => {
  const make = await twoDone(ground, asking);
  const request = make(2);
  const about = { kind, no: (request as { no: string }).no };
  await ground.act('receipt', { ...about, otherBytes: true });
  await mustNotBelieve(ground, query, request, 'a receipt whose hashes are not those of the package');
  await ground.act('receipt', about);
  return make;
};

/** Decisions are there. The night's file comes cut off and unsigned, then with a trailer that is wrong, then as it should be. */
export const decided = (read: string, people: string, asking: Asking) => async (ground: Ground) => {
  const make = await twoDone(ground, asking, people);
  await ground.act('publish', { on, wrongTrailer: true });
  await mustNotBelieve(ground, read, make(1), 'a file of approvals whose trailer does not match');
  await ground.act('publish', { on, stranger: true });
  await ground.act('publish', { on, half: true });
  return make;
};

export const credits: Asking = { operation: 'applyCredit', field: 'applicationNo', maker: applications };
export const pledged: Asking = { operation: 'deliverCollateral', field: 'pledgeNo', maker: collaterals };
export const advised: Asking = { operation: 'adviseRepayment', field: 'repaymentNo', maker: advices };
export const released: Asking = { operation: 'requestRelease', field: 'releaseNo', maker: releases };

const feedback = (turn: number) => ({ ...given.feedback, feedbackNo: no('FB', turn) });
export const feedbacks = async (): Promise<Maker> => feedback;
export const fedBack: Asking = { operation: 'submitFeedback', field: 'feedbackNo', maker: feedbacks };
/** As `oneOfMany`. */
export const feedbackOfMany = async (ground: Ground): Promise<Maker> => {
  for (let turn = base; turn < base + 6; turn += 1) {
    await ground.confirmed('submitFeedback', feedback(turn));
    await ground.act('collect');
    await ground.act('checkFeedback', { feedbackNo: feedback(turn).feedbackNo });
  }
  return feedback;
};
