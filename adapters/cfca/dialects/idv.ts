/**
 * The `idv` dialect: JSON over HTTP, personal fields sealed with SM4-CBC inside the body, HMAC-SHA256 over what was sent,
 * and over each answer together with the nonce of its request, so that no answer can stand in for another.
 */
import { randomBytes } from 'node:crypto';
import type { Message } from '../../../contracts/contract.ts';
import type { cfca } from '../../../contracts/cfca/cfca.ts';
import { IdvAnswer, IdvQuery, idvSealedFields } from '../../../contracts/cfca/idv.wire.ts';
import { IdvAccountAnswer } from '../../../contracts/cfca/idvAccount.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { bankcardFourOf, enterpriseFourOf, verificationEnquiryOf, verificationOf } from '../../../mappings/cfca/idv.ts';
import {
  accountConfirmationEnquiryOf,
  accountConfirmationOf,
  accountConfirmOf,
  accountProofEnquiryOf,
  accountProofOf,
  accountStartedEnquiryOf,
  accountStartedOf,
} from '../../../mappings/cfca/idvAccount.ts';
import type { Dialect } from '../../adapter.ts';
import { sm4CbcEncrypt } from '../../crypto/gm.ts';
import { isSigned, signed } from '../../crypto/recipes.ts';
import type { Wire } from '../../wire.ts';

const answerBytesMax = 16_384;

export const idvDialect: Dialect<typeof cfca> = {
  operations: {
    verifyEnterprise: async (request, wire) =>
      verificationOf(await ask('/idv/v1/enterprise-four', enterpriseFourOf(request), wire)),
    verifyBankcard: async (request, wire) =>
      verificationOf(await ask('/idv/v1/bankcard-four', bankcardFourOf(request), wire)),
    queryVerification: async (request, wire) =>
      verificationEnquiryOf(await ask('/idv/v1/query', IdvQuery.check({ requestNo: request.no }), wire)),
    startAccountProof: async (request, wire) =>
      accountStartedOf(await askAccount('/idv/v1/account-proof', accountProofOf(request), wire)),
    queryAccountProof: async ({ no }, wire) =>
      accountStartedEnquiryOf(await askAccount('/idv/v1/account-query', IdvQuery.check({ requestNo: no }), wire)),
    readAccountProof: async ({ no }, wire) =>
      accountProofEnquiryOf(await askAccount('/idv/v1/account-query', IdvQuery.check({ requestNo: no }), wire)),
    confirmAccountProof: async (request, wire) =>
      accountConfirmationOf(await askAccount('/idv/v1/account-confirm', accountConfirmOf(request), wire)),
    queryAccountConfirmation: async ({ no }, wire) =>
      accountConfirmationEnquiryOf(
        await askAccount('/idv/v1/account-confirm-query', IdvQuery.check({ requestNo: no }), wire),
      ),
  },
};

interface Answered {
  readonly status: number;
  readonly nonce: string;
  readonly body: Buffer;
}

export function signAnswer(secret: string, { status, nonce, body }: Answered): string {
  return signed('idvAnswer', secret, { status: String(status), nonce, body });
}

/** base64(IV ‖ ciphertext), a fresh IV for every field. */
export function seal(keyHex: string, text: string, iv: Buffer = randomBytes(16)): string {
  return Buffer.concat([iv, sm4CbcEncrypt(Buffer.from(keyHex, 'hex'), iv, Buffer.from(text))]).toString('base64');
}

async function ask(path: string, message: Numbered, wire: Wire): Promise<Message<typeof IdvAnswer>> {
  return about(message, IdvAnswer.check(await exchanged(path, message, wire)));
}

async function askAccount(path: string, message: Numbered, wire: Wire): Promise<Message<typeof IdvAccountAnswer>> {
  return about(message, IdvAccountAnswer.check(await exchanged(path, message, wire)));
}

interface Numbered {
  readonly requestNo: string;
}

function about<A extends Numbered>({ requestNo }: Numbered, answer: A): A {
  if (answer.requestNo !== requestNo)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about another request' });
  return answer;
}

/** What was answered, under its signature. */
async function exchanged(path: string, message: Numbered, wire: Wire): Promise<unknown> {
  const secret = wire.keys.secret('idv-secret');
  const body = Buffer.from(JSON.stringify(sealed(message, wire.keys.secret('idv-sm4'))));
  const timestamp = String(Date.now()); // Real time: the vendor judges its window by its own clock.
  const nonce = randomBytes(16).toString('hex');
  const answer = await wire.send({
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-idv-app': wire.system.settings['appId'] ?? '',
      'x-idv-timestamp': timestamp,
      'x-idv-nonce': nonce,
      'x-idv-signature': signed('idvRequest', secret, { method: 'POST', path, timestamp, nonce, body }),
    },
    body,
  });
  if (answer.status >= 500)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const said = { status: String(answer.status), nonce, body: answer.body };
  if (!isSigned('idvAnswer', secret, said, answer.headers['x-idv-signature'] ?? '')) {
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: `HTTP ${answer.status}, and its signature is not one over this answer`,
    });
  }
  return parsed(answer.body);
}

function sealed(message: object, keyHex: string): object {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [
      name,
      idvSealedFields.has(name) ? seal(keyHex, String(value)) : value,
    ]),
  );
}

/** Signed, yet no JSON: what was done is not known. */
function parsed(body: Buffer): unknown {
  try {
    return parseJson(body, { bytesMax: answerBytesMax });
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be parsed', cause });
  }
}
