/** The same promises over SOAP and over node-rfc: one port, one SAP behind it. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { sap } from '../../contracts/sap/sap.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import { sapS4, type TwinSpec } from '../../test/twins.ts';
import { adapter, type Outcome } from '../adapter.ts';
import { s4With } from './dialects/s4.ts';
import { fakeRfc, type FakeRfc } from './nodeRfc.fixture.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

async function started(transport: string): Promise<{ hub: Bench; fake: FakeRfc }> {
  let url = '';
  const fake = fakeRfc(() => url);
  const service = adapter({ kind: sap, dialects: { s4: s4With(async () => fake.nodeRfc) } });
  const spec: TwinSpec<never> = {
    ...(sapS4 as unknown as TwinSpec<never>),
    settings: { ...sapS4.settings, transport, rfcHost: 'sap.example', rfcSystemNumber: '00' },
  };
  const hub = await bench(service, spec, { speed: 1 });
  ({ url } = hub.system);
  stop = () => hub.stop();
  return { hub, fake };
}

const clearing = (no: string, amount: string) => ({
  clearingNo: no,
  companyCode: '1000',
  customerNo: '17101',
  documentNo: '1800000001',
  amount,
  currency: 'CNY',
  postingDate: '2026-11-23',
});
const posted = async (hub: Bench) => (await hub.effects()).filter(({ kind }) => kind === 'posted').length;
const withoutTime = (outcome: Outcome) => JSON.stringify(outcome).replaceAll(/"readAt":"[^"]*"/g, '"readAt":""');

const reads: readonly [string, object][] = [
  ['readOrder', { orderNo: '4600000001' }],
  ['readOrder', { orderNo: '999' }],
  ['readOpenItems', { companyCode: '1000', customerNo: '17101', keyDate: '2026-11-23' }],
  ['readOpenItems', { companyCode: '1000', customerNo: '4711', keyDate: '2026-11-23' }],
  ['readPurchaseOrder', { purchaseOrderNo: '4500000101' }],
  ['readPurchaseOrder', { purchaseOrderNo: '4500009392' }],
  ['readPurchaseOrder', { purchaseOrderNo: '4500009006' }],
  ['readPurchaseOrder', { purchaseOrderNo: '4500009500' }],
  ['readPurchaseOrder', { purchaseOrderNo: '1' }],
  ['readDeliveryStatus', { orderNo: '4600000001' }],
  ['readDeliveryStatus', { orderNo: '4600000002' }],
  ['readDeliveryStatus', { orderNo: '999' }],
  ['queryClearing', { no: 'RP20261123-000001' }],
  ['queryAcknowledgement', { no: '1001' }],
];

test('what is read is the same over both', async () => {
  const all: string[][] = [];
  for (const transport of ['soap', 'rfc']) {
    const { hub } = await started(transport);
    for (const turn of [1, 2])
      await hub.control('POST', 'acts/placeOrder', {
        orderNo: `460000000${turn}`,
        quiet: true,
        currency: turn === 1 ? 'CNY' : 'JPY',
      });
    await hub.control('POST', 'acts/deliver', { orderNo: '4600000001', status: 'B' });
    const outcomes: string[] = [];
    for (const [operation, request] of reads) outcomes.push(withoutTime(await hub.call(`sap.${operation}`, request)));
    all.push(outcomes);
    await hub.stop();
    stop = undefined;
  }
  const told = (text: string) => (JSON.parse(text) as { outcome: string; code?: string }).code ?? 'confirmed';
  expect(all[1]?.map(told)).toEqual(all[0]?.map(told));
  const answers = (texts: string[] | undefined) => texts?.filter((text) => told(text) === 'confirmed');
  expect(answers(all[1])).toEqual(answers(all[0]));
  expect(all[0]?.map(told)).toEqual([
    'confirmed',
    'ORDER_NOT_IN_ERP',
    'confirmed',
    'SYSTEM_REFUSED',
    'confirmed',
    'confirmed',
    'SYSTEM_BUSY',
    'OUTCOME_UNKNOWN',
    'SYSTEM_REFUSED',
    'confirmed',
    'confirmed',
    'SYSTEM_REFUSED',
    'confirmed',
    'confirmed',
  ]);
  expect(all[0]?.[10]).toContain('"amount":"340000.00","currency":"JPY"');
});

describe.each(['soap', 'rfc'])('a posting over %s', (transport) => {
  test('is committed where it was posted, found by its reference, and settles the item that it names', async () => {
    const { hub, fake } = await started(transport);
    const request = clearing('RP20261123-000001', '850000.00');
    const open = async (keyDate: string) =>
      (await hub.call('sap.readOpenItems', { companyCode: '1000', customerNo: '17101', keyDate })) as {
        response?: { total: string };
      };
    expect((await open('2026-11-23')).response?.total).toBe('950000.00');
    const first = await hub.call('sap.postClearing', request);
    expect(first).toMatchObject({
      outcome: 'confirmed',
      response: { clearingNo: 'RP20261123-000001', companyCode: '1000', fiscalYear: '2026' },
    });
    expect(await hub.call('sap.queryClearing', { no: 'RP20261123-000001' })).toMatchObject({
      response: { outcome: 'confirmed', response: (first as { response?: object }).response },
    });
    expect(await hub.call('sap.postClearing', request)).toEqual(first);
    expect(await posted(hub)).toBe(1);
    await hub.control('POST', 'acts/clear', {});
    expect((await open('2026-11-23')).response?.total).toBe('100000.00');
    expect((await open('2026-11-22')).response?.total).toBe('950000.00');
    if (transport === 'rfc') expect(new Set(fake.calls.slice(1, 4).map(([connection]) => connection)).size).toBe(1);
  });

  test('that somebody reversed is told as such, and not posted again', async () => {
    const { hub } = await started(transport);
    const request = clearing('RP20261123-000002', '1.00');
    await hub.call('sap.postClearing', request);
    await hub.control('POST', 'acts/reverse', { reference: 'RP20261123-000002' });
    expect(await hub.call('sap.queryClearing', { no: 'RP20261123-000002' })).toMatchObject({
      response: { outcome: 'refused', code: 'REVERSED' },
    });
    expect(await hub.call('sap.postClearing', request)).toMatchObject({ outcome: 'refused', externalCode: 'REVERSED' });
    expect(await posted(hub)).toBe(1);
  });

  test.each([
    ['9001.01', 'later', 'SYSTEM_BUSY', 'notFound', 0],
    ['9002.02', 'refused', 'SYSTEM_REFUSED', 'notFound', 0],
    ['9003.03', 'later', 'SYSTEM_BUSY', 'notFound', 0],
    ['9004.04', 'unknown', 'OUTCOME_UNKNOWN', 'notFound', 0],
    ['9005.05', 'unknown', 'OUTCOME_UNKNOWN', 'confirmed', 1],
  ])('of %s is %s, and then the query says so', async (amount, outcome, code, found, times) => {
    const { hub, fake } = await started(transport);
    const request = clearing('RP20261123-000003', amount);
    expect(await hub.call('sap.postClearing', request)).toMatchObject({ outcome, code });
    expect(await hub.call('sap.queryClearing', { no: request.clearingNo })).toMatchObject({
      response: { outcome: found },
    });
    expect(await posted(hub)).toBe(times);
    // Nothing is committed on a connection that lost what was begun on it.
    if (amount === '9003.03') expect(fake.calls.map(([, name]) => name)).not.toContain('BAPI_TRANSACTION_COMMIT');
  });

  test('waits while somebody has the customer open', async () => {
    const { hub } = await started(transport);
    const request = clearing('RP20261123-000004', '10.00');
    await hub.control('POST', 'acts/lock', { object: 'KNA1/0000017101', user: 'WANGLI' });
    expect(await hub.call('sap.postClearing', request)).toMatchObject({
      outcome: 'later',
      code: 'SYSTEM_BUSY',
      externalCode: 'RW609 MC601',
    });
    await hub.control('POST', 'acts/lock', { object: 'KNA1/0000017101' });
    expect(await hub.call('sap.postClearing', request)).toMatchObject({ outcome: 'confirmed' });
    expect(await posted(hub)).toBe(1);
  });

  test('that has no form there is refused before anything is sent', async () => {
    const { hub } = await started(transport);
    const outcome = await hub.call('sap.postClearing', clearing('还款-000001', '10.00'));
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
    expect(hub.exchanges.at(-1)?.parts).toHaveLength(0);
  });
});

test('a session that is over is used no more, over either', async () => {
  const { hub, fake } = await started('rfc');
  await hub.call('sap.postClearing', clearing('RP20261123-000005', '9003.03'));
  expect(fake.calls.map(([, name]) => name)).toEqual(['RFC_READ_TABLE', 'BAPI_ACC_DOCUMENT_POST']);
});

test('a wrong password is refused, and not tried again', async () => {
  for (const transport of ['soap', 'rfc']) {
    const { hub } = await started(transport);
    Object.assign(hub.system.settings, { rfcUser: 'NOBODY' });
    expect(await hub.call('sap.readPurchaseOrder', { purchaseOrderNo: '4500000101' })).toMatchObject({
      outcome: 'refused',
      code: 'SYSTEM_REFUSED',
    });
    await hub.stop();
    stop = undefined;
  }
});
