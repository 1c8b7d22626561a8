/** An application is taken back: through each funder's dialect, against its twin over real HTTP. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { bankIcbc, bankOpen } from '../../test/twins.ts';
import bankService from './bank.service.ts';
import { application, disbursement } from './case.fixture.ts';

let hub: Bench | undefined;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

const no = { no: application.applicationNo };
const withdrawal = { applicationNo: application.applicationNo, reason: '三个工作日内未审批' };
const credit = { ...application, product: 'CREDIT' };

describe.each([
  ['open', bankOpen],
  ['icbc', bankIcbc],
])('at %s', (_, twin) => {
  async function asked(): Promise<{ at: Bench; funderRef: string }> {
    const at = await bench(bankService, twin as typeof bankOpen, { speed: 1, timeoutMs: 1_000 });
    hub = at;
    const taken = await at.call('bank.applyCredit', credit);
    if (taken.outcome !== 'confirmed') throw new Error(taken.detail);
    return { at, funderRef: (taken.response as { funderRef: string }).funderRef };
  }

  test('once, whatever is sent again; what was not withdrawn is not found', async () => {
    const { at, funderRef } = await asked();
    expect(await at.call('bank.queryWithdrawal', no)).toMatchObject({ response: { outcome: 'notFound' } });
    const first = await at.call('bank.withdrawApplication', { ...withdrawal, funderRef });
    expect(first).toMatchObject({ outcome: 'confirmed', response: { applicationNo: application.applicationNo } });
    expect(await at.call('bank.withdrawApplication', { ...withdrawal, funderRef })).toEqual(first);
    expect(await at.call('bank.queryWithdrawal', no)).toMatchObject({ response: { outcome: 'confirmed' } });
    expect((await at.effects()).filter(({ kind }) => kind === 'withdrawn')).toHaveLength(1);
  });

  test('nothing is decided after it, and nothing is paid', async () => {
    const { at, funderRef } = await asked();
    await at.call('bank.withdrawApplication', { ...withdrawal, funderRef });
    await at.control('POST', 'acts/decide', { applicationNo: application.applicationNo });
    expect(await at.call('bank.readDecision', no)).toMatchObject({ response: { outcome: 'pending' } });
    const paid = await at.call('bank.disburse', { ...disbursement, funderRef });
    expect(paid).toMatchObject({ outcome: 'refused', code: 'ILLEGAL_TRANSITION' });
  });

  test('a funder that has paid refuses it: a credit needs no collateral, and its terms no pledge rate', async () => {
    const { at, funderRef } = await asked();
    await at.control('POST', 'acts/decide', { applicationNo: application.applicationNo });
    const decided = await at.call('bank.readDecision', no);
    expect(decided).toMatchObject({ response: { response: { terms: { amount: application.amount } } } });
    expect(JSON.stringify(decided)).not.toContain('pledgeRate');
    await at.call('bank.disburse', { ...disbursement, funderRef });
    const late = await at.call('bank.withdrawApplication', { ...withdrawal, funderRef });
    expect(late).toMatchObject({ outcome: 'refused', code: 'ILLEGAL_TRANSITION' });
  });
});
