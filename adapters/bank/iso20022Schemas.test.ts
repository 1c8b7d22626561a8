/**
 * Every byte that goes out or comes in, held against XML Schemas by a program that nobody here wrote (`xmllint`, libxml2): what
 * the hub writes against the published schema and against ours, and what the sandbox's bank writes against ours.
 */
import { expect } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { bench, type Bench } from '../../test/adapter.ts';
import { needingXmllint } from '../../test/programs.ts';
import { bankIso20022, dealers, funder } from '../../test/twins.ts';
import { IsoOrder, IsoOrdering, namespaces } from '../../contracts/bank/iso20022.wire.ts';
import { toOrder } from '../../mappings/bank/iso20022.ts';
import bankService from './bank.service.ts';
import * as given from './case.fixture.ts';
import { readIso, writeIso } from './dialects/iso20022Xml.ts';

const { test: withXmllint } = needingXmllint();
const schemaOf = (name: string) => join(import.meta.dirname, '..', '..', 'contracts', 'iso20022', `${name}.xsd`);

/** What xmllint has to say; nothing when all are valid. */
async function faultsOf(schema: string, documents: readonly (string | Buffer)[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-iso-'));
  try {
    const files = documents.map((document, index) => {
      writeFileSync(join(folder, `${index}.xml`), document);
      return join(folder, `${index}.xml`);
    });
    return await new Promise((done) => {
      const options = ['--noout', '--nonet', '--schema', schemaOf(schema), ...files];
      execFile('xmllint', options, { maxBuffer: 1 << 24 }, (error, _stdout, stderr) =>
        done(
          error
            ? stderr
                .split('\n')
                .filter((line) => !line.endsWith(' validates'))
                .slice(0, 5)
                .join('\n')
            : '',
        ),
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const dealer = dealers[0] ?? funder;
/** Characters that GBK has, those that XML escapes, and those of four bytes in GB18030. */
const letters = fc.constantFrom(
  ...Array.from('厦门链枢金控有限公司钢材螺纹镕﨎〇·（）—“”&<>"\'ABCxyz0129 -./㐀𠀀'),
  ']]>',
);
const text = (min: number, max: number) =>
  fc
    .array(letters, { minLength: min, maxLength: max })
    .map((all) => all.join('').slice(0, max).trim())
    .filter((all) => Array.from(all).length >= min && all.isWellFormed());
const longest = (max: number) => fc.constantFrom('厦', '&', '𠀀').map((one) => one.repeat(max));
const words = (min: number, max: number) => fc.oneof({ weight: 4, arbitrary: text(min, max) }, longest(max));
const amount = fc
  .oneof(fc.bigInt({ min: 1n, max: 99_999_999_999n }), fc.constantFrom(1n, 99_999_999_999n))
  .map((fen) => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`);
const digits = (min: number, max: number) =>
  fc.array(fc.constantFrom('0', '1', '7', '9'), { minLength: min, maxLength: max }).map((all) => all.join(''));
const orderings = fc.record({
  instruction: fc.record({
    instructionNo: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/),
    applicationNo: words(1, 64),
    funderRef: words(1, 64),
    loanContractNo: words(1, 64),
    mandateNo: words(1, 64),
    borrower: fc.record({ name: words(2, 100), uscc: fc.constant(dealer.uscc) }),
    payee: fc.record({
      accountName: words(2, 100),
      accountNo: digits(6, 28),
      bankName: words(2, 100),
      bankCode: digits(12, 12),
    }),
    amount,
    currency: fc.constant('CNY'),
    orderNo: words(1, 64),
    postscript: words(1, 60),
  }),
  sender: fc.record({ name: words(2, 100), uscc: fc.constant(funder.uscc) }),
  payer: fc.record({ name: words(2, 100), accountNo: digits(6, 28), bankCode: digits(12, 12) }),
  createdAt: fc.constant('2026-11-23T09:00:00+08:00'),
  executeOn: fc.constant('2026-11-23'),
});
const written = (ordering: unknown) => writeIso(namespaces.order, toOrder(IsoOrdering.check(ordering)));

/**
 * The published file is the profile of the European Payments Council: accounts are IBANs, banks BICs, one line of remittance, a
 * name of at most 70 characters. Only these four are put in its place; everything else is ours, byte for byte.
 */
function inEurope(document: Buffer): string {
  return document
    .toString()
    .replaceAll(/<Id><Othr><Id>(\d+)<\/Id><\/Othr><\/Id>/g, '<Id><IBAN>CN00$1</IBAN></Id>')
    .replaceAll(/<FinInstnId>.*?<\/FinInstnId>/g, '<FinInstnId><BICFI>ICBKCNBJXXX</BICFI></FinInstnId>')
    .replaceAll(/(<Ustrd>.*?<\/Ustrd>)(<Ustrd>.*?<\/Ustrd>)+/gs, '$1')
    .replaceAll(
      /<Nm>(.*?)<\/Nm>/gs,
      (_whole, name: string) => `<Nm>${name.replaceAll(/&\w+;/g, '+').slice(0, 70)}</Nm>`,
    );
}

withXmllint(
  'every order that the hub can write is valid by our schema, and read back the same',
  async () => {
    const samples = fc.sample(orderings, { numRuns: 400, seed: 20022 });
    const documents = samples.map(written);
    expect(await faultsOf('pain.001.001.09', documents)).toBe('');
    for (const [index, document] of documents.entries()) {
      const one = readIso(document, namespaces.order, IsoOrder).CstmrCdtTrfInitn.PmtInf.CdtTrfTxInf;
      expect([one.Cdtr.Nm, one.Amt.InstdAmt['#']]).toEqual([
        samples[index]?.instruction.payee.accountName,
        samples[index]?.instruction.amount,
      ]);
    }
  },
  60_000,
);

withXmllint(
  'order and names of all elements are those of the published schema',
  async () => {
    const documents = fc.sample(orderings, { numRuns: 200, seed: 1 }).map(written);
    expect(await faultsOf('pain.001.001.09.epc', documents.map(inEurope))).toBe('');
    // It is no weak schema: the same with two elements in another order is not valid.
    const swapped = documents
      .slice(0, 1)
      .map((each) => inEurope(each).replace(/(<Purp>.*<\/Purp>)(<RmtInf>.*<\/RmtInf>)/s, '$2$1'));
    expect(await faultsOf('pain.001.001.09.epc', swapped)).toContain('element Purp');
  },
  60_000,
);

withXmllint(
  'what the bank of the sandbox writes is valid',
  async () => {
    const the: Bench = await bench(bankService, bankIso20022, { speed: 1 });
    try {
      for (const [turn, yuan] of ['10.00', '1000.02', '1000.03', '1000.04', '1000.05', '1000.06'].entries()) {
        const request = { ...given.disbursement, instructionNo: `PI-${turn}`, funderRef: 'BR-1', amount: yuan };
        expect(await the.call('bank.disburse', request)).toMatchObject({ outcome: 'confirmed' });
        await the.control('POST', 'acts/settle', { instructionNo: request.instructionNo });
        await the.control('POST', 'acts/tell', { instructionNo: request.instructionNo });
      }
      await the.control('POST', 'acts/bounce', { instructionNo: 'PI-2' });
      await the.control('POST', 'acts/deposit', { name: '来款 & <公司>' });
      await the.control('POST', 'acts/closeDay', { whole: true });
      for (const turn of [0, 1, 2, 3, 4, 5]) await the.call('bank.readSettlement', { no: `PI-${turn}` });
      await the.call('bank.readStatement', { accountNo: funder.account.accountNo, date: '2026-11-23' });
      const got = the.exchanges.flatMap(({ parts }) => parts).filter(({ method }) => method === 'GET');
      const of = (message: string) =>
        got.flatMap(({ path, answer }) =>
          path.startsWith(`/in/${message}`) && path.endsWith('.xml') && answer ? [answer] : [],
        );
      for (const [message, schema] of [
        ['pain.002', 'pain.002.001.10'],
        ['camt.054', 'camt.054.001.08'],
        ['camt.053', 'camt.053.001.08'],
      ] as const) {
        expect(of(message).length).toBeGreaterThan(0);
        expect(await faultsOf(schema, of(message))).toBe('');
      }
    } finally {
      await the.stop();
    }
  },
  60_000,
);
