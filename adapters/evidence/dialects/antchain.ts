/**
 * The `antchain` dialect: AntChain's evidence service (蚂蚁链可信存证) through the open gateway. Parameters and answers are signed
 * with one secret (antchainSignature.ts). A deposit is taken under our number at once; its transaction is known later, and only
 * the query tells it. Whatever goes wrong once the deposit was taken is therefore unknown, never "later".
 */
import { randomBytes } from 'node:crypto';
import type { Static } from 'typebox';
import { AntchainRecord, AntchainTaken } from '../../../contracts/evidence/antchain.wire.ts';
import type { evidence } from '../../../contracts/evidence/evidence.ts';
import { consequenceOf, Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import {
  acceptAntchain,
  antchainDepositOf,
  antchainEnquiryOf,
  antchainQueryOf,
} from '../../../mappings/evidence/antchain.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { encoded, signedResponse, signParameters } from './antchainSignature.ts';
import { turnOn } from '../../pace.ts';

/** The vendor takes 20: what was held up on its way must still find room. */
const asksPerSecondMax = 12;
const answerLimits = { bytesMax: 65_536, depthMax: 8 } as const;

type Enquiry = Static<typeof evidence.operations.queryAnchor.response.schema>;

export const antchainDialect: Dialect<typeof evidence> = {
  operations: {
    async anchor(request, wire) {
      const deposit = antchainDepositOf(request);
      acceptAntchain(await ask('antchain.caasplatform.deposit.create', AntchainTaken, deposit, wire));
      const { enquiry, baseInfo } = await read(request.anchorNo, wire).catch(notConcluding);
      if (enquiry.outcome !== 'confirmed')
        throw new Failure('OUTCOME_UNKNOWN', { detail: 'taken, and in no block yet: the query tells when it is' });
      // The service looks at the number alone: the first content under it stands, and any other is answered OK.
      if (baseInfo !== deposit.base_info_json)
        throw new Failure('IDEMPOTENCY_CONFLICT', { detail: 'the number was deposited with another head' });
      return enquiry.response;
    },

    queryAnchor: async ({ no }, wire) => (await read(no, wire)).enquiry,
  },
};

async function read(no: string, wire: Wire): Promise<{ enquiry: Enquiry; baseInfo: string | undefined }> {
  const query = antchainQueryOf({ no });
  const record = await ask('antchain.caasplatform.deposit.query', AntchainRecord, query, wire);
  if (record.order_id !== undefined && record.order_id !== no)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the record is of another deposit' });
  return { enquiry: antchainEnquiryOf(record), baseInfo: record.base_info_json };
}

/** The deposit stands already: that nobody could ask about it says nothing of it. */
function notConcluding(thrown: unknown): never {
  if (consequenceOf(thrown) === 'unknown') throw thrown;
  const words = thrown instanceof Error ? thrown.message : 'the query failed';
  throw new Failure('OUTCOME_UNKNOWN', { detail: `taken; then the query: ${words}`, cause: thrown });
}

interface Shape<T> {
  readonly name: string;
  readonly schema: { readonly properties: object };
  check(value: unknown): T;
}

async function ask<T extends { req_msg_id: string }>(
  method: string,
  shape: Shape<T>,
  form: Readonly<Record<string, string>>,
  wire: Wire,
): Promise<T> {
  const { accessKey = '', serviceId = '' } = wire.system.settings;
  const secret = wire.keys.secret('access-key-secret');
  const fields = { ...form, service_id: serviceId };
  const messageId = randomBytes(16).toString('hex');
  const query = {
    method,
    version: '1.0',
    sign_type: 'HmacSHA1',
    req_time: `${new Date().toISOString().slice(0, 19)}Z`,
    req_msg_id: messageId,
    access_key: accessKey,
    base_sdk_version: 'TeaSDK-2.0',
    sdk_version: '1.0.0',
    _prod_code: 'CAASPLATFORM',
    _prod_channel: 'undefined',
  };
  const sign = signParameters({ ...query, ...fields }, secret);
  await turnOn(wire.system.id, asksPerSecondMax);
  const answer = await wire.send({
    method: 'POST',
    path: `/gateway.do?${formOf({ ...query, sign })}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(formOf(fields)),
  });
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const response = signedResponse(answer.body, secret);
  if (!response) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer bears no signature over what it says' });
  const content = checked(shape, response);
  if (content.req_msg_id !== messageId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is to another request' });
  return content;
}

function formOf(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
}

/** Signed, yet not what an answer looks like: what was done is not known. Records hold more fields than are looked at. */
function checked<T>(shape: Shape<T>, response: Buffer): T {
  try {
    const given = parseJson(response, answerLimits) as Readonly<Record<string, unknown>>;
    const known = Object.keys(shape.schema.properties).filter(
      (name) => Object.hasOwn(given, name) && given[name] !== null && given[name] !== '',
    );
    return shape.check(Object.fromEntries(known.map((name) => [name, given[name]])));
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer is no ${shape.name}`, cause });
  }
}
