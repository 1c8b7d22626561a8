/**
 * The bank's own hand (招商银行云直连): canonical JSON under SM2 with SM3, inside SM4-CBC, inside base64. Written on
 * sm-crypto-v2, with every option said: its defaults are not those of its namesake.
 */
import { sm2, sm4 } from 'sm-crypto-v2';
import type { TwinAnswer } from '../twin.ts';

/** Who the partner is, and what the two agreed on. */
export const identity = {
  userId: 'U000006801',
  debitAccount: '592900000000001',
  branch: '59',
  mode: '00001',
} as const;

export const placeholder = '__signature_sigdat__';

/** Keys of the bank's side, as text: numbers of SM2 keys in hex, the symmetric key in its sixteen letters. */
export interface CmbKeys {
  readonly bankPrivate: string;
  readonly bankPublic: string;
  readonly symmetric: string;
}

/** Keys ascending at every depth, nothing between. */
export function ordered(value: unknown): string {
  if (Array.isArray(value)) return '[' + value.map((each) => ordered(each)).join(',') + ']';
  if (value !== null && typeof value === 'object') {
    const fields = value as Record<string, unknown>;
    const names = Object.keys(fields);
    names.sort((a, b) => (a < b ? -1 : 1));
    return '{' + names.map((name) => JSON.stringify(name) + ':' + ordered(fields[name])).join(',') + '}';
  }
  return JSON.stringify(value);
}

/** The user's number on sixteen places. */
export const idOf = (userId: string): string => userId.padEnd(16, '0').substring(0, 16);

const hexOf = (text: string): string => Buffer.from(text).toString('hex');

/** r || s in base64. */
export function signed(source: string, privateHex: string, publicHex: string, userId: string): string {
  const options = { hash: true, der: false, userId: idOf(userId), publicKey: publicHex };
  return Buffer.from(sm2.doSignature(Buffer.from(source), privateHex, options), 'hex').toString('base64');
}

export function isSigned(source: string, signature: string, publicHex: string, userId: string): boolean {
  const hex = Buffer.from(signature, 'base64').toString('hex');
  if (hex.length !== 128) return false;
  try {
    return sm2.doVerifySignature(Buffer.from(source), hex, publicHex, { hash: true, der: false, userId: idOf(userId) });
  } catch {
    return false;
  }
}

export function enciphered(plain: string | Buffer, symmetric: string, userId: string): string {
  const bytes = sm4.encrypt(Buffer.from(plain), hexOf(symmetric), {
    mode: 'cbc',
    iv: hexOf(idOf(userId)),
    output: 'array',
  });
  return Buffer.from(bytes).toString('base64');
}

/** Nothing when it does not open. */
export function deciphered(base64: string, symmetric: string, userId: string): Buffer | undefined {
  try {
    const options = { mode: 'cbc', iv: hexOf(idOf(userId)), output: 'array' } as const;
    return Buffer.from(sm4.decrypt(Buffer.from(base64, 'base64'), hexOf(symmetric), options));
  } catch {
    return undefined;
  }
}

/** Eight hours ahead of Greenwich, `yyyyMMddHHmmssSSS`. */
export function stampAt(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().replaceAll(/\D/g, '').slice(0, 17);
}

export interface Head {
  readonly funcode: string;
  readonly userid: string;
  readonly reqid: string;
}

/** An answer, signed and enciphered. */
export function answered(head: Head, result: { code: string; words: string; body: object }, keys: CmbKeys): TwinAnswer {
  const now = stampAt(Date.now());
  const message = {
    response: {
      head: {
        ...head,
        bizcode: '',
        rspid: `${now}0001`,
        resultcode: result.code,
        resultmsg: result.words,
      },
      body: result.body,
    },
    signature: { sigdat: placeholder, sigtim: now.slice(0, 14) },
  };
  return sealed(message, keys, head.userid);
}

export function sealed(
  message: { signature: { sigdat: string } },
  keys: CmbKeys,
  userId: string = identity.userId,
): TwinAnswer {
  const source = ordered({ ...message, signature: { ...message.signature, sigdat: placeholder } });
  const sigdat = signed(source, keys.bankPrivate, keys.bankPublic, userId);
  const plain = JSON.stringify({ ...message, signature: { ...message.signature, sigdat } });
  return text(enciphered(plain, keys.symmetric, userId));
}

/** What stands on the line is one base64 text, and nothing around it. */
export function text(body: string): TwinAnswer {
  return { status: 200, headers: { 'content-type': 'text/plain;charset=utf-8' }, body };
}
