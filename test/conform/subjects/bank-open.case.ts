/** A financing at the open bank API, step by step: what its operations stand on, and how its notices come about. */
import * as given from '../../../adapters/bank/case.fixture.ts';
import type { Ground } from '../ground.ts';
import type { Posted } from '../subject.ts';
import { sixDigits } from '../telling.ts';

const no = sixDigits;
const application = (turn: number) => ({
  ...given.application,
  applicationNo: no('FA', turn),
  order: { ...given.application.order, orderNo: `45000${turn}` },
});
const collateral = (turn: number, applicationNo: string) => ({
  ...given.collateral,
  pledgeNo: no('PL', turn),
  applicationNo,
});

/** Approved, and its collateral in custody: what a payment stands on. */
async function approved(ground: Ground, turn: number): Promise<{ applicationNo: string; funderRef: string }> {
  const asked = application(turn);
  const { funderRef }: { funderRef: string } = await ground.confirmed('applyCredit', asked);
  await ground.act('decide', { applicationNo: asked.applicationNo });
  await ground.confirmed('deliverCollateral', collateral(turn, asked.applicationNo));
  return { applicationNo: asked.applicationNo, funderRef };
}

const base = 900_000;
export const payments = async (ground: Ground, amount = '10.00') => {
  const { applicationNo, funderRef } = await approved(ground, base);
  const order = application(base).order.orderNo;
  return (turn: number) => ({
    ...given.disbursement,
    instructionNo: no('PI', turn),
    applicationNo,
    funderRef,
    amount,
    orderNo: order,
  });
};

/** Applications that were taken, to be taken back. */
export const withdrawals = async (ground: Ground) => {
  const refs = new Map<number, string>();
  return async (turn: number) => {
    const asked = application(turn);
    const known = refs.get(turn);
    const { funderRef }: { funderRef: string } =
      known === undefined ? await ground.confirmed('applyCredit', asked) : { funderRef: known };
    refs.set(turn, funderRef);
    return { applicationNo: asked.applicationNo, funderRef, reason: '三个工作日未审批' };
  };
};

/** Two of them taken back, asked about in turns. */
export const withdrawn = async (ground: Ground): Promise<Maker> => {
  const make = await withdrawals(ground);
  for (const turn of [1, 2]) await ground.confirmed('withdrawApplication', await make(turn));
  return (turn) => ({ no: no('FA', 1 + (turn % 2)) });
};

/** The number of a loan of 10 000 yuan. */
export async function lent(ground: Ground): Promise<string> {
  const payment = (await payments(ground, '10000.00'))(base);
  await ground.confirmed('disburse', payment);
  await ground.act('settle', { instructionNo: payment.instructionNo });
  const read: { response: { loan: { loanNo: string } } } = await ground.confirmed('readSettlement', {
    no: payment.instructionNo,
  });
  return read.response.loan.loanNo;
}

export const advices = async (ground: Ground) => {
  const loanNo = await lent(ground);
  return (turn: number) => ({
    ...given.advice,
    repaymentNo: no('RP', turn),
    loanNo,
    amount: '1.00',
    valueDate: '2026-12-23',
  });
};

export const releases = async (ground: Ground) => {
  const advice = (await advices(ground))(base);
  await ground.confirmed('adviseRepayment', advice);
  await ground.act('post', { repaymentNo: advice.repaymentNo });
  const { loanNo, repaymentNo } = advice;
  const lots = given.release.lots.map((lot) => ({ ...lot, quantity: '0.001' }));
  const pledgeNo = no('PL', base);
  return (turn: number) => ({ ...given.release, releaseNo: no('RO', turn), pledgeNo, loanNo, repaymentNo, lots });
};

export const act = (name: string, field: string) => (ground: Ground, request: object) =>
  ground.act(name, { [field]: (request as Record<string, unknown>)[field] });

type Maker = (turn: number) => object;

/** Two of them done, asked about in turns. */
export const asking =
  (operation: string, field: string, maker: (ground: Ground) => Promise<Maker>, people?: string) =>
  async (ground: Ground): Promise<Maker> => {
    const make = await maker(ground);
    for (const turn of [1, 2]) {
      await ground.confirmed(operation, make(turn));
      if (people !== undefined) await act(people, field)(ground, make(turn));
    }
    return (turn) => ({ no: (make(1 + (turn % 2)) as Record<string, unknown>)[field] });
  };

export const applications = async () => application;
export const feedbacks = async () => (turn: number) => ({ ...given.feedback, feedbackNo: no('FB', turn) });
export const collaterals = async (ground: Ground) => {
  const { applicationNo } = await approved(ground, base);
  return (turn: number) => collateral(turn, applicationNo);
};

/** Makes a notice of it: done by the hub, decided by people. One bench has one case to begin with. */
export const causing = (
  operation: string,
  field: string,
  maker: (ground: Ground) => Promise<Maker>,
  people: string,
) => {
  const made = new WeakMap<Ground, Maker>();
  return async (ground: Ground, turn: number) => {
    const make = made.get(ground) ?? (await maker(ground));
    made.set(ground, make);
    await ground.confirmed(operation, make(turn));
    await act(people, field)(ground, make(turn));
    const number = String((make(turn) as Record<string, unknown>)[field]);
    const [type] = types[operation] ?? '';
    return (posted: Posted) => posted.body.includes(`"${number}"`) && posted.body.includes(`"${type}"`);
  };
};

export const types: Readonly<Record<string, readonly [string, string]>> = {
  applyCredit: ['CREDIT_DECISION', 'creditDecided'],
  disburse: ['PAYMENT_RESULT', 'disbursementSettled'],
  adviseRepayment: ['REPAYMENT_POSTED', 'repaymentPosted'],
  requestRelease: ['RELEASE_DECISION', 'releaseDecided'],
  submitFeedback: ['FEEDBACK_RESULT', 'feedbackChecked'],
};
