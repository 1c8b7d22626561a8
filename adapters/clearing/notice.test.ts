import { createPrivateKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clearingCpcn, funder } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import service from './clearing.service.ts';
import { formOf, xmlOf } from './dialects/cpcnEnvelope.ts';

/** The gateway's own key, for what a test sends in its name; and one that is not its. */
const gateway = clearingCpcn.enrol();
const gatewayKey = createPrivateKey(gateway.twin['cpcn-private.pem'] ?? '');
const otherKey = createPrivateKey(clearingCpcn.enrol().twin['cpcn-private.pem'] ?? '');

let cpcn: Bench;
beforeEach(async () => {
  cpcn = await bench(service, { ...clearingCpcn, enrol: () => gateway });
});
afterEach(() => cpcn.stop());

describe('a notice', () => {
  const body = {
    InstitutionID: '100690',
    TxSN: '20261123000000001RP',
    OrderNo: 'RP20261123-000001',
    PayeeAccountNumber: funder.account.accountNo,
    Amount: '120000000',
    Status: '30',
    ResponseCode: '000000',
    ResponseMessage: 'OK.',
    ResponseTime: '20261123093000000',
    TraceNo: 'CP0000000002',
  };
  const form = (change: Record<string, string> = {}, txCode = '5018', key = gatewayKey) =>
    formOf(xmlOf({ root: 'Request', head: { TxCode: txCode }, body: { ...body, ...change } }), key);

  test('that comes again gets the same reply and is one fact', async () => {
    const replies = [await post(form()), await post(form())];
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(replies[0]?.xml).toBe(replies[1]?.xml);
    expect(replies[0]?.xml).toContain('<Head><Code>2000</Code><Message>OK.</Message></Head>');
    expect(cpcn.facts).toHaveLength(1);
  });

  test('that a payment is still under way is taken, and is no fact', async () => {
    expect(await post(form({ Status: '10', ResponseTime: '' }))).toMatchObject({ status: 200 });
    expect(cpcn.facts).toHaveLength(0);
  });

  test.each([
    ['signed with another key', () => form({}, '5018', otherKey), 401],
    [
      'with an amount changed after it was signed',
      () =>
        Buffer.from(
          form()
            .toString()
            .replace(/message=[^&]+/, tampered),
        ),
      401,
    ],
    ['for another institution', () => form({ InstitutionID: '100691' }), 403],
    ['of a kind that we do not take', () => form({}, '4618'), 404],
    ['with a status that is not in the table', () => form({ Status: '77' }), 502],
    ['about a payment that is none of ours', () => form({ TxSN: '20261123235959999RP' }), 422],
    ['that is not a form', () => Buffer.from('{"a":1}'), 400],
    ['that is empty', () => Buffer.alloc(0), 400],
  ])('%s is refused and is no fact', async (_, bytes, status) => {
    const reply = await post(bytes());
    expect([reply.status, cpcn.facts.length]).toEqual([status, 0]);
    expect(reply.xml).toContain('<Code>X001</Code>');
    expect(reply.xml).not.toContain('at ');
  });

  test('on another path is refused', async () => {
    expect(await post(form(), '/other')).toMatchObject({ status: 404 });
  });

  function tampered(): string {
    const xml = xmlOf({ root: 'Request', head: { TxCode: '5018' }, body: { ...body, Amount: '999' } });
    return `message=${encodeURIComponent(xml.toString('base64'))}`;
  }
});

async function post(body: Buffer, path = '/notice'): Promise<{ status: number; xml: string }> {
  const answer = await fetch(cpcn.edge + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new Uint8Array(body),
  });
  return { status: answer.status, xml: Buffer.from(await answer.text(), 'base64').toString() };
}
