/**
 * The hub's WSDL before clients that nobody here wrote: PHP's SoapClient, Python's zeep, and `soap` for Node (the sandbox's
 * warehouse). Each calls every operation, is told what it did wrong, and writes what the published schema allows (xmllint).
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bench, type Bench } from '../../test/adapter.ts';
import { needing } from '../../test/programs.ts';
import { wmsSoap } from '../../test/twins.ts';
import { contents, type Operation } from './soap.fixture.ts';
import { payloadIn, schemaFaults, withXmllint } from './soapXmllint.fixture.ts';
import service from './wms.service.ts';

const run = promisify(execFile);
const clientTimeoutMs = 60_000;

interface Client {
  readonly name: string;
  readonly program: string;
  readonly script: string;
  readonly is: readonly string[];
  readonly install: string;
}

const clients: readonly Client[] = [
  {
    name: 'PHP',
    program: 'php',
    script: 'soap.client.php',
    is: ['-r', 'exit(class_exists("SoapClient") ? 0 : 1);'],
    install: 'php-cli php-soap',
  },
  {
    name: 'zeep',
    // The one for which the distribution packages zeep.
    program: '/usr/bin/python3',
    script: 'soap.client.py',
    is: ['-c', 'import zeep'],
    install: 'python3-zeep',
  },
];

const given = ({ program, is, install }: Client) => needing(program, is, install).test;

let the: Bench;
let folder: string;
let password: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-soap-'));
  const enrol = wmsSoap.enrol();
  password = enrol.hub['wssePassword.txt'] ?? '';
  the = await bench(service, { ...wmsSoap, enrol: () => enrol }, { speed: 1 });
});
afterAll(async () => {
  await the.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call({ program, script }: Client, operation: string, content: object, secret = password) {
  const file = join(folder, 'content.json');
  writeFileSync(file, JSON.stringify(content));
  const place = join(import.meta.dirname, 'examples', script);
  const args = [place, `${the.edge}/soap?wsdl`, wmsSoap.settings['username'] ?? '', secret, operation, file];
  const { stdout } = await run(program, args, { timeout: clientTimeoutMs });
  return JSON.parse(stdout) as { result?: string; fault?: string; code?: string; retryable?: boolean; detail?: string };
}

const notices: Readonly<Record<Operation, string>> = {
  NotifyInbound: 'wms.goodsReceived',
  ConfirmControl: 'wms.controlConfirmed',
  NotifyOutbound: 'wms.goodsOutbound',
  ReportStockCount: 'wms.stockCounted',
  ReportStockChange: 'wms.stockChanged',
};

describe.each(clients)('$name', (client) => {
  const withClient = given(client);

  withClient(
    'calls every operation, and each is one fact',
    async () => {
      for (const [operation, content] of Object.entries(contents)) {
        const told = { ...content, ...ownNumber(operation as Operation, client.name) };
        const before = the.facts.length;
        expect([operation, await call(client, operation, told)]).toEqual([operation, { result: 'taken' }]);
        expect(the.facts.slice(before).map(({ notice }) => notice)).toEqual([notices[operation as Operation]]);
        expect(the.facts.at(-1)?.message).toMatchObject(
          content.lots.lot.length === 1 ? { lots: [{ lotNo: 'PC00000001', unit: 'TNE' }] } : {},
        );
      }
    },
    5 * clientTimeoutMs,
  );

  withClient(
    'reads from a fault what is wrong and where, for every operation',
    async () => {
      const before = the.facts.length;
      for (const [operation, content] of Object.entries(contents)) {
        const lots = { lot: content.lots.lot.map((lot) => ({ ...lot, unit: 'STN' })) };
        const place = `/${operation}/lots/lot[1]/unit`;
        expect([operation, await call(client, operation, { ...content, lots })]).toEqual([
          operation,
          {
            fault: expect.stringMatching(/Client$/),
            code: 'CONTRACT_VIOLATED',
            retryable: false,
            detail: expect.stringContaining(`${place} `),
            ...(client.name === 'PHP' ? {} : { errors: [place] }),
          },
        ]);
      }
      const stranger = await call(client, 'NotifyInbound', contents.NotifyInbound, 'another password');
      expect(stranger).toMatchObject({ code: 'SIGNATURE_MISMATCH', retryable: false });
      expect(the.facts.length).toBe(before);
    },
    6 * clientTimeoutMs,
  );
});

test('the client of the sandbox calls every operation', async () => {
  const acts = [
    ['announce', { noticeNo: 'RK-1' }],
    ['receive', { noticeNo: 'RK-1' }],
    ['lock', { pledgeNo: 'ZY-9' }],
    ['confirmControl', { lockCode: 'ZY-9' }],
    ['order', { releaseNo: 'FH-9' }],
    ['gateOut', { releaseNo: 'FH-9' }],
    ['takeStock', { code: 'PD-9', less: true }],
    ['moveStock', { code: 'YD-9', why: 'unit' }],
  ] as const;
  const before = the.facts.length;
  for (const [act, args] of acts) await the.control('POST', `acts/${act}`, args);
  expect(the.facts.slice(before).map(({ notice }) => notice)).toEqual(Object.values(notices));
});

withXmllint('what all of them wrote, and what they were answered, is valid by the published schemas', async () => {
  const parts = the.exchanges.flatMap((each) => each.parts).filter(({ method }) => method === 'POST');
  expect(parts.length).toBeGreaterThanOrEqual(5);
  const good = parts.filter(({ status }) => status === 200);
  const bad = parts.filter(({ status }) => status === 500);
  const asked = good.map(({ request }) => payloadIn(request));
  expect(await schemaFaults('wms.xsd', [...asked, ...good.map(({ answer }) => payloadIn(answer))])).toEqual([]);
  const problems = bad.map(({ answer }) => /<p:problem.*<\/p:problem>/s.exec(String(answer))?.[0] ?? '');
  expect(await schemaFaults('problem.xsd', problems)).toEqual([]);
});

test('the WSDL that is served says where the hub is, and its schemas are those on the disk', async () => {
  const get = async (query: string) => {
    const answer = await fetch(`${the.edge}/soap?${query}`);
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  const { text } = await get('wsdl');
  expect(text).toContain(`<soap:address location="${the.edge}/soap"/>`);
  for (const name of ['wms', 'problem']) {
    expect(text).toContain(`schemaLocation="${the.edge}/soap?xsd=${name}"`);
    const onDisk = readFileSync(join(import.meta.dirname, `../../contracts/wms/soap/${name}.xsd`), 'utf8');
    expect(await get(`xsd=${name}`)).toEqual({ status: 200, type: 'text/xml; charset=utf-8', text: onDisk });
  }
  for (const query of ['', 'xsd=../../../package', 'wsdl&xsd=wms', 'wsdl=1', 'disco'])
    expect([query, (await get(query)).status]).toEqual([query, 405]);
});

/** What makes the fact unique. */
function ownNumber(operation: Operation, client: string): object {
  const field = { NotifyInbound: 'receiptNo', NotifyOutbound: 'outboundNo', ReportStockCount: 'reportNo' } as const;
  if (operation === 'ConfirmControl')
    return { receipt: { ...contents.ConfirmControl.receipt, receiptNo: `CD-${client}` } };
  return { [operation === 'ReportStockChange' ? 'changeNo' : field[operation]]: `NO-${client}` };
}
