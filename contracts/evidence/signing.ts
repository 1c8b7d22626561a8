/**
 * What the hub signs about its evidence, and how that is checked: Ed25519 (RFC 8032) over a domain line and the RFC 8785
 * form of the value. A key is known by its fingerprint: SHA-256 of its SubjectPublicKeyInfo, lower-case hex, as RFC 6962
 * 3.2 names a log. Signatures are hex: base64 has several spellings of one signature.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, type Link } from './chain.ts';

/** The first line of what is signed: a signature over one thing is never one over another. */
export type Domain = 'evidence-head' | 'evidence-case' | 'evidence-export';

export interface Signer {
  readonly keyId: string;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKey: string;
  /** Lower-case hex. @throws TypeError for what `canonicalJson` refuses */
  sign(domain: Domain, value: unknown): string;
}

export interface PublicKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The log's root at one size. Signed: `{ at, rootHash, treeSize }`. */
export interface SignedHead {
  readonly treeSize: number;
  /** Lower-case hex. */
  readonly rootHash: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly keyId: string;
  readonly signature: string;
}

/** How long a case's chain was at one time, and what it ended with. Without it, a cut tail would still be a chain. */
export interface CaseStatement {
  readonly caseId: string;
  readonly count: number;
  /** The last link's digests. */
  readonly sha256: string;
  readonly sm3: string;
  readonly at: string;
  readonly keyId: string;
  readonly signature: string;
}

/** @throws TypeError when it is not an Ed25519 key */
export function signerOf(privateKey: KeyObject): Signer {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('the evidence key must be an Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: fingerprint(publicKey),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (domain, value) => sign(null, signedBytes(domain, value), privateKey).toString('hex'),
  };
}

/** Undefined when the text is not one Ed25519 public key. Private keys are not taken: nobody should hand them about. */
export function readPublicKey(pem: string): PublicKey | undefined {
  if (!/^-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\s*$/.test(pem)) return undefined;
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? { id: fingerprint(key), key } : undefined;
  } catch {
    return undefined;
  }
}

/** Never throws: what cannot be written down cannot have been signed. */
export function signatureHolds(key: PublicKey, domain: Domain, value: unknown, signature: string): boolean {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  try {
    return verify(null, signedBytes(domain, value), key.key, Buffer.from(signature, 'hex'));
  } catch {
    return false;
  }
}

export function signHead(signer: Signer, head: Pick<SignedHead, 'treeSize' | 'rootHash' | 'at'>): SignedHead {
  const { treeSize, rootHash, at } = head;
  const signature = signer.sign('evidence-head', { treeSize, rootHash, at });
  return { treeSize, rootHash, at, keyId: signer.keyId, signature };
}

export function headHolds(key: PublicKey, { treeSize, rootHash, at, signature }: SignedHead): boolean {
  return signatureHolds(key, 'evidence-head', { treeSize, rootHash, at }, signature);
}

export function signCase(signer: Signer, caseId: string, last: Link, at: string): CaseStatement {
  const said = { caseId, count: last.seq, sha256: last.sha256, sm3: last.sm3, at };
  return { ...said, keyId: signer.keyId, signature: signer.sign('evidence-case', said) };
}

export function caseHolds(key: PublicKey, { caseId, count, sha256, sm3, at, signature }: CaseStatement): boolean {
  return signatureHolds(key, 'evidence-case', { caseId, count, sha256, sm3, at }, signature);
}

/** What the log's leaf stands for: one link, of one case. The link alone does not say whose it is. */
export function leafEntry(caseId: string, { seq, sha256, sm3 }: Link): Buffer {
  return Buffer.from(`lianshu/evidence-leaf/v1\n${canonicalJson({ caseId, seq, sha256, sm3 })}`);
}

function signedBytes(domain: Domain, value: unknown): Buffer {
  return Buffer.from(`lianshu/${domain}/v1\n${canonicalJson(value)}`);
}

function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
