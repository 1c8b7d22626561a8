/**
 * Which keys may be registered. Libraries take RSA keys of 1024 bits, with the exponent 1, or of the kind that can be
 * factored (ROCA), and do not look at what a JWK says it is for. So a key is judged once, when it comes in, and from
 * then on carries its one algorithm; a token is never asked which algorithm it would like.
 */
import { createPrivateKey, createPublicKey, KeyObject, type JsonWebKey } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';

export type SigningAlgorithm = 'PS256' | 'ES256' | 'EdDSA';
export type WrappingAlgorithm = 'RSA-OAEP-256' | 'ECDH-ES+A256KW';
export type KeyAlgorithm = SigningAlgorithm | WrappingAlgorithm;

interface Kind {
  readonly use: 'sig' | 'enc';
  readonly keyType: string;
  readonly curve?: string;
  /** What a JWK may say in `key_ops`: the private half, the public half. */
  readonly operations: { readonly private: readonly string[]; readonly public: readonly string[] };
}

const signing = { use: 'sig', operations: { private: ['sign'], public: ['verify'] } } as const;
const wrapping = {
  use: 'enc',
  operations: { private: ['unwrapKey', 'decrypt'], public: ['wrapKey', 'encrypt'] },
} as const;
const agreeing = {
  use: 'enc',
  operations: { private: ['deriveKey', 'deriveBits'], public: [] },
} as const;

const kinds: Record<KeyAlgorithm, Kind> = {
  PS256: { ...signing, keyType: 'rsa' },
  ES256: { ...signing, keyType: 'ec', curve: 'prime256v1' },
  EdDSA: { ...signing, keyType: 'ed25519' },
  'RSA-OAEP-256': { ...wrapping, keyType: 'rsa' },
  'ECDH-ES+A256KW': { ...agreeing, keyType: 'ec', curve: 'prime256v1' },
};

/** The key, fit for the algorithm. @throws Failure KEY_NOT_ADMITTED that says why, without a part of the key. */
export function admitKey(
  key: KeyObject | JsonWebKey,
  algorithm: KeyAlgorithm,
  half: 'public' | 'private' = 'public',
): KeyObject {
  const kind = kinds[algorithm];
  const object = key instanceof KeyObject ? key : imported(key, kind, algorithm, half);
  if (object.type !== half) throw unfit(`a ${half} key is expected`);
  const details = object.asymmetricKeyDetails ?? {};
  if (object.asymmetricKeyType !== kind.keyType) throw unfit(`${algorithm} needs a key of type ${kind.keyType}`);
  if (kind.curve !== undefined && details.namedCurve !== kind.curve) throw unfit(`${algorithm} needs the curve P-256`);
  if (kind.keyType === 'rsa') assertSoundRsa(object, details.modulusLength ?? 0, details.publicExponent ?? 0n);
  return object;
}

function imported(jwk: JsonWebKey, kind: Kind, algorithm: KeyAlgorithm, half: 'public' | 'private'): KeyObject {
  if (jwk['alg'] !== undefined && jwk['alg'] !== algorithm) throw unfit('the key is meant for another algorithm');
  if (jwk['use'] !== undefined && jwk['use'] !== kind.use) throw unfit(`the key is not meant for ${kind.use}`);
  const operations: unknown = jwk['key_ops'];
  const allowed = kind.operations[half];
  if (
    operations !== undefined &&
    !(Array.isArray(operations) && operations.every((each) => allowed.includes(each as string)))
  ) {
    throw unfit('the key is not meant for this operation');
  }
  const isPrivate = 'd' in jwk || 'k' in jwk;
  if (isPrivate !== (half === 'private')) throw unfit(`a ${half} key is expected`);
  try {
    const input = { key: jwk, format: 'jwk' } as const;
    return half === 'private' ? createPrivateKey(input) : createPublicKey(input); // Refuses a point that is not on its curve.
  } catch {
    throw unfit('the key cannot be read');
  }
}

function assertSoundRsa(key: KeyObject, bits: number, exponent: bigint): void {
  if (bits < 2048) throw unfit(`an RSA key of ${bits} bits, at least 2048 are needed`);
  if (bits > 8192) throw unfit(`an RSA key of ${bits} bits, at most 8192 are taken`);
  if (exponent !== 65_537n) throw unfit('an RSA key with a public exponent other than 65537');
  const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
  const n = BigInt(`0x${modulus.toString('hex')}`);
  if (n % 2n === 0n || hasRocaFingerprint(n)) throw unfit('an RSA key of a kind that can be factored');
}

/** CVE-2017-15361: modulo every small prime, such a modulus is a power of 65537. A sound one passes for it once in 2^27 or rarer. */
function hasRocaFingerprint(n: bigint): boolean {
  return rocaPrimes.every(({ prime, powers }) => powers.has(Number(n % BigInt(prime))));
}

const rocaPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
].map((prime) => ({ prime, powers: powersOf65537(prime) }));

function powersOf65537(prime: number): Set<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power);
  return powers;
}

function unfit(detail: string): Failure {
  return new Failure('KEY_NOT_ADMITTED', { detail });
}
