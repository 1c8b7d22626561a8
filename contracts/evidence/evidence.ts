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
  },
  {},
);
