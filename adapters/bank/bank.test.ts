/** The business of a funder through the adapter, against its twin over real HTTP. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bankOpen } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import bankService from './bank.service.ts';
import { advice, application, approved, collateral, disbursement, lent, release } from './case.fixture.ts';

let hub: Bench;
beforeEach(async () => {
  hub = await bench(bankService, bankOpen, { speed: 1, timeoutMs: 1_000 });
});
afterEach(() => hub.stop());

const effectsOf = async (kind: string) => (await hub.effects()).filter((effect) => effect.kind === kind);
const act = (name: string, args: object) => hub.control('POST', `acts/${name}`, args);
const no = { application: { no: application.applicationNo }, payment: { no: disbursement.instructionNo } };

describe('a financing from application to release', () => {
  test('every operation is confirmed and every notice arrives, each with the same words as its query', async () => {
    const funderRef = await approved(hub);
    const decided = (await hub.fact('bank.creditDecided')).message;
    expect(decided).toEqual({
      applicationNo: application.applicationNo,
      funderRef,
      verdict: 'approved',
      decidedAt: expect.stringMatching(/^2026-11-23T09:00:\d\d\+08:00$/),
      terms: {
        amount: '800000.00',
        rate: '0.052000',
        tenorDays: 90,
        dayCount: 'ACT/360',
        pledgeRate: '0.700000',
        validTo: expect.stringMatching(/^2026-12-03T09:00:\d\d\+08:00$/),
      },
    });
    expect(await hub.call('bank.readDecision', no.application)).toEqual(
      confirmed({ outcome: 'confirmed', response: decided }),
    );
    expect(await hub.call('bank.queryApplication', no.application)).toEqual(
      confirmed({ outcome: 'confirmed', response: { funderRef } }),
    );
    expect(await hub.call('bank.queryCollateral', { no: collateral.pledgeNo })).toMatchObject(
      confirmed({ outcome: 'confirmed' }),
    );

    const paid = await hub.call('bank.disburse', { ...disbursement, funderRef });
    expect(await hub.call('bank.readSettlement', no.payment)).toEqual(confirmed({ outcome: 'pending' }));
    await act('settle', { instructionNo: disbursement.instructionNo });
    const settled = (await hub.fact('bank.disbursementSettled')).message as { loan: { loanNo: string } };
    expect(settled).toMatchObject({
      status: 'succeeded',
      amount: '800000.00',
      bankSerial: expect.any(String),
      loan: { startDate: '2026-11-23', maturity: '2027-02-21', rate: '0.052000' },
    });
    expect(await hub.call('bank.readSettlement', no.payment)).toEqual(
      confirmed({ outcome: 'confirmed', response: settled }),
    );
    expect(await hub.call('bank.queryDisbursement', no.payment)).toEqual(
      confirmed({ outcome: 'confirmed', response: response(paid) }),
    );

    // 30 days of 800 000.00 at 5.2 %, ACT/360.
    const { loanNo } = settled.loan;
    expect(await hub.call('bank.quoteRepayment', { loanNo, valueDate: '2026-12-23' })).toEqual(
      confirmed({
        loanNo,
        valueDate: '2026-12-23',
        principal: '800000.00',
        interest: '3466.67',
        penalty: '0.00',
        fee: '0.00',
        total: '803466.67',
      }),
    );
    expect(await hub.call('bank.adviseRepayment', { ...advice, loanNo })).toMatchObject({ outcome: 'confirmed' });
    expect(await hub.call('bank.readPosting', { no: advice.repaymentNo })).toEqual(confirmed({ outcome: 'pending' }));
    await act('post', { repaymentNo: advice.repaymentNo });
    const posted = (await hub.fact('bank.repaymentPosted')).message;
    expect(posted).toMatchObject({
      allocation: { fee: '0.00', penalty: '0.00', interest: '3466.67', principal: '296533.33' },
      principalBalance: '503466.67',
    });
    expect(await hub.call('bank.readPosting', { no: advice.repaymentNo })).toEqual(
      confirmed({ outcome: 'confirmed', response: posted }),
    );
    expect(await hub.call('bank.queryAdvice', { no: advice.repaymentNo })).toMatchObject(
      confirmed({ outcome: 'confirmed' }),
    );

    expect(await hub.call('bank.requestRelease', { ...release, loanNo })).toMatchObject({ outcome: 'confirmed' });
    expect(await hub.call('bank.readReleaseDecision', { no: release.releaseNo })).toEqual(
      confirmed({ outcome: 'pending' }),
    );
    await act('decideRelease', { releaseNo: release.releaseNo });
    const released = (await hub.fact('bank.releaseDecided')).message;
    expect(released).toMatchObject({
      verdict: 'approved',
      maker: 'credit-officer-wang',
      checker: 'credit-manager-zhao',
    });
    expect(await hub.call('bank.readReleaseDecision', { no: release.releaseNo })).toEqual(
      confirmed({ outcome: 'confirmed', response: released }),
    );
    expect(await hub.call('bank.queryRelease', { no: release.releaseNo })).toMatchObject(
      confirmed({ outcome: 'confirmed' }),
    );
    expect((await hub.effects()).map((effect) => effect.kind)).toEqual([
      'applied',
      'custody',
      'disbursed',
      'posted',
      'released',
    ]);
  });

  test('a number that the bank never saw is not found, by every query', async () => {
    const queries = [
      'queryApplication',
      'readDecision',
      'queryCollateral',
      'queryDisbursement',
      'readSettlement',
      'queryAdvice',
      'readPosting',
    ];
    for (const query of [...queries, 'queryRelease', 'readReleaseDecision']) {
      expect({ query, answer: await hub.call(`bank.${query}`, { no: 'NONE-1' }) }).toEqual({
        query,
        answer: confirmed({ outcome: 'notFound' }),
      });
    }
  });

  test('a number that could bend the path is refused before anything is sent', async () => {
    for (const bent of ['../releases/1', 'a/b', 'a?b', '%2e%2e', '..']) {
      expect(await hub.call('bank.queryApplication', { no: bent })).toMatchObject({
        outcome: 'refused',
        code: 'CONTRACT_VIOLATED',
      });
    }
    expect(hub.exchanges.flatMap((exchange) => exchange.parts)).toEqual([]);
  });
});

describe('a payment', () => {
  test('ending in two fen fails, moves nothing and frees the limit', async () => {
    const funderRef = await approved(hub, { amount: '800000.02' });
    await hub.call('bank.disburse', { ...disbursement, funderRef, amount: '800000.02' });
    await act('settle', { instructionNo: disbursement.instructionNo });
    expect((await hub.fact('bank.disbursementSettled')).message).toMatchObject({
      status: 'failed',
      reason: '收款账户状态异常',
    });
    expect(await effectsOf('disbursed')).toEqual([]);
    expect(await hub.call('bank.disburse', { ...disbursement, funderRef, instructionNo: 'PI-2' })).toMatchObject({
      outcome: 'confirmed',
    });
  });

  test('ending in three fen succeeds, and comes back a day later as a second fact', async () => {
    const funderRef = await approved(hub, { amount: '800000.03' });
    await hub.call('bank.disburse', { ...disbursement, funderRef, amount: '800000.03' });
    await act('settle', { instructionNo: disbursement.instructionNo });
    await hub.fact('bank.disbursementSettled');
    hub.clock.set({ advanceMs: 24 * 3_600_000 });
    for (let waited = 0; waited < 5_000 && hub.facts.length < 3; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const told = hub.facts.filter((fact) => fact.notice === 'bank.disbursementSettled').map((fact) => fact.id);
    expect(told).toEqual([`${disbursement.instructionNo}/succeeded`, `${disbursement.instructionNo}/returned`]);
    expect(await hub.call('bank.readSettlement', no.payment)).toMatchObject(
      confirmed({ response: { status: 'returned' } }),
    );
    expect([(await effectsOf('disbursed')).length, (await effectsOf('returned')).length]).toEqual([1, 1]);
  });

  test('answered after our deadline is unknown, the query confirms it, and it is paid once', async () => {
    const funderRef = await approved(hub);
    await hub.control('POST', 'faults', { fault: 'timeout-after-effect', operation: 'disburse' });
    expect(await hub.call('bank.disburse', { ...disbursement, funderRef })).toMatchObject({
      outcome: 'unknown',
      code: 'OUTCOME_UNKNOWN',
    });
    expect(await hub.call('bank.queryDisbursement', no.payment)).toMatchObject(confirmed({ outcome: 'confirmed' }));
    expect(await hub.call('bank.disburse', { ...disbursement, funderRef })).toMatchObject({ outcome: 'confirmed' });
    hub.clock.set({ advanceMs: 3_600_000 });
    await hub.fact('bank.disbursementSettled');
    await act('settle', { instructionNo: disbursement.instructionNo });
    expect(await effectsOf('disbursed')).toHaveLength(1);
  });
});

describe('a number that comes twice', () => {
  test('with the same content has the first answer again and one effect', async () => {
    const first = await hub.call('bank.applyCredit', application);
    expect(await hub.call('bank.applyCredit', application)).toEqual(first);
    await act('decide', { applicationNo: application.applicationNo });
    const funderRef = (response(first) as { funderRef: string }).funderRef;
    const delivered = await hub.call('bank.deliverCollateral', collateral);
    expect(await hub.call('bank.deliverCollateral', collateral)).toEqual(delivered);
    const paid = await hub.call('bank.disburse', { ...disbursement, funderRef });
    await act('settle', { instructionNo: disbursement.instructionNo });
    expect(await hub.call('bank.disburse', { ...disbursement, funderRef })).toEqual(paid);
    expect((await hub.effects()).map((effect) => effect.kind)).toEqual(['applied', 'custody', 'disbursed']);
  });

  test('with another content is refused and changes nothing', async () => {
    const loanNo = await lent(hub);
    await hub.call('bank.adviseRepayment', { ...advice, loanNo });
    const conflict = { outcome: 'refused', code: 'IDEMPOTENCY_CONFLICT', externalCode: '2002' };
    expect(await hub.call('bank.applyCredit', { ...application, purpose: '其他' })).toMatchObject(conflict);
    expect(await hub.call('bank.deliverCollateral', { ...collateral, value: '1.00' })).toMatchObject(conflict);
    expect(await hub.call('bank.disburse', { ...disbursement, funderRef: 'BR1', amount: '1.00' })).toMatchObject(
      conflict,
    );
    expect(await hub.call('bank.adviseRepayment', { ...advice, loanNo, amount: '1.00' })).toMatchObject(conflict);
  });
});

test('when notices are lost, every read tells the truth', async () => {
  await act('dropCallbacks', { on: true });
  const loanNo = await lent(hub);
  await hub.call('bank.adviseRepayment', { ...advice, loanNo });
  await act('post', { repaymentNo: advice.repaymentNo });
  expect(await hub.call('bank.readDecision', no.application)).toMatchObject(
    confirmed({ response: { verdict: 'approved' } }),
  );
  expect(await hub.call('bank.readSettlement', no.payment)).toMatchObject(
    confirmed({ response: { status: 'succeeded' } }),
  );
  expect(await hub.call('bank.readPosting', { no: advice.repaymentNo })).toMatchObject(
    confirmed({ response: { loanNo } }),
  );
  expect(hub.facts).toEqual([]);
});

test('fees come first, then interest, then principal; what interest was not reached stays owed', async () => {
  const loanNo = await lent(hub);
  await act('chargeFee', { loanNo, fee: '1000.00' });
  await hub.call('bank.adviseRepayment', { ...advice, loanNo, amount: '3000.00' });
  await act('post', { repaymentNo: advice.repaymentNo });
  expect((await hub.fact('bank.repaymentPosted')).message).toMatchObject({
    allocation: { fee: '1000.00', penalty: '0.00', interest: '2000.00', principal: '0.00' },
    principalBalance: '800000.00',
  });
  expect(await hub.call('bank.quoteRepayment', { loanNo, valueDate: '2026-12-23' })).toMatchObject(
    confirmed({ interest: '1466.67', total: '801466.67' }),
  );
});

function confirmed(answer: object) {
  return { outcome: 'confirmed', response: answer };
}

function response(outcome: unknown): unknown {
  return (outcome as { response: unknown }).response;
}
