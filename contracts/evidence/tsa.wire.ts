/**
 * Time-Stamp Protocol (时间戳协议), RFC 3161 with RFC 5816, over HTTP: what its DER structures say, as plain objects. All of it is
 * the standard's; chosen are SHA-256, a nonce in each request, and that the authority's certificate comes with the token.
 */
import { Type } from 'typebox';
import { Sha256Hex, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

const Oid = Type.String({ pattern: '^[0-2](\\.(0|[1-9]\\d{0,18})){1,20}$', maxLength: 128 });
const part = Type.Optional(Type.Integer({ minimum: 1, maximum: 999 }));

/** Of TimeStampReq; the dialect adds version, nonce and, when one is agreed, the policy. */
export const TsaRequest = contract(
  'evidence/tsa/request',
  strict({
    hashAlgorithm: Type.Literal('2.16.840.1.101.3.4.2.1'),
    hashedMessage: Sha256Hex,
    certReq: Type.Literal(true),
  }),
);

/** Of PKIStatusInfo: its status and, of the failure bits, the first that is set. Nobody signs it. */
export const TsaStatus = contract(
  'evidence/tsa/status',
  strict({
    status: Type.String({ pattern: '^\\d{1,4}$', maxLength: 4 }),
    failure: Type.Optional(Type.String({ pattern: '^\\d{1,3}$', maxLength: 3 })),
  }),
);

/** Of a token that verifies: its own bytes and its TSTInfo, together with what it was asked for. */
export const TsaToken = contract(
  'evidence/tsa/token',
  strict({
    anchorNo: ShortText,
    token: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', minLength: 4, maxLength: 21_848 }),
    policy: Oid,
    /** Decimal; authorities use up to 160 bits. */
    serialNumber: Type.String({ pattern: '^\\d{1,50}$', maxLength: 50 }),
    /** GeneralizedTime in DER: UTC, seconds, a fraction without trailing zeros. */
    genTime: Type.String({ pattern: '^\\d{14}(\\.\\d{0,8}[1-9])?Z$', maxLength: 24 }),
    accuracy: Type.Optional(
      strict({
        seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_000 })),
        millis: part,
        micros: part,
      }),
    ),
  }),
);
