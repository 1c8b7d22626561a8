/**
 * That SM2, SM3 and SM4 are what the standards say, on this machine and this Node, before anything is signed. SM2 on
 * node:crypto is nowhere promised by Node's documents: an upgrade could turn it into ECDSA, or into an empty user id,
 * and every signature would be wrong without one error.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { isFailure } from '../../contracts/failures.ts';
import { decrypt, encrypt } from './sm2Encryption.ts';
import { publicHalfOf, sm2PrivateKey, sm2PublicKey } from './sm2Key.ts';
import { sign, verify, za } from './sm2Signature.ts';
import { sm4EcbDecrypt, sm4EcbEncrypt, sm4GcmOpen, sm4GcmSeal } from './sm4.ts';

/** GB/T 32918.5 annex A: the key of the standard, its message and its signature. */
const annexNumber = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8';
const annexPoint =
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
  'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';
const annexZa = 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3';
const annexMessage = Buffer.from('message digest');
const annexSignature =
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
  'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa';

/** GB/T 32905 example 1: 'abc'. */
const sm3OfAbc = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0';

/** GB/T 32907 example 1: the key is the text. */
const sm4Key = '0123456789abcdeffedcba9876543210';
const sm4Block = '681edf34d206965e86b3e94f536e4246';

/** RFC 8998 A.1, with the key above. */
const gcmNonce = '00001234567800000000abcd';
const gcmAad = 'feedfacedeadbeeffeedfacedeadbeefabaddad2';
const gcmText = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'ee', 'aa'].map((each) => each.repeat(8)).join('');
const gcmSealed =
  '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
  'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d' +
  '83de3541e4c2b58177e065a9bf7b62ec';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const checks: readonly (readonly [name: string, holds: () => boolean])[] = [
  ['SM3 of abc', () => createHash('sm3').update('abc').digest('hex') === sm3OfAbc],
  ['SM4 block', () => sm4EcbEncrypt(bytes(sm4Key), bytes(sm4Key)).subarray(0, 16).equals(bytes(sm4Block))],
  [
    'SM4 block back',
    () => sm4EcbDecrypt(bytes(sm4Key), sm4EcbEncrypt(bytes(sm4Key), annexMessage)).equals(annexMessage),
  ],
  ['SM4-GCM seals', () => sm4GcmSeal(gcm(), bytes(gcmText)).equals(bytes(gcmSealed))],
  ['SM4-GCM opens', () => sm4GcmOpen(gcm(), bytes(gcmSealed)).equals(bytes(gcmText))],
  ['SM4-GCM refuses a flipped bit', () => fails(() => sm4GcmOpen(gcm(), flipped(bytes(gcmSealed))))],
  ['SM2 key', () => sm2PrivateKey(bytes(annexNumber)).point.equals(bytes(annexPoint))],
  ['SM2 ZA', () => za(annexKey()).equals(bytes(annexZa))],
  ['SM2 verifies the standard', () => annexVerifies(annexMessage, bytes(annexSignature))],
  ['SM2 refuses a flipped bit of the signature', () => !annexVerifies(annexMessage, flipped(bytes(annexSignature)))],
  ['SM2 refuses a flipped bit of the message', () => !annexVerifies(flipped(annexMessage), bytes(annexSignature))],
  ['SM2 signs what verifies', signsWhatVerifies],
  ['SM2 opens what it seals', opensWhatItSeals],
  ['SM2 takes no ECDSA key', takesNoEcdsaKey],
];

let passed = false;

/** Runs once in a process. @throws Error that names what does not hold */
export function selfTest(): void {
  if (passed) return;
  const wrong = checks.filter(([, holds]) => !isTrue(holds)).map(([name]) => name);
  if (wrong.length > 0)
    throw new Error(`The self-test of SM2, SM3 and SM4 failed on Node ${process.version}: ${wrong.join(', ')}`);
  passed = true;
}

function annexKey() {
  return sm2PublicKey(bytes(annexPoint));
}

function annexVerifies(message: Buffer, signature: Buffer): boolean {
  return verify(annexKey(), message, signature, { form: 'raw' });
}

function signsWhatVerifies(): boolean {
  const key = sm2PrivateKey(bytes(annexNumber));
  const options = { userId: 'ALICE123@YAHOO.COM', form: 'der' } as const;
  const signature = sign(key, annexMessage, options);
  return (
    verify(publicHalfOf(key), annexMessage, signature, options) &&
    !verify(publicHalfOf(key), annexMessage, signature, { form: 'der' })
  );
}

function opensWhatItSeals(): boolean {
  const key = sm2PrivateKey(bytes(annexNumber));
  return decrypt(key, encrypt(key, annexMessage, 'C1C3C2'), 'C1C3C2').equals(annexMessage);
}

function takesNoEcdsaKey(): boolean {
  return fails(() => sm2PrivateKey(generateKeyPairSync('ec', { namedCurve: 'SM2' }).privateKey));
}

function gcm() {
  return { key: bytes(sm4Key), nonce: bytes(gcmNonce), aad: bytes(gcmAad) };
}

function flipped(from: Buffer): Buffer {
  const other = Buffer.from(from);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  return other;
}

function fails(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (thrown) {
    return isFailure(thrown);
  }
}

function isTrue(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    return false;
  }
}
