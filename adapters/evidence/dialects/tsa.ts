/**
 * The `tsa` dialect: a time-stamp authority (时间戳服务机构) by RFC 3161 over HTTP. The request is not signed and the authority
 * knows nobody; what it answers proves itself, or is not believed.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import type { evidence, Stamp } from '../../../contracts/evidence/evidence.ts';
import type { Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { acceptTsaStatus, stampedOf, tsaRequestOf } from '../../../mappings/evidence/tsa.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { integer, oid, tagged, tags } from './tsaDer.ts';
import { type Answered, isoOf, readAnswer, type TstInfo, verifyToken } from './tsaToken.ts';

/** Certificates make it a few kilobytes. */
const tokenBytesMax = 16_384;
const nonceBytes = 16;
/** Between our clock and theirs, and for what the answer took. */
const clockToleranceMs = 5 * 60_000;

export const tsaDialect: Dialect<typeof evidence> = {
  operations: {
    async stamp(request, wire) {
      const nonce = BigInt(`0x${randomBytes(nonceBytes).toString('hex')}`);
      const from = wire.now().getTime() - clockToleranceMs;
      const { token, ...said } = await ask(requestOf(request, nonce, wire), wire);
      acceptTsaStatus({ status: said.status, ...(said.failure === undefined ? {} : { failure: said.failure }) });
      if (!token || token.length > tokenBytesMax)
        throw new Failure('ANSWER_UNVERIFIED', { detail: 'granted, and there is no token of a size that tokens have' });
      const info = verified(token, wire);
      const wrong = wrongIn(info, request, nonce, wire);
      if (wrong !== undefined) throw new Failure('ANSWER_UNVERIFIED', { detail: `the token ${wrong}` });
      const at = Date.parse(isoOf(info.genTime));
      if (!(at >= from && at <= wire.now().getTime() + clockToleranceMs))
        throw new Failure('ANSWER_UNVERIFIED', {
          detail: `the authority's clock says ${isoOf(info.genTime).slice(0, 24)}`,
        });
      return stamped(request.anchorNo, token, info);
    },
  },
};

function requestOf(request: Message<typeof Stamp>, nonce: bigint, wire: Wire): Buffer {
  const { hashAlgorithm, hashedMessage } = tsaRequestOf(request);
  const policy = wire.system.settings['policy'] ?? '';
  return tagged(
    tags.sequence,
    integer(1n),
    tagged(
      tags.sequence,
      tagged(tags.sequence, oid(hashAlgorithm), tagged(0x05)),
      tagged(tags.octets, Buffer.from(hashedMessage, 'hex')),
    ),
    ...(policy === '' ? [] : [oid(policy)]),
    integer(nonce),
    tagged(tags.boolean, Buffer.of(0xff)),
  );
}

async function ask(body: Buffer, wire: Wire): Promise<Answered> {
  const answer = await wire.send({
    method: 'POST',
    path: wire.system.settings['path'] ?? '/',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body,
  });
  const type = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (answer.status !== 200 || type !== 'application/timestamp-reply')
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status}, and no time-stamp reply` });
  try {
    return readAnswer(answer.body);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer is no TimeStampResp', cause });
  }
}

function verified(token: Buffer, wire: Wire): TstInfo {
  const pem = wire.keys.secret('tsa-ca');
  const authorities = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return verifyToken(
      token,
      authorities.map((text) => new X509Certificate(text)),
    );
  } catch (cause) {
    const words = cause instanceof Error ? cause.message.slice(0, 200) : 'it cannot be read';
    throw new Failure('ANSWER_UNVERIFIED', { detail: `the token does not verify: ${words}`, cause });
  }
}

function wrongIn(info: TstInfo, request: Message<typeof Stamp>, nonce: bigint, wire: Wire): string | undefined {
  const { hashAlgorithm, hashedMessage } = tsaRequestOf(request);
  const policy = wire.system.settings['policy'] ?? '';
  if (info.hashAlgorithm !== hashAlgorithm || info.hashedMessage.toString('hex') !== hashedMessage)
    return 'is about another digest';
  if (info.nonce !== nonce) return 'answers another request';
  return policy === '' || info.policy === policy ? undefined : 'was made under another policy';
}

/** Verified, yet out of what any authority says: a serial number of 200 bits, an accuracy of days. */
function stamped(anchorNo: string, token: Buffer, info: TstInfo) {
  const { policy, genTime, accuracy } = info;
  try {
    return stampedOf({
      anchorNo,
      token: token.toString('base64'),
      policy,
      serialNumber: info.serialNumber.toString(),
      genTime,
      ...(accuracy ? { accuracy } : {}),
    });
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the token says what none should', cause });
  }
}
