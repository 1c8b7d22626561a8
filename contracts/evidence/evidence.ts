/** Evidence chain (存证上链): only hashes travel, never what they are of (PIPL 47). */
import { Type } from 'typebox';
import { Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, operation, QueryByNumber } from '../kind.ts';

export const Anchor = contract(
  'evidence/anchor',
  strict({
    /** One batch of a hash-chained log: its head commits to all before it. */
    anchorNo: ShortText,
    headSha256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
    headSm3: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
    count: Type.Integer({ minimum: 1 }),
  }),
);
export const Anchored = contract(
  'evidence/anchored',
  strict({
    anchorNo: ShortText,
    txHash: Type.String({ pattern: '^0x[0-9a-f]{64}$', maxLength: 66 }),
    blockNumber: Type.String({ pattern: '^\\d{1,18}$', maxLength: 18 }),
    anchoredAt: Instant,
  }),
);

/** What a time-stamp authority (时间戳服务机构, RFC 3161) is asked to put a time to. It sees the digest alone. */
export const Stamp = contract(
  'evidence/stamp',
  strict({ anchorNo: ShortText, headSha256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }) }),
);
export const Stamped = contract(
  'evidence/stamped',
  strict({
    anchorNo: ShortText,
    /** The time-stamp token as it was signed: base64 of DER, at most 16 kB. Whoever keeps it can prove the time alone. */
    token: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', minLength: 4, maxLength: 21_848 }),
    serialNo: Type.String({ pattern: '^\\d{1,50}$', maxLength: 50 }),
    genTime: Instant,
    accuracyMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
    /** Object identifier of the policy under which it was made. */
    policy: Type.String({ pattern: '^[0-2](\\.(0|[1-9]\\d{0,18})){1,20}$', maxLength: 128 }),
  }),
);

export const evidence = kind(
  'evidence',
  {
    anchor: operation({
      request: Anchor,
      response: Anchored,
      effect: 'write',
      idempotent: true,
      query: 'queryAnchor',
      numberOf: (r) => r.anchorNo,
      label: { zh: '存证上链', en: 'anchor evidence' },
    }),
    queryAnchor: operation({
      request: QueryByNumber,
      response: enquiry(Anchored),
      effect: 'read',
      label: { zh: '查询上链', en: 'query anchor' },
    }),
    /** Asking again only yields another token of a later time: nothing is there to be protected or queried. */
    stamp: operation({
      request: Stamp,
      response: Stamped,
      effect: 'read',
      label: { zh: '加盖时间戳', en: 'time-stamp evidence' },
    }),
  },
  {},
);
