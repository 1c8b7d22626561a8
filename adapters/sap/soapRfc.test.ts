import { expect, test } from '@jest/globals';
import { parseXml } from '../../contracts/gate/xml.ts';
import { keysFrom } from '../crypto/keys.ts';
import type { Wire, WireRequest } from '../wire.ts';
import { soapRfc } from './soapRfc.ts';

const envelope = (body: string) =>
  `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
const answered = (name: string, body = '', namespace = 'urn:sap-com:document:sap:rfc:functions') =>
  envelope(`<rfc:${name}.Response xmlns:rfc="${namespace}">${body}</rfc:${name}.Response>`);
const faulted = (detail: string) =>
  envelope(`<SOAP-ENV:Fault><faultcode>x</faultcode><faultstring>dump</faultstring>${detail}</SOAP-ENV:Fault>`);

/** A road on which one answer comes back, whatever was sent. */
function roadTo(status: number, body: string): { wire: Wire; sent: WireRequest[] } {
  const sent: WireRequest[] = [];
  const wire: Wire = {
    system: {
      id: 'sap-s4',
      kind: 'sap',
      dialect: 's4',
      url: 'http://127.0.0.1',
      party: 'p',
      allowPrivate: true,
      timeoutMs: 1_000,
      settings: { rfcUser: 'U', client: '100' },
    },
    keys: { ...keysFrom('/nowhere', 'sap-s4'), secret: () => 'pass' },
    key: 'k',
    now: () => new Date(),
    firstSeen: async () => true,
    sendFramed: () => Promise.reject(new Error('no road')),
    sendMail: () => Promise.reject(new Error('no road')),
    files: () => Promise.reject(new Error('no road')),
    async send(request) {
      sent.push(request);
      return { status, headers: {}, body: Buffer.from(body) };
    },
  };
  return { wire, sent };
}

test('a call carries Basic, unqualified parameters, items, asked tables, and _- for slashes', async () => {
  const { wire, sent } = roadTo(
    200,
    answered('_-ABC_-X', '<_-ABC_-V>1</_-ABC_-V><T><item><A>1</A></item><item><A>2</A></item></T><E/><S><F>x</F></S>'),
  );
  const exports = await soapRfc(wire).call('/ABC/X', { P: 'a & b', S: { F: '1' }, T: [{ A: '1' }] }, ['OUT']);
  expect(exports).toEqual({ '/ABC/V': '1', T: [{ A: '1' }, { A: '2' }], E: '', S: { F: 'x' } });
  const text = sent[0]?.body?.toString() ?? '';
  expect(text).toContain(
    '<rfc:_-ABC_-X xmlns:rfc="urn:sap-com:document:sap:rfc:functions"><P>a &amp; b</P><S><F>1</F></S><T><item><A>1</A></item></T><OUT/>',
  );
  expect(() => parseXml(Buffer.from(text))).not.toThrow();
  expect(sent[0]).toMatchObject({
    path: '/sap/bc/soap/rfc?sap-client=100',
    headers: { authorization: `Basic ${Buffer.from('U:pass').toString('base64')}` },
  });
});

test.each([
  [
    'an exception of the function',
    500,
    faulted('<detail><rfc:X.Exception xmlns:rfc="urn:x"><Name>NOT_FOUND</Name></rfc:X.Exception></detail>'),
    'SYSTEM_REFUSED',
    'NOT_FOUND',
  ],
  ['a fault without one: a dump', 500, faulted(''), 'OUTCOME_UNKNOWN', undefined],
  ['a page of HTML with 500', 500, '<html><META><body>ICM', 'OUTCOME_UNKNOWN', undefined],
  ['503 of the dispatcher', 503, '<html>', 'OUTCOME_UNKNOWN', undefined],
  ['a logon page', 401, '<html><META>', 'SYSTEM_REFUSED', 'HTTP_401'],
  ['no authority for the service', 403, '', 'SYSTEM_REFUSED', 'HTTP_403'],
  ['an inactive service', 404, '', 'SYSTEM_REFUSED', 'HTTP_404'],
  ['too many requests', 429, '', 'SYSTEM_BUSY', 'HTTP_429'],
  ['200 with noise', 200, 'noise', 'OUTCOME_UNKNOWN', undefined],
  ['200 with half an envelope', 200, answered('X').slice(0, -20), 'OUTCOME_UNKNOWN', undefined],
  ['the answer of another function', 200, answered('Y'), 'OUTCOME_UNKNOWN', undefined],
  ['an answer of another namespace', 200, answered('X', '', 'urn:x'), 'OUTCOME_UNKNOWN', undefined],
  ['a document type', 200, `<!DOCTYPE x>${answered('X')}`, 'OUTCOME_UNKNOWN', undefined],
])('%s is told apart', async (_, status, body, type, externalCode) => {
  const { wire } = roadTo(status, body);
  await expect(soapRfc(wire).call('X', {}, [])).rejects.toMatchObject({ type, externalCode });
});
