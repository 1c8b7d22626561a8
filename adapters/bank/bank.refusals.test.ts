/** What a funder refuses, and as which failure the hub hears it. */
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

describe('the bank says no', () => {
  test('to a second application for the same borrower and order while one is in flight', async () => {
    await hub.call('bank.applyCredit', application);
    expect(await hub.call('bank.applyCredit', { ...application, applicationNo: 'FA20261123-000002' })).toMatchObject({
      outcome: 'refused',
      code: 'FUNDER_INFLIGHT_EXISTS',
      externalCode: '2001',
    });
    expect(await effectsOf('applied')).toHaveLength(1);
  });

  test('by the officer, when the amount ends in one fen', async () => {
    await hub.call('bank.applyCredit', { ...application, amount: '800000.01' });
    await act('decide', { applicationNo: application.applicationNo });
    expect((await hub.fact('bank.creditDecided')).message).toMatchObject({
      verdict: 'rejected',
      reason: '综合评审未通过',
    });
    expect(await hub.call('bank.disburse', { ...disbursement, funderRef: 'BR1' })).toMatchObject({
      outcome: 'refused',
      code: 'ILLEGAL_TRANSITION',
    });
  });

  test('to money for another payee, above the limit, of a stranger, or twice from one limit', async () => {
    const funderRef = await approved(hub);
    const ask = (change: object) => hub.call('bank.disburse', { ...disbursement, funderRef, ...change });
    const payee = { ...disbursement.payee, accountNo: '4100020000000000202' };
    expect(await ask({ payee })).toMatchObject({
      outcome: 'refused',
      code: 'PAYEE_NOT_MANDATED',
      externalCode: '2006',
    });
    expect(await ask({ amount: '800000.04' })).toMatchObject({ outcome: 'refused', code: 'LIMIT_INSUFFICIENT' });
    expect(await ask({ funderRef: 'BR1' })).toMatchObject({
      outcome: 'refused',
      code: 'SYSTEM_REFUSED',
      externalCode: '2003',
    });
    expect(await ask({ amount: '500000.00' })).toMatchObject({ outcome: 'confirmed' });
    expect(await ask({ instructionNo: 'PI-2', amount: '300000.04' })).toMatchObject({
      outcome: 'refused',
      code: 'LIMIT_INSUFFICIENT',
    });
  });

  test('to money before the collateral is in custody, above the pledge rate, or after the offer', async () => {
    const taken = await hub.call('bank.applyCredit', application);
    const funderRef = (response(taken) as { funderRef: string }).funderRef;
    await act('decide', { applicationNo: application.applicationNo });
    const ask = () => hub.call('bank.disburse', { ...disbursement, funderRef });
    expect(await ask()).toMatchObject({ outcome: 'refused', code: 'CONTROL_NOT_PROVEN' });
    await hub.call('bank.deliverCollateral', { ...collateral, value: '1142857.14' });
    expect(await ask()).toMatchObject({ outcome: 'refused', code: 'LTV_EXCEEDED' });
    hub.clock.set({ advanceMs: 11 * 86_400_000 });
    expect(await ask()).toMatchObject({ outcome: 'refused', code: 'DEADLINE_PASSED' });
    expect(await hub.effects()).toHaveLength(2);
  });

  test('to a repayment of more than is owed', async () => {
    const loanNo = await lent(hub);
    expect(await hub.call('bank.adviseRepayment', { ...advice, loanNo, amount: '803466.68' })).toMatchObject({
      outcome: 'refused',
      code: 'SYSTEM_REFUSED',
      externalCode: '2011',
    });
  });

  test('to a release before the repayment is posted, and to lots that are not pledged', async () => {
    const loanNo = await lent(hub);
    await hub.call('bank.adviseRepayment', { ...advice, loanNo });
    await hub.call('bank.requestRelease', { ...release, loanNo });
    await act('decideRelease', { releaseNo: release.releaseNo });
    await act('post', { repaymentNo: advice.repaymentNo });
    const lots = [{ lotNo: 'LOT-9', materialCode: 'HRB400E-12', quantity: '1.000', unit: 'TNE' }];
    await hub.call('bank.requestRelease', { ...release, loanNo, releaseNo: 'RO-2', lots });
    await act('decideRelease', { releaseNo: 'RO-2' });
    await hub.call('bank.requestRelease', { ...release, loanNo, releaseNo: 'RO-3', valueAfter: '719238.08' });
    await act('decideRelease', { releaseNo: 'RO-3' });
    const reasons = [];
    for (const releaseNo of [release.releaseNo, 'RO-2', 'RO-3']) {
      const decision = response(await hub.call('bank.readReleaseDecision', { no: releaseNo })) as {
        response: { verdict: string; reason: string };
      };
      reasons.push([decision.response.verdict, decision.response.reason]);
    }
    expect(reasons).toEqual([
      ['rejected', '还款尚未入账'],
      ['rejected', '批次 LOT-9 不在质押清单内或数量不足'],
      ['rejected', '解押后质押率超限'],
    ]);
    expect(await effectsOf('released')).toEqual([]);
  });
});

function response(outcome: unknown): unknown {
  return (outcome as { response: unknown }).response;
}
