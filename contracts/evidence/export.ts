/**
 * The evidence export (存证导出): one case's evidence with all that is needed to prove it without the hub. One JSON document,
 * format `lianshu-evidence/1`; every value is a string, an integer or a container of those, so that its RFC 8785 form is one
 * and the same for every reader. It holds hashes and numbers, no personal data (PIPL 47).
 */
import { Type } from 'typebox';
import { Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict, type Message } from '../contract.ts';
import { proofHashesMax } from './merkle.ts';

export const exportFormat = 'lianshu-evidence/1';
export const exportRecordsMax = 10_000;
/** Of the file. Ten thousand records with proofs in a log of 2^40 leaves fit. */
export const exportLimits = { bytesMax: 67_108_864, depthMax: 72, nodesMax: 2_000_000 } as const;

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 });
const Signature = Type.String({ pattern: '^[0-9a-f]{128}$', maxLength: 128 });
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Count = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const CaseId = Type.String({ minLength: 1, maxLength: 200 });
const Proof = Type.Array(Hash, { maxItems: proofHashesMax });

const Record = strict({
  /** Place in the case's chain, from 1. */
  seq: Count,
  /** Evidence node, as in `N14 disbursement instruction`. */
  node: ShortText,
  businessKey: Type.String({ maxLength: 200 }),
  payload: Type.Unknown(),
  /** Exactly as it was hashed. */
  at: Instant,
  /** The record's link: digests over the link before it and the record. */
  sha256: Hash,
  sm3: Hash,
  /** Its leaf in the hub's Merkle log, and PATH(leafIndex, D[treeSize of the last head]). */
  leafIndex: Index,
  inclusion: Proof,
});

const Head = strict({ treeSize: Count, rootHash: Hash, at: Instant, keyId: Hash, signature: Signature });

const Statement = strict({
  caseId: CaseId,
  /** Records of the case. */
  count: Count,
  /** Digests of the last link. */
  sha256: Hash,
  sm3: Hash,
  at: Instant,
  keyId: Hash,
  signature: Signature,
});

const ExportedAnchor = strict({
  anchorNo: ShortText,
  /** The link that was anchored outside of the hub. */
  seq: Count,
  sha256: Hash,
  txHash: Type.String({ minLength: 1, maxLength: 200 }),
  blockNumber: Type.String({ minLength: 1, maxLength: 40 }),
  anchoredAt: Instant,
});

const Key = strict({
  /** SHA-256 of the SubjectPublicKeyInfo. */
  id: Hash,
  algorithm: Type.Literal('Ed25519'),
  /** PEM. */
  publicKey: Type.String({ minLength: 1, maxLength: 1_000 }),
});

export const EvidenceExport = contract(
  'evidence/export',
  strict(
    {
      format: Type.Literal(exportFormat),
      caseId: CaseId,
      exportedAt: Instant,
      manifest: strict({ records: Count, anchors: Index, heads: Count, keys: Count }),
      /** In the order of the chain. */
      records: Type.Array(Record, { minItems: 1, maxItems: exportRecordsMax }),
      /** By size: the first signed after each anchored link came into the log, the last is the log's at the export. */
      heads: Type.Array(Head, { minItems: 1, maxItems: 1_000 }),
      /** PROOF(size of head n, D[size of head n + 1]): later heads only added. */
      consistency: Type.Array(Proof, { maxItems: 1_000 }),
      anchors: Type.Array(ExportedAnchor, { maxItems: 1_000 }),
      statement: Statement,
      keys: Type.Array(Key, { minItems: 1, maxItems: 100 }),
      /** Over the whole document without this member. */
      seal: strict({ keyId: Hash, signature: Signature }),
    },
    {
      title: '存证导出 Evidence export',
      description: 'Source: RFC 8785, RFC 9162 2.1, GB/T 32905-2016; 最高人民法院关于民事诉讼证据的若干规定 93–94.',
    },
  ),
);

export type EvidenceExport = Message<typeof EvidenceExport>;
export type ExportedRecord = EvidenceExport['records'][number];
