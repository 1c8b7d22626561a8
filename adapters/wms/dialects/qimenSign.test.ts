/** The signature of Qimen against vectors made with another tool (openssl). */
import { expect, test } from '@jest/globals';
import { epochMsOf, isQimenSigned, qimenSignature, qimenTimestamp } from './qimenSign.ts';

interface Vector {
  readonly what: string;
  readonly secret: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly sign: string;
}

const common = { format: 'xml', sign_method: 'md5', v: '2.0' };
const vectors: readonly [Vector, ...Vector[]] = [
  {
    what: 'a plain query',
    secret: 'demo_secret',
    query: {
      ...common,
      app_key: 'demo_key',
      customerId: 'c001',
      method: 'taobao.qimen.stock.query',
      timestamp: '2026-01-02 03:04:05',
    },
    body: '<?xml version="1.0" encoding="utf-8"?><request><ownerCode>O1</ownerCode></request>',
    sign: 'D32059F5111406118164A0059400842F',
  },
  {
    what: 'Chinese in secret, query and body',
    secret: '密钥',
    query: {
      ...common,
      app_key: '链枢',
      customerId: 'c-xm01',
      method: 'private.stock.lock',
      timestamp: '2026-11-23 09:00:00',
    },
    body: '<request><lock><lockCode>质押-1</lockCode></lock></request>',
    sign: '92C5878A06018BBC06338D21778CFA88',
  },
  {
    what: 'names sorted by byte',
    secret: 's',
    query: { z: '4', a: '3', Z: '1', A: '2', sign: 'X' },
    body: '<b/>',
    sign: '8FAB2AD2E0154531212E7080FA49E427',
  },
  {
    what: 'a mark and a line end in the body',
    secret: 'sec',
    query: {},
    body: '\ufeff<a/>\r\n',
    sign: 'CE25707C7818517033E573456E2B0026',
  },
];

test.each(vectors)('signs $what', ({ secret, query, body, sign }) => {
  expect(qimenSignature(query, Buffer.from(body), secret)).toBe(sign);
});

test('a signature matches in either case and never in another length', () => {
  const sign = 'D32059F5111406118164A0059400842F';
  const [{ query, body, secret }] = vectors;
  const isTaken = (other: string) => isQimenSigned({ ...query, sign: other }, Buffer.from(body), secret);
  expect([isTaken(sign), isTaken(sign.toLowerCase())]).toEqual([true, true]);
  for (const other of ['', sign.slice(1), `${sign}0`, '密'.repeat(32)]) expect(isTaken(other)).toBe(false);
});

test('a timestamp is Chinese wall time, there and back', () => {
  expect(qimenTimestamp(Date.parse('2026-01-01T19:04:05Z'))).toBe('2026-01-02 03:04:05');
  expect(epochMsOf('2026-01-02 03:04:05')).toBe(Date.parse('2026-01-01T19:04:05Z'));
  for (const none of ['', '2026-01-02', '2026-13-02 03:04:05', '2026-01-02T03:04:05Z'])
    expect(epochMsOf(none)).toBeUndefined();
});
