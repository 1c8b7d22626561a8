/**
 * Verifies the CMS of a PDF signature (RFC 5652, `adbe.pkcs7.detached`): it covers exactly these bytes, and its certificate
 * leads to the vendor's authority (CA), at the time that the signature names: certificates of one day are common.
 *
 * `adapters/crypto/cms.ts` believes registered signers. Here the signers are other people's customers, known to the
 * vendor's authority only. What is not understood is not believed: SHA-1, MD5, small keys, SM2.
 */
import { createHash, timingSafeEqual, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { fromBER, ObjectIdentifier, OctetString, UTCTime, GeneralizedTime } from 'asn1js';
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs';
import { Failure } from '../../contracts/failures.ts';

const cmsBytesMax = 65_536;
const certificatesMax = 10;
const depthMax = 32;
const rsaBitsMin = 2_048;

const idData = '1.2.840.113549.1.7.1';
const idSignedData = '1.2.840.113549.1.7.2';
const attributeIds = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
} as const;
const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** Kind of key and, where the identifier names one, the digest. */
const algorithms: Readonly<Record<string, readonly [kind: 'rsa' | 'ec', digest?: string]>> = {
  '1.2.840.113549.1.1.1': ['rsa'],
  '1.2.840.113549.1.1.11': ['rsa', 'sha256'],
  '1.2.840.113549.1.1.12': ['rsa', 'sha384'],
  '1.2.840.113549.1.1.13': ['rsa', 'sha512'],
  '1.2.840.10045.4.3.2': ['ec', 'sha256'],
  '1.2.840.10045.4.3.3': ['ec', 'sha384'],
  '1.2.840.10045.4.3.4': ['ec', 'sha512'],
};

interface CmsSigner {
  readonly certificate: X509Certificate;
  /** As the signer says; nobody vouches for it. */
  readonly signedAt: Date;
}

/**
 * @param der may be followed by zeros, which fill the place that a PDF keeps free
 * @param cas public keys of the authorities that are believed
 * @throws Failure SIGNATURE_MISMATCH
 */
export function verifyDetachedCms(der: Buffer, content: Buffer, cas: readonly KeyObject[]): CmsSigner {
  try {
    return verified(der, content, cas);
  } catch (thrown) {
    if (thrown instanceof Refused) throw new Failure('SIGNATURE_MISMATCH', { detail: thrown.message });
    // Whatever a parser makes of hostile bytes is no signature.
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the CMS cannot be read', cause: thrown });
  }
}

class Refused extends Error {}

function verified(der: Buffer, content: Buffer, cas: readonly KeyObject[]): CmsSigner {
  const signed = signedDataIn(der);
  const [info] = signed.signerInfos;
  if (!info || signed.signerInfos.length !== 1) throw new Refused('the CMS has not exactly one signer');
  const digest = digests[info.digestAlgorithm.algorithmId];
  if (digest === undefined) throw new Refused('the digest is none that is taken');
  const attributes = attributesOf(info);
  if (attributes.contentType !== idData) throw new Refused('the content type is not data');
  if (!isSame(attributes.messageDigest, createHash(digest).update(content).digest()))
    throw new Refused('the signature is over other bytes');
  const bag = certificatesIn(signed);
  const certificate = bag.find(({ parsed }) => isNamed(parsed, info))?.x509;
  if (!certificate) throw new Refused('the CMS does not bring the certificate of its signer');
  if (!isSignedBy(info, digest, attributes.signedBytes, certificate.publicKey))
    throw new Refused('the signature does not verify');
  if (
    !isChained(
      certificate,
      bag.map(({ x509 }) => x509),
      cas,
      attributes.signedAt,
    )
  )
    throw new Refused('the certificate does not lead to the authority');
  return { certificate, signedAt: attributes.signedAt };
}

function signedDataIn(der: Buffer): SignedData {
  if (der.length > cmsBytesMax) throw new Refused(`the CMS has more than ${cmsBytesMax} bytes`);
  const end = derEnd(der, 0, der.length, 0);
  if (end === undefined || der.subarray(end).some((byte) => byte !== 0)) throw new Refused('the CMS is no DER');
  const { result } = fromBER(new Uint8Array(der.subarray(0, end)));
  const info = new ContentInfo({ schema: result });
  if (info.contentType !== idSignedData) throw new Refused('the CMS is no signature');
  const signed = new SignedData({ schema: info.content });
  if (signed.encapContentInfo.eContentType !== idData || signed.encapContentInfo.eContent)
    throw new Refused('the CMS is not detached');
  return signed;
}

/**
 * Where the element ends that begins at `at`, when it and all within it have lengths that fit, in their only spelling. The
 * parser overlooks lengths that do not (asn1js 4.0.0, measured); what is read must be what was signed.
 */
function derEnd(der: Buffer, at: number, limit: number, depth: number): number | undefined {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined || depth > depthMax) return undefined;
  const bytes = first < 0x80 ? 0 : first & 0x7f;
  if (bytes > 3 || first === 0x80 || at + 2 + bytes > limit) return undefined;
  const length = bytes === 0 ? first : der.readUIntBE(at + 2, bytes);
  const start = at + 2 + bytes;
  const isShortest = bytes === 0 || (length >= 0x80 && length >= 256 ** (bytes - 1));
  if (!isShortest || start + length > limit) return undefined;
  const end = start + length;
  if ((tag & 0x20) === 0) return tag === 0x05 && length > 0 ? undefined : end;
  let here: number | undefined = start;
  while (here !== undefined && here < end) here = derEnd(der, here, end, depth + 1);
  return here;
}

function attributesOf({ signedAttrs }: SignerInfo) {
  const found = (type: string): unknown => {
    const [one, ...more] = (signedAttrs?.attributes ?? []).filter((each) => each.type === type);
    if (more.length > 0 || (one && one.values.length !== 1)) throw new Refused('an attribute occurs twice');
    return one?.values[0] as unknown;
  };
  const type = found(attributeIds.contentType);
  const digest = found(attributeIds.messageDigest);
  const time = found(attributeIds.signingTime);
  const isTime = time instanceof UTCTime || time instanceof GeneralizedTime;
  if (!(type instanceof ObjectIdentifier) || !(digest instanceof OctetString) || !isTime || !signedAttrs)
    throw new Refused('content type, digest or time of the signature is missing');
  return {
    contentType: type.valueBlock.toString(),
    messageDigest: Buffer.from(digest.valueBlock.valueHexView),
    signedAt: time.toDate(),
    /** As they came, under the tag of a SET (RFC 5652, 5.4). */
    signedBytes: Buffer.from(signedAttrs.encodedValue),
  };
}

function certificatesIn(signed: SignedData): { parsed: Certificate; x509: X509Certificate }[] {
  const all = (signed.certificates ?? []).filter((each) => each instanceof Certificate);
  if (all.length > certificatesMax) throw new Refused(`more than ${certificatesMax} certificates`);
  return all.map((parsed) => ({ parsed, x509: new X509Certificate(Buffer.from(parsed.toSchema().toBER())) }));
}

function isNamed(certificate: Certificate, { sid }: SignerInfo): boolean {
  return (
    sid instanceof IssuerAndSerialNumber &&
    certificate.serialNumber.isEqual(sid.serialNumber) &&
    certificate.issuer.isEqual(sid.issuer)
  );
}

function isSignedBy(info: SignerInfo, digest: string, bytes: Buffer, key: KeyObject): boolean {
  const [kind, own = digest] = algorithms[info.signatureAlgorithm.algorithmId] ?? [];
  if (own !== digest || key.asymmetricKeyType !== kind || !isStrong(key)) return false;
  return verify(digest, bytes, key, Buffer.from(info.signature.valueBlock.valueHexView));
}

function isChained(
  leaf: X509Certificate,
  bag: readonly X509Certificate[],
  cas: readonly KeyObject[],
  at: Date,
): boolean {
  let current = leaf;
  for (let length = 0; length <= certificatesMax; length += 1) {
    const here = current;
    if (at < here.validFromDate || at > here.validToDate) return false;
    if (cas.some((ca) => isStrong(ca) && here.verify(ca))) return true;
    const issuer = bag.find(
      (each) =>
        each !== here && each.ca && isStrong(each.publicKey) && here.checkIssued(each) && here.verify(each.publicKey),
    );
    if (!issuer) return false;
    current = issuer;
  }
  return false;
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'ec' || (asymmetricKeyDetails?.modulusLength ?? 0) >= rsaBitsMin;
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
