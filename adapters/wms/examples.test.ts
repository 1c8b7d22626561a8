/** The whole messages that the partner guides show are right to the last byte: their signatures hold, and they are facts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EpcisDocument } from '../../contracts/wms/epcis.wire.ts';
import { goodsReceivedOf as receivedByEvent } from '../../mappings/wms/epcis.ts';
import { goodsReceivedOf } from '../../mappings/wms/flux.ts';
import { fluxFields, isFluxSigned } from './dialects/fluxForm.ts';
import { contentDigest, verifiedAt } from './dialects/httpSignature.ts';

const secret = 'sec';
const textOf = (name: string) => readFileSync(join(import.meta.dirname, 'examples', name), 'utf8');

test('the form of FLUX', () => {
  const fields = fluxFields(Buffer.from(textOf('flux.confirmASNData.txt').trim()));
  expect(isFluxSigned(fields, secret)).toBe(true);
  const { xmldata } = JSON.parse(fields['data'] ?? '') as { xmldata: { data: { orderinfo: [never] } } };
  expect(goodsReceivedOf(xmldata.data.orderinfo[0])).toMatchObject({ noticeNo: 'RKTZ-1', final: true });
});

test('the capture of EPCIS', () => {
  const [head = '', body = ''] = textOf('epcis.capture.http').trim().split('\n\n');
  const headers = Object.fromEntries(
    head
      .split('\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  ) as Record<string, string>;
  expect(headers['content-digest']).toBe(contentDigest(Buffer.from(body)));
  const components = [
    ['@method', 'POST'],
    ['content-type', headers['content-type'] ?? ''],
    ['content-digest', headers['content-digest'] ?? ''],
  ] as const;
  expect(verifiedAt(headers, components, { keyId: 'warehouse', secret: Buffer.from(secret) })).toBeDefined();
  const [event] = EpcisDocument.check(JSON.parse(body)).epcisBody.eventList;
  expect(receivedByEvent(event as never)).toMatchObject({ noticeNo: 'RKTZ-1', final: true });
});
