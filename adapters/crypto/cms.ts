/**
 * Detached CMS signatures (PKCS#7, RSA), what bank front ends and CFCA call P7: by pkijs, since node:crypto has none. The
 * signer must be one of the certificates that are registered; which others the message brings along means nothing.
 *
 * pkijs alone would verify a content inside the signature instead of the one it is given, takes SHA-1, does not look what
 * the signed type of the content is, and uses the first of two digests. Only the one shape is let through to it.
 */
import { type KeyObject, webcrypto, type X509Certificate } from 'node:crypto';
import { fromBER, ObjectIdentifier, OctetString } from 'asn1js';
import {
  Attribute,
  Certificate,
  ContentInfo,
  CryptoEngine,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { Failure } from '../../contracts/failures.ts';

const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto });

const idData = '1.2.840.113549.1.7.1';
const idSignedData = '1.2.840.113549.1.7.2';
const idContentType = '1.2.840.113549.1.9.3';
const idMessageDigest = '1.2.840.113549.1.9.4';
const sha256 = '2.16.840.1.101.3.4.2.1';

const SIGNATURE_BYTES_MAX = 65_536;

/** DER, with the signer's certificate in it. SHA-256, RSA PKCS#1 v1.5. */
export async function signCms(content: Uint8Array, key: KeyObject, certificate: X509Certificate): Promise<Buffer> {
  const signer = Certificate.fromBER(new Uint8Array(certificate.raw));
  const digest = await webcrypto.subtle.digest('SHA-256', new Uint8Array(content));
  const attributes = new SignedAndUnsignedAttributes({
    type: 0,
    attributes: [
      new Attribute({ type: idContentType, values: [new ObjectIdentifier({ value: idData })] }),
      new Attribute({ type: idMessageDigest, values: [new OctetString({ valueHex: digest })] }),
    ],
  });
  const signed = new SignedData({
    version: 1,
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: idData }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: signer.issuer, serialNumber: signer.serialNumber }),
        signedAttrs: attributes,
      }),
    ],
    certificates: [signer],
  });
  const pkcs8 = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const cryptoKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, rsa, false, ['sign']);
  await signed.sign(cryptoKey as CryptoKey, 0, 'SHA-256', undefined, engine);
  const whole = new ContentInfo({ contentType: idSignedData, content: signed.toSchema(true) });
  return Buffer.from(whole.toSchema().toBER(false));
}

/** The registered certificate that signed exactly these bytes. @throws Failure SIGNATURE_MISMATCH, whatever is wrong */
export async function verifyCms(
  content: Uint8Array,
  signature: Buffer,
  registered: readonly X509Certificate[],
): Promise<X509Certificate> {
  const signed = detached(signature);
  for (const signer of registered) {
    if (signed !== undefined && isSigner(signed, signer) && (await holds(signed, content, signer))) return signer;
  }
  throw new Failure('SIGNATURE_MISMATCH');
}

async function holds(signed: SignedData, content: Uint8Array, signer: X509Certificate): Promise<boolean> {
  // Only the registered one is looked at: what the message brings along could carry another key under the same number.
  signed.certificates = [Certificate.fromBER(new Uint8Array(signer.raw))];
  try {
    return await signed.verify({ signer: 0, data: exactly(content), checkChain: false }, engine);
  } catch {
    return false;
  }
}

/** The one shape that we take: one signer, SHA-256, signed attributes, no content inside, nothing behind. */
function detached(signature: Buffer): SignedData | undefined {
  if (signature.length > SIGNATURE_BYTES_MAX) return undefined;
  try {
    const { offset, result } = fromBER(new Uint8Array(signature));
    if (offset !== signature.length) return undefined;
    const whole = new ContentInfo({ schema: result });
    if (whole.contentType !== idSignedData) return undefined;
    const signed = new SignedData({ schema: whole.content });
    const { eContent, eContentType } = signed.encapContentInfo;
    const [signer, ...others] = signed.signerInfos;
    if (eContent !== undefined || eContentType !== idData || signer === undefined || others.length > 0)
      return undefined;
    return signer.digestAlgorithm.algorithmId === sha256 && isOfData(signer) ? signed : undefined;
  } catch {
    return undefined;
  }
}

/** Exactly one signed type, which is `data`, and exactly one digest. */
function isOfData({ signedAttrs }: SignerInfo): boolean {
  const values = (type: string): unknown[] =>
    (signedAttrs?.attributes ?? []).filter((each) => each.type === type).flatMap((each) => each.values as unknown[]);
  const [type, ...types] = values(idContentType);
  const isData = type instanceof ObjectIdentifier && type.getValue() === idData;
  return isData && types.length === 0 && values(idMessageDigest).length === 1;
}

function isSigner({ signerInfos: [signer] }: SignedData, certificate: X509Certificate): boolean {
  const sid: unknown = signer?.sid;
  if (!(sid instanceof IssuerAndSerialNumber)) return false;
  const { issuer, serialNumber } = Certificate.fromBER(new Uint8Array(certificate.raw));
  return issuer.isEqual(sid.issuer) && serialNumber.isEqual(sid.serialNumber);
}

/** A buffer of its own: a Buffer may be a window into a larger one. */
function exactly(content: Uint8Array): ArrayBuffer {
  return new Uint8Array(content).buffer;
}
