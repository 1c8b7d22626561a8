/**
 * SM2 certificates (GM/T 0015). Node parses them but says of every valid one that its signature is wrong, since it
 * computes ZA with an empty user id; so the signature is checked here over the bytes that the issuer signed.
 */
import type { X509Certificate } from 'node:crypto';
import { BitString, fromBER, ObjectIdentifier, Sequence } from 'asn1js';
import { Failure } from '../../contracts/failures.ts';
import { sm2PublicKey, type Sm2PublicKey } from './sm2Key.ts';
import { verify } from './sm2Signature.ts';

/** SM2-with-SM3 */
const sm2WithSm3 = '1.2.156.10197.1.501';

/** The key of a certificate that this issuer signed and that is valid at that time. @throws Failure KEY_NOT_ADMITTED */
export function keyOfCertificate(certificate: X509Certificate, issuer: X509Certificate, at: Date): Sm2PublicKey {
  if (!issuer.ca) throw unfit('the issuer of the certificate is no certification authority');
  if (!certificate.checkIssued(issuer)) throw unfit('the certificate names another issuer');
  for (const each of [certificate, issuer]) {
    if (at < each.validFromDate || at > each.validToDate)
      throw unfit(`a certificate that is valid from ${each.validFrom} to ${each.validTo}`);
  }
  const { signed, algorithms, signature } = partsOf(certificate.raw);
  if (algorithms.some((each) => each !== sm2WithSm3)) throw unfit('the certificate is not signed by SM2 with SM3');
  const issuerKey = sm2PublicKey(issuer.publicKey);
  if (!verify(issuerKey, signed, signature, { form: 'der' }))
    throw unfit('the signature of the certificate does not verify');
  return sm2PublicKey(certificate.publicKey);
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }, where the first repeats the second. */
function partsOf(der: Buffer): { signed: Buffer; algorithms: (string | undefined)[]; signature: Buffer } {
  const { result } = fromBER(der);
  const [body, outer, bits] = result instanceof Sequence ? result.valueBlock.value : [];
  if (!(body instanceof Sequence) || !(bits instanceof BitString) || bits.valueBlock.unusedBits !== 0)
    throw unfit('the certificate cannot be read');
  // After the version, if there is one, and the serial number.
  const inner = body.valueBlock.value.find((each) => each instanceof Sequence);
  return {
    signed: Buffer.from(body.valueBeforeDecodeView),
    algorithms: [algorithmOf(outer), algorithmOf(inner)],
    signature: Buffer.from(bits.valueBlock.valueHexView),
  };
}

function algorithmOf(block: unknown): string | undefined {
  const [id] = block instanceof Sequence ? block.valueBlock.value : [];
  return id instanceof ObjectIdentifier ? id.getValue() : undefined;
}

function unfit(detail: string): Failure {
  return new Failure('KEY_NOT_ADMITTED', { detail });
}
