/** The schema that partners get and the contract that the hub checks say the same: held against each other, document by document. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../../contracts/failures.ts';
import { parseXml } from '../../contracts/gate/xml.ts';
import * as content from '../../contracts/wms/soap.wire.ts';
import { contentOf, xpathOf } from './dialects/soapBody.ts';
import { contents, type Operation, payload } from './soap.fixture.ts';
import { invalidOnes, withXmllint } from './soapXmllint.fixture.ts';

const contractOf = {
  NotifyInbound: content.SoapNotifyInbound,
  ConfirmControl: content.SoapConfirmControl,
  NotifyOutbound: content.SoapNotifyOutbound,
  ReportStockCount: content.SoapReportStockCount,
  ReportStockChange: content.SoapReportStockChange,
};
const operations = Object.keys(contents) as Operation[];

function isTaken(operation: Operation, document: string): boolean {
  const contract = contractOf[operation];
  try {
    contract.check(contentOf(parseXml(Buffer.from(document)), contract.schema, content.soapNamespace));
    return true;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return false;
  }
}

/** Elements of one name and what they hold, whole. */
const elements = (document: string) =>
  [...document.matchAll(/<(\w+)>(?:(?!<\1>)[\s\S])*?<\/\1>/g)].map(([whole]) => whole);
const leaves = (document: string) => [...document.matchAll(/<(\w+)>[^<]*<\/\1>/g)].map(([whole]) => whole);

/** Every small change of structure. */
function restructured(document: string): string[] {
  return [...elements(document), ...leaves(document)].flatMap((each) => {
    const name = /^<(\w+)>/.exec(each)?.[1] ?? '';
    const at = (other: string) => document.replace(each, () => other);
    return [
      at(''),
      at(each + each),
      at(`${each}<strange/>`),
      at(`<strange/>${each}`),
      at(each.replaceAll(name, `${name}x`)),
      at(`<x:${name} xmlns:x="urn:other">${each.slice(name.length + 2, -name.length - 3)}</x:${name}>`),
      at(each.replace(`<${name}>`, `<${name} strange="1">`)),
      at(`text${each}`),
      at(`<${name}/>`),
      // With what comes next in the other order.
      document.replace(new RegExp(`(${escaped(each)})(<(\\w+)>[\\s\\S]*?</\\3>)`), '$2$1'),
    ];
  });
}
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

const values = `
  true false 1 0 TRUE yes TNE STN tne counted other Other -1 -0 -0.000 18 018 1000000000000000000
  1.0 1. .5 1e3 1E3 INF NaN 0x10 +1 01 1,5 612.4吨 999999999999.999 1000000000000 1.0001
  2026-11-24T09:00:00+08:00 2026-11-24T09:00:00Z 2026-11-24T09:00:00 2026-02-30T09:00:00Z 2028-02-29T09:00:00Z
  2026-11-24T24:00:00Z 2026-11-24T23:59:60Z 2026-11-24T09:00:00.123456789Z 2026-11-24T09:00:00.Z 2026-11-24
  2026-11-24T09:00:00+14:00 2026-11-24T09:00:00-13:59 1999-11-24T09:00:00Z -2026-11-24T09:00:00Z 2026-13-24T09:00:00Z
  91350100MA32000B1T 91350100MA32000B1I 9135010MA32000B1T 厦 厦门 &lt;a&gt; &amp;`
  .trim()
  .split(/\s+/);
const longest = [64, 65, 100, 101, 500, 501].map((length) => 'x'.repeat(length));
const hashes = ['ab'.repeat(32), 'AB'.repeat(32), 'ab'.repeat(31)];
const wide = ['𠀀'.repeat(64), '𠀀'.repeat(65), 'a b', '\u00a0', 'a\u00a0', '\u3000a', 'a\u200db', '\u200b', '\ufeffa'];
const strange = fc.oneof(
  fc.constantFrom(...values, ...longest, ...hashes, ...wide),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => /^[^\s\p{C}&<>"]([^\t\n\r\p{C}&<>"]*[^\s\p{C}&<>"])?$/u.test(text)),
);

withXmllint(
  'of thousands of changes to good messages, both take the same',
  async () => {
    let taken = 0;
    for (const operation of operations) {
      const good = payload(operation);
      const changes = fc.sample(fc.tuple(fc.constantFrom(...leaves(good)), strange), { numRuns: 700, seed: 11 });
      const revalued = changes.map(([leaf, value]) =>
        good.replace(leaf, () => leaf.replace(/>[^<]*</, () => `>${value}<`)),
      );
      const documents = [...new Set([good, ...restructured(good), ...revalued])];
      const ours = documents.flatMap((document, index) => (isTaken(operation, document) ? [] : [index]));
      const theirs = await invalidOnes('wms.xsd', documents);
      const differing = [...ours.filter((n) => !theirs.includes(n)), ...theirs.filter((n) => !ours.includes(n))];
      expect(differing.map((index) => documents[index])).toEqual([]);
      expect(documents.length).toBeGreaterThan(400);
      taken += documents.length - ours.length;
    }
    expect(taken).toBeGreaterThan(100);
  },
  60_000,
);

test('nothing is taken beside the elements of a message', () => {
  const good = payload('NotifyInbound');
  expect(isTaken('NotifyInbound', good)).toBe(true);
  const xsi = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';
  for (const other of [
    good.replace('<lots>', `<lots ${xsi} i:type="Lots">`),
    good.replace(/<final>.*<\/final>/, `<final ${xsi} i:nil="true"/>`),
    good.replace('<lots>', '<lots href="#1">'),
    good.replace('<lots>', '<lots><__proto__/>').replace('noticeNo', '__proto__'),
    good.replaceAll('noticeNo', 'constructor'),
  ])
    expect([other, isTaken('NotifyInbound', other)]).toEqual([other, false]);
});

test('what is wrong is named as XPath names it', () => {
  expect(xpathOf('NotifyInbound', '#/lots/0/quantity')).toBe('/NotifyInbound/lots/lot[1]/quantity');
  expect(xpathOf('ConfirmControl', '#/receipt/lots/12')).toBe('/ConfirmControl/receipt/lots/lot[13]');
  expect(xpathOf('ConfirmControl', '#')).toBe('/ConfirmControl');
});
