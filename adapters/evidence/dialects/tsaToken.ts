/**
 * Reads and verifies what a time-stamp authority answers (RFC 3161, RFC 5816, RFC 5652). A token is believed when one signer
 * signed exactly this TSTInfo, names his certificate by its SHA-256 (ESSCertIDv2), may do nothing but stamp time, and stands in
 * a chain to the registered authority that is valid at the time he gives. Revocation is not looked up.
 */
import { createHash, verify, X509Certificate } from 'node:crypto';
import { contentOf, Members, numberIn, oidIn, type Part, partIn, partsIn, tags } from './tsaDer.ts';

export interface Answered {
  readonly status: string;
  readonly failure: string | undefined;
  /** The token's own bytes. */
  readonly token: Buffer | undefined;
}

export interface TstInfo {
  readonly policy: string;
  readonly hashAlgorithm: string;
  readonly hashedMessage: Buffer;
  readonly serialNumber: bigint;
  readonly genTime: string;
  readonly accuracy: { seconds?: number; millis?: number; micros?: number } | undefined;
  readonly nonce: bigint | undefined;
}

const contentTypes = { signedData: '1.2.840.113549.1.7.2', tstInfo: '1.2.840.113549.1.9.16.1.4' } as const;
const attributes = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;
const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** With the digest that the algorithm itself names; plain RSA takes that of the signer. */
const signatures: Readonly<Record<string, string | undefined>> = {
  '1.2.840.113549.1.1.1': undefined,
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/** @throws Error when it is no TimeStampResp */
export function readAnswer(body: Buffer): Answered {
  const answer = new Members(partIn(body));
  const info = new Members(answer.take());
  const token = answer.takeIf(tags.sequence);
  answer.end();
  const status = numberIn(info.take()).toString();
  info.takeIf(tags.sequence); // Words for people.
  const bits = info.takeIf(tags.bitString);
  info.end();
  return { status, failure: bits && firstBit(bits), token: token?.whole };
}

/** What the token says, once it is proven. @throws Error that says what does not hold */
export function verifyToken(token: Buffer, authorities: readonly X509Certificate[]): TstInfo {
  const { content, certificates, signer } = signedData(token);
  const { digest, attrs } = signedAttributes(signer);
  if (oidIn(one(attrs, attributes.contentType)) !== contentTypes.tstInfo) throw new Error('it signs something else');
  const due = createHash(digest).update(content).digest();
  if (!contentOf(one(attrs, attributes.messageDigest), tags.octets).equals(due))
    throw new Error('the digest that is signed is not that of the content');
  const certificate = named(one(attrs, attributes.signingCertificateV2), certificates);
  const { algorithm, bytes, signature } = signer;
  if (weak(certificate) || !verify(algorithm, bytes, certificate.publicKey, signature))
    throw new Error('the signature is not over this');
  stampsTimeOnly(certificate);
  const info = readTstInfo(content);
  confirmChain(certificate, certificates, authorities, new Date(isoOf(info.genTime)));
  return info;
}

interface Signer {
  /** As signed: a SET, though it is sent as `[0]`. */
  readonly bytes: Buffer;
  readonly digestOid: string;
  readonly algorithm: string;
  readonly signature: Buffer;
}

function signedData(token: Buffer): { content: Buffer; certificates: X509Certificate[]; signer: Signer } {
  const info = new Members(partIn(token));
  if (oidIn(info.take()) !== contentTypes.signedData) throw new Error('the token is no SignedData');
  const data = new Members(partIn(contentOf(info.take(), tags.given[0])));
  numberIn(data.take());
  data.take(tags.set);
  const encapsulated = new Members(data.take());
  if (oidIn(encapsulated.take()) !== contentTypes.tstInfo) throw new Error('the token holds no TSTInfo');
  const content = contentOf(partIn(contentOf(encapsulated.take(), tags.given[0])), tags.octets);
  const certificates = partsIn(data.take(tags.given[0]), tags.given[0]);
  data.takeIf(tags.given[1]);
  const signers = partsIn(data.take(tags.set), tags.set);
  data.end();
  const [signer] = signers;
  if (!signer || signers.length > 1 || certificates.length > certificatesMax)
    throw new Error('a token has one signer, and a few certificates');
  return {
    content,
    certificates: certificates.map(({ whole }) => new X509Certificate(whole)),
    signer: signerIn(signer),
  };
}

const certificatesMax = 8;

function signerIn(part: Part): Signer {
  const members = new Members(part);
  numberIn(members.take());
  members.take(); // Issuer and number: who signed is said better by the signed digest of the certificate.
  const digestOid = oidIn(new Members(members.take()).take());
  const signed = members.take(tags.given[0]);
  const algorithmOid = oidIn(new Members(members.take()).take());
  const signature = contentOf(members.take(), tags.octets);
  members.takeIf(tags.given[1]);
  members.end();
  const digest = digests[digestOid];
  if (digest === undefined || !Object.hasOwn(signatures, algorithmOid))
    throw new Error('an algorithm that is not taken');
  const algorithm = signatures[algorithmOid] ?? digest;
  const bytes = Buffer.concat([Buffer.of(tags.set), signed.whole.subarray(1)]);
  return { bytes, digestOid, algorithm, signature };
}

function signedAttributes(signer: Signer): { digest: string; attrs: Map<string, Part> } {
  const attrs = new Map<string, Part>();
  for (const part of partsIn(partIn(signer.bytes), tags.set)) {
    const members = new Members(part);
    const name = oidIn(members.take());
    const [value, ...more] = partsIn(members.take(), tags.set);
    if (!value || more.length > 0 || attrs.has(name)) throw new Error('an attribute that is there twice');
    attrs.set(name, value);
  }
  return { digest: digests[signer.digestOid] ?? '', attrs };
}

function one(attrs: ReadonlyMap<string, Part>, name: string): Part {
  const value = attrs.get(name);
  if (!value) throw new Error(`the attribute ${name} is not signed`);
  return value;
}

/** The certificate that the signer names: the first of SigningCertificateV2, by digest. */
function named(attribute: Part, certificates: readonly X509Certificate[]): X509Certificate {
  const id = new Members(new Members(new Members(attribute).take()).take());
  const algorithm = id.takeIf(tags.sequence);
  const digest = algorithm ? digests[oidIn(new Members(algorithm).take())] : 'sha256';
  const hash = contentOf(id.take(), tags.octets);
  const found = certificates.find(({ raw }) =>
    createHash(digest ?? 'sha256')
      .update(raw)
      .digest()
      .equals(hash),
  );
  if (!found || digest === undefined) throw new Error('the signer names a certificate that is not in the token');
  return found;
}

function weak({ publicKey }: X509Certificate): boolean {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength;
  return publicKey.asymmetricKeyType === 'rsa' ? (bits ?? 0) < 2048 : publicKey.asymmetricKeyType !== 'ec';
}

const extendedKeyUsage = '2.5.29.37';
const timeStamping = '1.3.6.1.5.5.7.3.8';

/** RFC 3161, section 2.3: one extension of this kind, critical, with one purpose. */
function stampsTimeOnly({ raw }: X509Certificate): void {
  const fields = partsIn(new Members(partIn(raw)).take(), tags.sequence);
  const extensions = fields.find(({ tag }) => tag === tags.given[3]);
  const usages = (extensions ? partsIn(partIn(extensions.content), tags.sequence) : []).flatMap((part) => {
    const members = new Members(part);
    if (oidIn(members.take()) !== extendedKeyUsage) return [];
    const critical = members.takeIf(tags.boolean)?.content[0] === 0xff;
    return [{ critical, purposes: partsIn(partIn(contentOf(members.take(), tags.octets)), tags.sequence).map(oidIn) }];
  });
  const [usage] = usages;
  if (!usage?.critical || usages.length > 1 || usage.purposes.join() !== timeStamping)
    throw new Error('the certificate is not one for stamping time only');
}

const chainMax = 5;

function confirmChain(
  signer: X509Certificate,
  others: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  at: Date,
): void {
  let below = signer;
  for (let step = 0; step < chainMax; step += 1) {
    if (at < below.validFromDate || at > below.validToDate) throw new Error('a certificate is not valid at that time');
    const issues = (above: X509Certificate) => above.ca && below.checkIssued(above) && below.verify(above.publicKey);
    const authority = authorities.find(issues);
    if (authority && at >= authority.validFromDate && at <= authority.validToDate) return;
    const next = others.find((each) => !each.raw.equals(below.raw) && issues(each));
    if (!next) break;
    below = next;
  }
  throw new Error('the chain does not lead to the registered authority');
}

function readTstInfo(content: Buffer): TstInfo {
  const members = new Members(partIn(content));
  if (numberIn(members.take()) !== 1n) throw new Error('another version of TSTInfo');
  const policy = oidIn(members.take());
  const imprint = new Members(members.take());
  const hashAlgorithm = oidIn(new Members(imprint.take()).take());
  const hashedMessage = contentOf(imprint.take(), tags.octets);
  const serialNumber = numberIn(members.take());
  const genTime = contentOf(members.take(), tags.generalizedTime).toString('latin1');
  const accuracy = members.takeIf(tags.sequence);
  members.takeIf(tags.boolean);
  const nonce = members.takeIf(tags.integer);
  members.takeIf(tags.given[0]);
  members.takeIf(tags.given[1]);
  members.end();
  return {
    policy,
    hashAlgorithm,
    hashedMessage,
    serialNumber,
    genTime,
    accuracy: accuracy && accuracyIn(accuracy),
    nonce: nonce && numberIn(nonce),
  };
}

function accuracyIn(part: Part): { seconds?: number; millis?: number; micros?: number } {
  const members = new Members(part);
  const [seconds, millis, micros] = [tags.integer, 0x80, 0x81].map((tag) => {
    const found = members.takeIf(tag);
    return found && Number(numberIn(found, tag));
  });
  members.end();
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(millis === undefined ? {} : { millis }),
    ...(micros === undefined ? {} : { micros }),
  };
}

function firstBit(part: Part): string | undefined {
  const at = [...part.content.subarray(1)].flatMap((byte) => [...byte.toString(2).padStart(8, '0')]).indexOf('1');
  return at < 0 ? undefined : String(at);
}

/** RFC 3339 of a GeneralizedTime; of anything else, no date. */
export function isoOf(generalizedTime: string): string {
  return generalizedTime.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/, '$1-$2-$3T$4:$5:$6$7Z');
}
