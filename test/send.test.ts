/** The command line against a hub that runs: orders in three shapes, what is wrong with the broken ones, and the other commands. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as hub from './hub.ts';

const examples = join(hub.root, 'adapters', 'sap', 'examples');
const startMs = 60_000;
const commandMs = 30_000;

let home: hub.Home;
let started: hub.TestHub;
let folder: string;
beforeAll(async () => {
  home = await hub.newHome();
  folder = mkdtempSync(join(tmpdir(), 'lianshu-orders-'));
  started = await hub.startTestHub(home);
}, startMs);
afterAll(async () => {
  try {
    await started?.stop();
  } finally {
    await home?.remove();
    rmSync(folder, { recursive: true });
  }
}, startMs);

const canonical = {
  messageNo: 'MSG-SEND-1',
  sentAt: '2026-11-23T09:30:00+08:00',
  orderNo: '4500090007',
  orderDate: '2026-11-23',
  currency: 'CNY',
  total: '340000.00',
  buyer: { externalNo: '17102', name: '泉州海峡建材有限公司' },
  seller: { externalNo: '1000' },
  lines: [
    {
      lineNo: '10',
      materialCode: 'HRB400E-12',
      quantity: '100.000',
      unit: 'TNE',
      unitPrice: '3400.00',
      amount: '340000.00',
    },
  ],
};

describe('an order', () => {
  test.each([
    ['an ORDERS05 IDoc', 'orders05.xml', '4500090001'],
    ['an OData sales order', 'orders-odata.json', '4500090002'],
  ])(
    'sent as %s is taken, and the address to watch it answers',
    async (_, name, orderNo) => {
      const sent = await send(join(examples, name));
      expect(sent).toMatchObject({ code: 0, answer: { order: orderNo, watch: `${started.url}/k/order/${orderNo}` } });
      expect((await fetch(`${started.url}/k/order/${orderNo}`)).status).toBe(200);
      await hub.until(async () => (await casesOf(orderNo)) === 1, 10_000);
      expect(await casesOf(orderNo)).toBe(1);
    },
    commandMs,
  );

  test(
    'sent as canonical JSON is taken',
    async () => {
      const sent = await send(file('canonical.json', JSON.stringify(canonical)));
      expect(sent).toMatchObject({ code: 0, answer: { order: canonical.orderNo } });
      await hub.until(async () => (await casesOf(canonical.orderNo)) === 1, 10_000);
      expect(await casesOf(canonical.orderNo)).toBe(1);
    },
    commandMs,
  );

  test(
    'sent twice opens no second case, whatever the shape',
    async () => {
      for (const path of [
        join(examples, 'orders05.xml'),
        join(examples, 'orders-odata.json'),
        join(folder, 'canonical.json'),
      ])
        expect((await send(path)).code).toBe(0);
      for (const orderNo of ['4500090001', '4500090002', canonical.orderNo]) expect(await casesOf(orderNo)).toBe(1);
    },
    commandMs,
  );

  test(
    'from a system that we never saw, for a customer that nobody knows, is taken, and its case waits for registration',
    async () => {
      const sent = await send(file('foreign.xml', foreignIdoc));
      expect(sent).toMatchObject({ code: 0, answer: { order: '4711000042' } });
      const waits = () =>
        hub.rowsOf<{ key: string }>(
          home,
          'select w.key from wait w join run r on r.id = w.run_id join cases c on c.id = r.case_id where c.key = $1',
          ['4711000042'],
        );
      await hub.until(async () => (await waits()).length > 0, 10_000);
      expect((await waits()).map(({ key }) => key)).toEqual([expect.stringContaining('portal.registered:')]);
    },
    commandMs,
  );
});

describe('a broken order is refused, exit code 1, and the answer names what is wrong', () => {
  const json = (change: object) =>
    JSON.stringify({ ...canonical, orderNo: '4500090099', messageNo: 'MSG-B', ...change });
  test.each([
    ['an amount that is no number', readFileSync(join(examples, 'broken-orders05.xml'), 'utf8'), 'E1EDP01', 'MENGE'],
    ['XML that ends in the middle', '<?xml version="1.0"?><ORDERS05><IDOC BEGIN="1"><EDI_DC40>', '', ''],
    ['a wrong type', json({ total: 340000 }), '#/total', 'type'],
    ['an unknown field', json({ colour: 'red' }), '#/colour', ''],
    ['a duplicate key', json({}).replace('"currency":"CNY"', '"currency":"CNY","currency":"USD"'), 'currency', ''],
    ['JSON that ends in the middle', json({}).slice(0, -30), '', ''],
    ['a file that is neither', 'ISA*00*          *00*', '', ''],
  ])(
    '%s',
    async (_, text, where, what) => {
      const { code, out, err } = await hub.lianshu(home, 'send', file('broken', text));
      expect(`${out}${err}`).toContain(where);
      expect(`${out}${err}`).toContain(what);
      expect(`${out}${err}`).toMatch(/4\d\d/);
      expect(`${out}${err}`).not.toMatch(/\n {4}at /);
      expect(code).toBe(1);
      expect(await casesOf('4500090099')).toBe(0);
    },
    commandMs,
  );
});

test.each([
  [
    'idoc',
    '/in/sap-s4/idoc',
    { authorization: `Basic ${btoa('s4:wrong')}`, 'content-type': 'text/xml' },
    'orders05.xml',
  ],
  [
    'canonical',
    '/v1/orders',
    {
      'content-type': 'application/json',
      'webhook-id': 'msg_forged',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': `v1,${btoa('x'.repeat(32))}`,
      'x-lianshu-caller': 'unit',
    },
    'orders-odata.json',
  ],
])('a wrong secret is a 401 problem, with an %s order as well', async (_, path, headers, name) => {
  const body = readFileSync(join(examples, name));
  const answer = await fetch(started.url + path, { method: 'POST', headers, body });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ status: 401, title: expect.any(String) });
});

test(
  'a file that is not there, and none at all, are said to be missing',
  async () => {
    expect(await hub.lianshu(home, 'send', '/no/such/file.xml')).toMatchObject({
      code: 1,
      err: expect.stringContaining('/no/such/file.xml'),
    });
    expect(await hub.lianshu(home, 'send')).toMatchObject({ code: 1, err: expect.stringContaining('which file') });
  },
  commandMs,
);

test(
  'a second start in the same home says that one runs already, and touches nothing',
  async () => {
    const { code, out, err } = await hub.lianshu(home, 'start', '--no-demo');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`already: ${started.url}`);
    expect(err).toContain(home.folder);
    expect((await fetch(`${started.url}/health/ready`)).status).toBe(200);
  },
  commandMs,
);

test(
  'verify re-checks every rule of the books',
  async () => {
    const { code, out } = await hub.lianshu(home, 'verify', '--json');
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({
      code: 0,
      broken: 0,
      invariants: expect.any(Number),
    });
  },
  commandMs,
);

test(
  'the clock advances, for the hub and for its counterparties alike',
  async () => {
    const read = async () => JSON.parse((await hub.lianshu(home, 'clock')).out) as { now: string };
    const before = Date.parse((await read()).now);
    expect((await hub.lianshu(home, 'clock', 'advance', '30d')).code).toBe(0);
    const after = Date.parse((await read()).now);
    expect(after - before).toBeGreaterThanOrEqual(30 * 86_400_000);
    const twin = (await hub.control(home, 'bank-open', 'clock')) as { now: string };
    expect(Date.parse(twin.now)).toBeGreaterThanOrEqual(after);
    expect(await hub.lianshu(home, 'clock', 'advance', 'soon')).toMatchObject({
      code: 1,
      err: expect.stringContaining('30d'),
    });
  },
  commandMs,
);

test(
  'a fault is planned, shown and cleared again',
  async () => {
    const planned = await hub.lianshu(home, 'fault', 'bank-open', 'slow', '--operation', 'disburse', '--times', '2');
    expect(planned.code).toBe(0);
    expect(JSON.parse(planned.out)).toEqual([{ fault: 'slow', operation: 'disburse', times: 2 }]);
    expect(JSON.parse((await hub.lianshu(home, 'fault', 'bank-open', '--clear')).out)).toEqual([]);
    const unknown = await hub.lianshu(home, 'fault', 'nobody', 'slow');
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('bank-open') });
    expect((await hub.lianshu(home, 'fault', 'bank-open', 'earthquake')).code).toBe(1);
  },
  commandMs,
);

test.each(['start', 'send', 'verify', 'fault', 'clock', 'hub', 'schema', 'check', 'bench', 'new'])(
  '%s --help says how it is used',
  async (command) => {
    const { code, out } = await hub.lianshu(home, command, '--help');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`npx lianshu ${command}`) });
  },
);

test.each([
  ['a command that does not exist', ['fly']],
  ['a name that every object has', ['constructor']],
  ['an option that does not exist', ['verify', '--loud']],
])('%s is exit code 2', async (_, args) => {
  expect((await hub.lianshu(home, ...args)).code).toBe(2);
});

async function send(path: string): Promise<{ code: number | null; answer: unknown }> {
  const { code, out, err } = await hub.lianshu(home, 'send', path, '--json');
  return { code, answer: out === '' ? err : (JSON.parse(out) as unknown) };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function casesOf(orderNo: string): Promise<number> {
  const [row] = await hub.rowsOf<{ n: string }>(home, 'select count(*) n from cases where key = $1', [orderNo]);
  return Number(row?.n);
}

/** As it leaves other people's systems: more segments than we read, in one line, nobody's customer. */
const foreignIdoc = `<?xml version="1.0" encoding="utf-8"?><ORDERS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><TABNAM>EDI_DC40</TABNAM><MANDT>800</MANDT><DOCNUM>0000000004711042</DOCNUM><DOCREL>740</DOCREL><STATUS>30</STATUS><DIRECT>1</DIRECT><OUTMOD>2</OUTMOD><EXPRSS/><TEST/><IDOCTYP>ORDERS05</IDOCTYP><CIMTYP/><MESTYP>ORDERS</MESTYP><STD>X</STD><STDVRS>004010</STDVRS><SNDPOR>SAPA4H</SNDPOR><SNDPRT>LS</SNDPRT><SNDPRN>A4HCLNT800</SNDPRN><RCVPOR>LIANSHU</RCVPOR><RCVPRT>LS</RCVPRT><RCVPRN>LIANSHU</RCVPRN><CREDAT>20261123</CREDAT><CRETIM>101112</CRETIM><SERIAL>20261123101112</SERIAL></EDI_DC40><E1EDK01 SEGMENT="1"><CURCY>CNY</CURCY><HWAER>CNY</HWAER><WKURS>1.00000</WKURS><ZTERM>0001</ZTERM><BSART>OR</BSART><BELNR>4711000042</BELNR><NTGEW>5000.000</NTGEW><BRGEW>5100.000</BRGEW><GEWEI>KGM</GEWEI><RECIPNT_NO>0000099042</RECIPNT_NO></E1EDK01><E1EDK14 SEGMENT="1"><QUALF>008</QUALF><ORGID>1000</ORGID></E1EDK14><E1EDK14 SEGMENT="1"><QUALF>012</QUALF><ORGID>OR</ORGID></E1EDK14><E1EDK03 SEGMENT="1"><IDDAT>012</IDDAT><DATUM>20261123</DATUM></E1EDK03><E1EDK03 SEGMENT="1"><IDDAT>022</IDDAT><DATUM>20261123</DATUM></E1EDK03><E1EDK05 SEGMENT="1"><KOTXT>Discount</KOTXT><BETRG>0.00</BETRG></E1EDK05><E1EDKA1 SEGMENT="1"><PARVW>AG</PARVW><PARTN>0000099042</PARTN><LIFNR>VEND01</LIFNR><NAME1>远方贸易有限公司</NAME1><STRAS>1 Harbour Road</STRAS><ORT01>宁波</ORT01><PSTLZ>315000</PSTLZ><LAND1>CN</LAND1><SPRAS>1</SPRAS></E1EDKA1><E1EDKA1 SEGMENT="1"><PARVW>RE</PARVW><PARTN>0000099042</PARTN></E1EDKA1><E1EDK02 SEGMENT="1"><QUALF>001</QUALF><BELNR>YF-77</BELNR></E1EDK02><E1EDKT1 SEGMENT="1"><TDID>0001</TDID><TSSPRAS>E</TSSPRAS><E1EDKT2 SEGMENT="1"><TDLINE>please deliver before noon</TDLINE></E1EDKT2></E1EDKT1><E1EDP01 SEGMENT="1"><POSEX>000010</POSEX><PSTYP>0</PSTYP><MENGE>5.000</MENGE><MENEE>TNE</MENEE><PMENE>TNE</PMENE><VPREI>3400.00</VPREI><PEINH>1</PEINH><NETWR>17000.00</NETWR><MATKL>001</MATKL><WERKS>1000</WERKS><E1EDP05 SEGMENT="1"><ALCKZ>+</ALCKZ><KSCHL>PR00</KSCHL></E1EDP05><E1EDP20 SEGMENT="1"><WMENG>5.000</WMENG><EDATU>20261215</EDATU></E1EDP20><E1EDP19 SEGMENT="1"><QUALF>001</QUALF><IDTNR>STEEL-12</IDTNR></E1EDP19><E1EDP19 SEGMENT="1"><QUALF>002</QUALF><IDTNR>HRB400E-12</IDTNR><KTEXT>Rebar 12mm</KTEXT></E1EDP19></E1EDP01><E1EDS01 SEGMENT="1"><SUMID>002</SUMID><SUMME>17000.00</SUMME><SUNIT>CNY</SUNIT></E1EDS01></IDOC></ORDERS05>`;
