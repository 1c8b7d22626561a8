/** What may go wrong between an event, the order that it is about, and the reading of what changed. */
import { afterEach, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { sapS4, type TwinSpec } from '../../test/twins.ts';
import service from './sap.service.ts';

let hub: Bench;
afterEach(() => hub.stop());

async function started(): Promise<void> {
  hub = await bench(service, sapS4 as unknown as TwinSpec<never>, { speed: 1 });
}

const act = (name: string, args: object) => hub.control('POST', `acts/${name}`, args);
const place = (orderNo: string, more: object = {}) =>
  act('placeOrder', { orderNo, quiet: true, quantity: '100.000', changedAt: '2026-11-23T00:30:00.000Z', ...more });
const since = '2026-11-23T08:00:00+08:00';

async function changes(token?: string, salesOrganization = '1000') {
  const asked = { salesOrganization, since, ...(token === undefined ? {} : { token }) };
  const outcome = (await hub.call('sap.readChanges', asked)) as {
    outcome: string;
    response: { changes: { orderNo: string; changedAt: string }[]; token: string; gap?: string };
  };
  expect(outcome.outcome).toBe('confirmed');
  return outcome.response;
}

test('an event has the key alone: what is read afterwards is what the order is by then', async () => {
  await started();
  await place('4600000001');
  await act('changeOrder', { orderNo: '4600000001', quantity: '90.000' });
  const fact = await hub.fact('sap.orderChanged');
  expect(Object.keys(fact.message as object).sort()).toEqual(['at', 'change', 'eventId', 'orderNo']);
  // Changed again between the event and the reading.
  await act('changeOrder', { orderNo: '4600000001', quantity: '80.000', event: 'lost' });
  expect(await hub.call('sap.readOrder', { orderNo: fact.key })).toMatchObject({
    response: { lines: [{ quantity: '80.000' }], total: '272000.00' },
  });
});

test('a change whose event is lost is found by reading on from the token, on as many pages as there are', async () => {
  await started();
  for (const no of [1, 2, 3, 4, 5]) await place(`460000000${no}`);
  await act('pageBy', { rows: 2 });
  const first = await changes();
  expect(first.changes).toHaveLength(5);
  await act('changeOrder', { orderNo: '4600000003', price: '3500.00', event: 'lost' });
  const second = await changes(first.token);
  expect(second.changes.map(({ orderNo }) => orderNo)).toContain('4600000003');
  expect(second.token > first.token).toBe(true);
  expect(hub.facts).toHaveLength(0);
});

test('a change that was stamped before the last reading and came after it is still seen', async () => {
  await started();
  await place('4600000001');
  await place('4600000002', { changedAt: hub.clock.now().toISOString() });
  const { token } = await changes();
  await act('changeOrder', { orderNo: '4600000001', minutesLate: 4, event: 'lost' });
  const { changes: found } = await changes(token);
  expect(found.find(({ orderNo }) => orderNo === '4600000001')?.changedAt.localeCompare(token)).toBe(-1);
});

test('rows that were announced and did not come are a gap: the token stays', async () => {
  await started();
  await place('4600000001', { salesOrganization: 'GAP1' });
  const { gap, token, changes: found } = await changes(undefined, 'GAP1');
  expect([gap, token, found.length]).toEqual(['2 rows announced, 1 read', '2026-11-23T00:00:00.000Z', 1]);
});

test('a token that is none of ours is refused, and nothing is sent', async () => {
  await started();
  const outcome = await hub.call('sap.readChanges', { salesOrganization: '1000', since, token: "' or 1 eq 1" });
  expect(outcome).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
  expect(hub.exchanges.at(-1)?.parts).toHaveLength(0);
});

test('a sales organization with a quote in it asks for just that', async () => {
  await started();
  await place('4600000001');
  const outcome = await hub.call('sap.readChanges', { salesOrganization: "1000' or 'a' eq 'a", since });
  expect(outcome).toMatchObject({ outcome: 'refused', externalCode: '/IWBEP/CM_MGW_RT/021' });
});

test('what SAP delivered and billed is told, and reads back the same', async () => {
  await started();
  await place('4600000001');
  await act('issueGoods', { orderNo: '4600000001', status: 'B' });
  const delivered = (await hub.fact('sap.delivered')).message as { deliveryNo: string; lines: object[] };
  expect(await hub.call('sap.readDelivery', { deliveryNo: delivered.deliveryNo })).toMatchObject({
    response: { deliveryNo: delivered.deliveryNo, status: 'issued', lines: delivered.lines },
  });
  expect(await hub.call('sap.readDeliveryStatus', { orderNo: '4600000001' })).toMatchObject({
    response: {
      status: 'partlyDelivered',
      items: [{ deliveries: [{ deliveryNo: delivered.deliveryNo, quantity: '50.000' }] }],
    },
  });
  await act('bill', { orderNo: '4600000001' });
  const billed = (await hub.fact('sap.billed')).message as { billingNo: string; gross: string; lines: object[] };
  expect(await hub.call('sap.readBilling', { billingNo: billed.billingNo })).toMatchObject({
    response: { gross: billed.gross, lines: billed.lines, cancelled: false },
  });
  await act('cancelBilling', { billingNo: billed.billingNo });
  expect(await hub.call('sap.readBilling', { billingNo: billed.billingNo })).toMatchObject({
    response: { cancelled: true },
  });
  expect(await hub.call('sap.readBilling', { billingNo: '7' })).toMatchObject({ code: 'NOT_FOUND' });
});

test('a message of SAP is confirmed once, whatever the verdict, and SAP keeps which', async () => {
  await started();
  await act('placeOrder', { orderNo: '4600000001' });
  const { messageNo } = (await hub.fact('sap.orderPlaced')).message as { messageNo: string };
  const query = () => hub.call('sap.queryAcknowledgement', { no: messageNo });
  expect(await query()).toMatchObject({ response: { outcome: 'notFound' } });
  const request = { messageNo, message: 'order', verdict: 'accepted' };
  for (const _ of [1, 2])
    expect(await hub.call('sap.acknowledgeIdoc', request)).toMatchObject({ outcome: 'confirmed' });
  expect(await query()).toMatchObject({ response: { outcome: 'confirmed', response: { verdict: 'accepted' } } });
  expect((await hub.effects()).filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
});
