import { describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { isFailure } from '../../contracts/failures.ts';
import { textOf } from '../../contracts/gate/xml.ts';
import { elementOf, formBody, gbkOf, picked, readGbkXml, xmlText } from './dialects/gbkXml.ts';

const name = '厦门链枢贸易有限公司';
const document = (declared: string, speaks: string, text = name) =>
  iconv.encode(`${declared}<TX><NAME>${text}</NAME></TX>`, speaks);
const says = (encoding: string) => `<?xml version="1.0" encoding="${encoding}" standalone="yes" ?>`;

describe('a declaration is tried, and not believed', () => {
  test.each([
    ['GB2312 over GB2312', says('GB2312'), 'gbk', name],
    ['GB2312 over characters that only GB18030 has', says('GB2312'), 'gb18030', '㐀𠮷'],
    ['UTF-8 over GBK', says('UTF-8'), 'gbk', name],
    ['nothing over GBK', '', 'gbk', name],
    ['nothing over UTF-8', '', 'utf8', name],
    ['UTF-8 over UTF-8', says('utf-8'), 'utf8', name],
    ['GBK over UTF-8, where GBK it cannot be', says('GBK'), 'utf8', '厦门㐀市'],
    ['a set that nobody knows over GBK', says('IBM-1386'), 'gbk', name],
    ['blank lines before it', `\r\n${says('GB18030')}`, 'gbk', name],
  ])('%s', (_what, declared, speaks, text) => {
    expect(textOf(readGbkXml(document(declared, speaks, text)), 'NAME')).toBe(text);
  });

  test('bytes that are neither are refused', () => {
    const bytes = Buffer.concat([Buffer.from(says('GBK')), Buffer.from('<a>\xff\xff</a>', 'latin1')]);
    expect(typeOf(() => readGbkXml(bytes))).toBe('BODY_MALFORMED');
  });

  test.each(['<!DOCTYPE a><a/>', '<a', '', 'Result', '<a/><b/>'])('%j is no document', (text) => {
    expect(typeOf(() => readGbkXml(Buffer.from(text)))).toBe('BODY_MALFORMED');
  });
});

test('what GBK cannot carry is refused, never replaced', () => {
  expect(gbkOf('货款1')).toEqual(Buffer.from([0xbb, 0xf5, 0xbf, 0xee, 0x31]));
  expect(typeOf(() => gbkOf('𠮷'))).toBe('CONTRACT_VIOLATED');
  expect(typeOf(() => gbkOf('😀'))).toBe('CONTRACT_VIOLATED');
});

test('a form field carries the bytes of its value, one by one', () => {
  expect(formBody('requestXml', gbkOf('<a>货 &amp;</a>')).toString()).toBe(
    'requestXml=%3Ca%3E%BB%F5%20%26amp%3B%3C%2Fa%3E',
  );
});

test('fields go in by name and come out trimmed; what is empty is not there', () => {
  const root = readGbkXml(gbkOf(xmlText(elementOf('Result', { A: ' 1 ', B: '<&>', C: '' }))));
  expect(picked(root, ['A', 'B', 'C', 'D'])).toEqual({ A: '1', B: '<&>' });
});

function typeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}
