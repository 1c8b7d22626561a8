import { afterEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { sapS4, type TwinSpec } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import service from './sap.service.ts';

interface Order {
  readonly orderNo: string;
  readonly total: string;
  readonly lines: readonly {
    readonly amount: string;
    readonly unitPrice: string;
    readonly quantity: string;
    readonly unit: string;
  }[];
}

const example = (name: string) => readFileSync(new URL(`examples/${name}`, import.meta.url), 'utf8');
const orders05 = example('orders05.xml');
const odata = example('orders-odata.json');
let stop: (() => Promise<void>) | undefined;
let passwords = { hub: '', rfc: '' };

afterEach(async () => {
  await stop?.();
  stop = undefined;
});

async function started(change: { settings?: Record<string, string>; timeoutMs?: number } = {}): Promise<Bench> {
  const keys = sapS4.enrol();
  passwords = { hub: keys.hub['inbound-password.txt'] ?? '', rfc: keys.hub['rfc-password.txt'] ?? '' };
  const spec: TwinSpec<never> = {
    ...(sapS4 as unknown as TwinSpec<never>),
    settings: { ...sapS4.settings, ...change.settings },
    enrol: () => keys,
  };
  const running = await bench(service, spec, { timeoutMs: change.timeoutMs ?? 10_000 });
  stop = () => running.stop();
  return running;
}

async function push(
  hub: Bench,
  path: string,
  body: string,
  password = passwords.hub,
): Promise<{ status: number; text: string; wants: string | null }> {
  const authorization = `Basic ${Buffer.from(`SAP_S4:${password}`).toString('base64')}`;
  const answer = await fetch(hub.edge + path, {
    method: 'POST',
    body,
    headers: { authorization, 'content-type': 'text/xml' },
  });
  return { status: answer.status, text: await answer.text(), wants: answer.headers.get('www-authenticate') };
}

describe('an order that SAP pushes', () => {
  test('arrives as one fact when a clerk books it, and reads back the same', async () => {
    const hub = await started();
    await hub.control('POST', 'acts/placeOrder', { dealer: '17101', material: 'HRB400E-12', quantity: '123.456' });
    const fact = await hub.fact('sap.orderPlaced');
    const pushed = fact.message as Order;
    expect(fact.id).toBe('4500017001');
    expect(pushed).toMatchObject({
      buyer: { externalNo: '17101' },
      seller: { externalNo: '1000' },
      total: '419750.40',
      messageNo: '0000000000001001',
    });
    const outcome = await hub.call('sap.readOrder', { orderNo: pushed.orderNo });
    expect(outcome).toMatchObject({
      outcome: 'confirmed',
      response: { orderNo: pushed.orderNo, total: pushed.total, lines: pushed.lines, status: 'open' },
    });
    expect((await hub.effects()).map((line) => line.number)).toEqual(['4500017001']);
  });

  test('is taken from the example file, with price units and mixed units, and SAP books the same file', async () => {
    const hub = await started();
    expect(await push(hub, '/idoc', orders05)).toMatchObject({ status: 200, text: 'OK' });
    const pushed = hub.facts[0]?.message as Order;
    expect(pushed).toMatchObject({
      orderNo: '4500090001',
      purchaseOrderNo: 'MJ-2026-1123',
      orderDate: '2026-11-23',
      sentAt: '2026-11-23T09:30:00+08:00',
      total: '453625.00',
    });
    expect(pushed.lines[1]).toMatchObject({
      quantity: '12.500', // Ordered as 12,500 kg: goods are pledged by the tonne.
      unit: 'TNE',
      unitPrice: '3650.00',
      amount: '45625.00',
    });
    await hub.control('POST', 'acts/book', { idoc: orders05 });
    const outcome = await hub.call('sap.readOrder', { orderNo: '4500090001' });
    expect(outcome).toMatchObject({
      outcome: 'confirmed',
      response: { total: pushed.total, lines: pushed.lines, buyer: { externalNo: '17101' } },
    });
  });

  test('is taken as OData JSON, and SAP books the same file', async () => {
    const hub = await started();
    expect((await push(hub, '/orders', odata)).status).toBe(200);
    const pushed = hub.facts[0]?.message as Order;
    expect(pushed).toMatchObject({
      orderNo: '4500090002',
      orderDate: '2026-11-23',
      sentAt: '2026-11-23T01:30:00.000Z',
      total: '340000.00',
    });
    await hub.control('POST', 'acts/book', { order: JSON.parse(odata) as unknown });
    expect(await hub.call('sap.readOrder', { orderNo: '4500090002' })).toMatchObject({
      outcome: 'confirmed',
      response: { total: pushed.total, lines: pushed.lines },
    });
    const { d } = JSON.parse(odata) as { d: object };
    expect((await push(hub, '/orders', JSON.stringify(d))).status).toBe(200);
    expect((await push(hub, '/orders', JSON.stringify({ d: { results: [d] } }))).status).toBe(200);
    expect(hub.facts).toHaveLength(1);
  });

  test('sent twice is one fact with the same reply; several IDocs in a message are several facts', async () => {
    const hub = await started();
    const first = await push(hub, '/idoc', orders05);
    expect(await push(hub, '/idoc', orders05)).toEqual(first);
    expect(hub.facts).toHaveLength(1);
    const idoc = orders05.slice(orders05.indexOf('<IDOC'), orders05.indexOf('</ORDERS05>'));
    await push(
      hub,
      '/idoc',
      `<ORDERS05>${idoc.replace('4500090001', '4500090008')}${idoc.replace('4500090001', '4500090009')}</ORDERS05>`,
    );
    expect(hub.facts.map((fact) => fact.id)).toEqual(['4500090001', '4500090008', '4500090009']);
  });

  test.each([
    ['no password', '', 401, 'SIGNATURE_MISMATCH'],
    ['a wrong password', 'wrong', 401, 'SIGNATURE_MISMATCH'],
  ])('with %s is refused and leaves no fact', async (_, password, status, code) => {
    const hub = await started();
    const answer = await push(hub, '/idoc', orders05, password);
    expect(answer).toMatchObject({ status, wants: 'Basic realm="lianshu"' });
    expect(hub.exchanges.at(-1)).toMatchObject({ code, verified: false });
    expect(hub.facts).toHaveLength(0);
  });

  test('from another partner than the agreed one is refused by place', async () => {
    const hub = await started({ settings: { sndprn: 'OTHERCLNT', sndpor: 'SAPS4H' } });
    const answer = await push(hub, '/idoc', orders05);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('/ORDERS05/IDOC[1]/EDI_DC40/SNDPRN');
  });

  const change = (from: string | RegExp, to: string) => orders05.replaceAll(from, to);
  const at = '/ORDERS05/IDOC[1]';
  test.each([
    ['a German number', example('broken-orders05.xml'), `${at}/E1EDP01[2]/MENGE`],
    ['a missing quantity', change('<MENGE>12500</MENGE>', ''), `${at}/E1EDP01[2]/MENGE`],
    ['a missing header', change(/<E1EDK01 [\s\S]*<\/E1EDK01>/g, ''), `${at}/E1EDK01`],
    ['no lines', change(/<E1EDP01 [\s\S]*<\/E1EDP01>/g, ''), `${at}/E1EDP01`],
    ['a wrong total', change('453625.00', '453625.01'), `${at}/E1EDS01[1]/SUMME`],
    ['a segment of another message', change('E1EDK17', 'E1EDL20'), `${at}/E1EDL20[1]`],
    [
      'a field twice',
      change('<PEINH>1000</PEINH>', '<PEINH>1</PEINH><PEINH>1000</PEINH>'),
      `${at}/E1EDP01[2]/PEINH[2]`,
    ],
    ['an unknown unit', change('<MENEE>KGM</MENEE>', '<MENEE>UOM</MENEE>'), `${at}/E1EDP01[2]/MENEE`],
    ['another document', change('ORDERS05', 'DEBMAS07'), '/DEBMAS07'],
    ['an order under another name', change('ORDERS05', 'INVOIC02'), '/INVOIC02/IDOC[1]/EDI_DC40/MESTYP'],
    ['a change of an order', change('<MESTYP>ORDERS<', '<MESTYP>ORDCHG<'), `${at}/EDI_DC40/MESTYP`],
  ])('with %s is refused by XPath and leaves no fact', async (_, body, path) => {
    const hub = await started();
    const answer = await push(hub, '/idoc', body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const problem = JSON.parse(answer.text) as { errors?: { pointer: string }[] };
    expect(problem.errors?.[0]?.pointer).toBe(path);
    expect(hub.facts).toHaveLength(0);
  });

  test.each(['', '<', 'not xml', '<ORDERS05>', '<!DOCTYPE x [<!ENTITY a "b">]><ORDERS05/>', '<ORDERS05/>', '{"d":'])(
    'as the body %j is refused without a stack',
    async (body) => {
      const hub = await started();
      for (const path of ['/idoc', '/orders']) {
        const answer = await push(hub, path, body);
        expect([400, 422]).toContain(answer.status);
        expect(answer.text).not.toContain('at ');
      }
      expect((await push(hub, '/other', orders05)).status).toBe(404);
      expect(hub.facts).toHaveLength(0);
    },
  );

  test('as OData whose items are only a link is refused by pointer', async () => {
    const hub = await started();
    const answer = await push(
      hub,
      '/orders',
      JSON.stringify({ d: { SalesOrder: '1', to_Item: { __deferred: { uri: 'https://example.com' } } } }),
    );
    expect(answer.text).toContain('#/d/to_Item');
  });
});

describe('reading from SAP', () => {
  test('an order that is not there is ORDER_NOT_IN_ERP', async () => {
    const hub = await started();
    expect(await hub.call('sap.readOrder', { orderNo: '4711' })).toMatchObject({
      outcome: 'refused',
      code: 'ORDER_NOT_IN_ERP',
    });
  });

  test('delivery and blocks show in the status of an order', async () => {
    const hub = await started();
    await hub.control('POST', 'acts/placeOrder', {});
    const status = async () => {
      const outcome = await hub.call('sap.readOrder', { orderNo: '4500017001' });
      return outcome.outcome === 'confirmed' ? (outcome.response as { status: string }).status : outcome.code;
    };
    await hub.control('POST', 'acts/deliver', { orderNo: '4500017001', status: 'B' });
    expect(await status()).toBe('partlyDelivered');
    await hub.control('POST', 'acts/deliver', { orderNo: '4500017001', status: 'C' });
    expect(await status()).toBe('delivered');
    await hub.control('POST', 'acts/block', { orderNo: '4500017001' });
    expect(await status()).toBe('blocked');
  });

  test('open items are debits less credits at the key date, each with its due date', async () => {
    const hub = await started();
    const outcome = await hub.call('sap.readOpenItems', {
      companyCode: '1000',
      customerNo: '17101',
      keyDate: '2026-11-23',
    });
    expect(outcome).toMatchObject({
      outcome: 'confirmed',
      response: {
        customerNo: '17101',
        total: '950000.00',
        items: [
          { dueDate: '2026-12-14', side: 'debit' },
          { dueDate: '2026-12-19' },
          { side: 'credit', dueDate: '2026-11-02', amount: '26000.50' },
        ],
      },
    });
    expect(
      await hub.call('sap.readOpenItems', { companyCode: '1000', customerNo: '17101', keyDate: '2026-09-01' }),
    ).toMatchObject({ response: { total: '0.00', items: [] } });
  });

  test('a customer that SAP does not know is its refusal, in RETURN and with HTTP 200', async () => {
    const hub = await started();
    const outcome = await hub.call('sap.readOpenItems', {
      companyCode: '1000',
      customerNo: '99',
      keyDate: '2026-11-23',
    });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'SYSTEM_REFUSED', externalCode: 'FN021' });
  });

  test('a wrong technical user is refused, although the answer is a page of HTML', async () => {
    const hub = await started({ settings: { rfcUser: 'NOBODY' } });
    expect(await hub.call('sap.readOrder', { orderNo: '1' })).toMatchObject({
      outcome: 'refused',
      externalCode: 'HTTP_401',
    });
  });

  test.each([
    ['error-500', 'unknown'],
    ['garbage', 'unknown'],
    ['reset-after-effect', 'unknown'],
    ['timeout-before-effect', 'unknown'],
    ['timeout-after-effect', 'unknown'],
  ])('after %s the outcome is %s, and the next read tells', async (fault, expected) => {
    const hub = await started({ timeoutMs: 300 });
    await hub.control('POST', 'acts/placeOrder', {});
    await hub.control('POST', 'faults', { fault, operation: 'readOrder' });
    expect((await hub.call('sap.readOrder', { orderNo: '4500017001' })).outcome).toBe(expected);
    expect((await hub.call('sap.readOrder', { orderNo: '4500017001' })).outcome).toBe('confirmed');
  });

  test('by node-rfc is tried only when a system asks for it, and its absence is told', async () => {
    const hub = await started({ settings: { transport: 'rfc' } });
    const outcome = await hub.call('sap.readOrder', { orderNo: '1' });
    expect(outcome).toMatchObject({ outcome: 'later', code: 'SYSTEM_UNREACHABLE' });
  });
});
