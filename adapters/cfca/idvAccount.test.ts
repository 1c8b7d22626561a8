/** An account proof before its counterparty: the amount, the tries, the hours, and what banks do to a payment. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cfcaIdv, dealers } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import service from './cfca.service.ts';

const proofNo = 'PRF20261123-000001';
const [dealer] = dealers;
const asked = {
  requestNo: proofNo,
  companyName: dealer?.name ?? '',
  accountNo: dealer?.account.accountNo ?? '',
  bankCode: dealer?.account.bankCode ?? '',
};
const hourMs = 3_600_000;

let vendor: Bench;
beforeEach(async () => {
  vendor = await bench(service, cfcaIdv, { speed: 1 });
});
afterEach(() => vendor.stop());

const start = (change: object = {}) => vendor.call('cfca.startAccountProof', { ...asked, ...change });
const act = (name: string, requestNo = proofNo) => vendor.control('POST', `acts/${name}`, { requestNo });
const advance = (advanceMs: number) => vendor.control('POST', 'clock', { advanceMs });
let tries = 0;
const confirm = (amount: string, requestNo = `CNF-${(tries += 1)}`) =>
  vendor.call('cfca.confirmAccountProof', { requestNo, proofNo, amount });

async function read(no = proofNo): Promise<unknown> {
  const outcome = await vendor.call('cfca.readAccountProof', { no });
  return outcome.outcome === 'confirmed' ? (outcome.response as { response?: unknown }).response : outcome;
}

/** As the company reads it in its statement. */
async function amountPaid(): Promise<string> {
  const paid = (await vendor.effects()).find(({ kind }) => kind === 'paid');
  return String(paid?.detail['amount']);
}

/** Another amount between 0.01 and 0.99. */
const wrong = (amount: string) => (amount === '0.01' ? '0.02' : '0.01');

test('a company that types back what was paid to its account has proven it, once', async () => {
  expect(await start()).toMatchObject({ outcome: 'confirmed' });
  expect(await read()).toMatchObject({ state: 'paying', triesLeft: 3 });
  expect(await confirm('0.37')).toMatchObject({ outcome: 'later', externalCode: '23' });
  await act('pay');
  const amount = await amountPaid();
  expect(amount).toMatch(/^0\.(0[1-9]|[1-9]\d)$/);
  expect(await confirm(wrong(amount))).toMatchObject({ response: { result: 'mismatch', triesLeft: 2 } });
  expect(await confirm(amount)).toMatchObject({ response: { result: 'match', triesLeft: 2 } });
  expect(await read()).toMatchObject({ state: 'matched' });
  expect(await confirm(amount)).toMatchObject({ outcome: 'refused', externalCode: '25' });
});

test('a try that is sent again under its number is the same try', async () => {
  await start();
  await act('pay');
  const amount = wrong(await amountPaid());
  const first = await confirm(amount, 'CNF-same');
  expect(await confirm(amount, 'CNF-same')).toEqual(first);
  expect(await read()).toMatchObject({ triesLeft: 2 });
});

test('three wrong amounts lock the proof, and the account until tomorrow', async () => {
  await start();
  await act('pay');
  const amount = await amountPaid();
  for (const triesLeft of [2, 1, 0])
    expect(await confirm(wrong(amount))).toMatchObject({ response: { result: 'mismatch', triesLeft } });
  expect(await confirm(amount)).toMatchObject({ outcome: 'refused', externalCode: '22' });
  expect(await read()).toMatchObject({ state: 'locked', triesLeft: 0 });
  expect(await start({ requestNo: 'PRF-2' })).toMatchObject({ outcome: 'refused', externalCode: '15' });
  await advance(24 * hourMs);
  expect(await start({ requestNo: 'PRF-3' })).toMatchObject({ outcome: 'confirmed' });
});

test('after 72 hours no amount is taken any more', async () => {
  await start();
  await act('pay');
  await advance(72 * hourMs + 1_000);
  expect(await confirm(await amountPaid())).toMatchObject({ outcome: 'refused', code: 'DEADLINE_PASSED' });
  expect(await read()).toMatchObject({ state: 'expired' });
});

describe('what the bank does', () => {
  test.each([
    ['another name', { companyName: '厦门别家贸易有限公司' }, 'nameDiffers'],
    ['an account that nobody has', { accountNo: '4100020000000000999' }, 'accountUnknown'],
    ['a closed account', { accountNo: '4100020000000008888' }, 'accountClosed'],
    ['a frozen account', { accountNo: '4100020000000007777' }, 'accountFrozen'],
    ['an account that the bank refuses', { accountNo: '4100020000000006666' }, 'bankRefused'],
  ])('%s: the payment fails, and the bank says why', async (_, change, reason) => {
    expect(await start(change)).toMatchObject({ outcome: 'confirmed' });
    await act('pay');
    expect(await read()).toMatchObject({ state: 'failed', reason });
    expect(await confirm('0.37')).toMatchObject({ outcome: 'refused', externalCode: '24' });
    expect((await vendor.effects()).filter(({ kind }) => kind === 'paid')).toEqual([]);
  });

  test('a payment that comes back the next day is no proof any more', async () => {
    await start({ accountNo: '4100020000000009999' });
    await act('pay');
    expect(await read()).toMatchObject({ state: 'paid' });
    await act('sendBack');
    expect(await read()).toMatchObject({ state: 'returned', reason: 'nameDiffers' });
    expect(await confirm(await amountPaid())).toMatchObject({ outcome: 'refused', externalCode: '24' });
  });

  test('a bank that cannot be paid is refused at once', async () => {
    expect(await start({ bankCode: '999999999999' })).toMatchObject({ outcome: 'refused', externalCode: '14' });
  });

  test('a bank that does not answer is unknown, and the same number may ask again', async () => {
    const request = { bankCode: '102000000004' };
    expect(await start(request)).toMatchObject({ outcome: 'unknown', code: 'IDV_CHANNEL' });
    expect(await vendor.call('cfca.queryAccountProof', { no: proofNo })).toMatchObject({
      response: { outcome: 'notFound' },
    });
    await vendor.control('POST', 'acts/channelUp');
    expect(await start(request)).toMatchObject({ outcome: 'confirmed' });
  });
});

test('neither account nor amount can be read on the way', async () => {
  await start();
  await act('pay');
  const amount = await amountPaid();
  await confirm(amount);
  const sent = vendor.exchanges.flatMap(({ parts }) => parts.map(({ request }) => request.toString())).join();
  expect(sent).not.toContain(asked.accountNo);
  expect(sent).not.toContain(amount);
});

test('a confirmation of nothing is refused', async () => {
  expect(await confirm('0.37')).toMatchObject({ outcome: 'refused', externalCode: '06' });
});
