/** The whole message that Qimen's partner guide shows is right to the last byte: its signature holds, and it is a fact. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseXml } from '../../contracts/gate/xml.ts';
import { goodsReceivedOf } from '../../mappings/wms/qimen.ts';
import { isQimenSigned } from './dialects/qimenSign.ts';
import { qimenFields } from './dialects/qimenXml.ts';

test('the confirmed receipt of Qimen', () => {
  const text = readFileSync(new URL('examples/qimen.entryorder.confirm.http', import.meta.url), 'utf8').trim();
  const [head = '', body = ''] = text.split('\n\n');
  const target = /^POST (\S+) HTTP/.exec(head)?.[1] ?? '';
  const query = Object.fromEntries(new URL(target, 'https://hub.example').searchParams);
  expect(isQimenSigned(query, Buffer.from(body), 'sec')).toBe(true);
  expect(query['method']).toBe('entryorder.confirm');
  expect(goodsReceivedOf(qimenFields(parseXml(Buffer.from(body))) as never)).toMatchObject({
    noticeNo: 'RKTZ-1',
    final: true,
    lots: [{ lotNo: 'PC00000001', quantity: '1200.500', unit: 'TNE' }],
  });
});
