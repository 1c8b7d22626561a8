/**
 * The envelope of CMB's cloud direct connection: JSON, signed by SM2 with SM3 over its canonical text, encrypted with
 * SM4-CBC, in base64, in a form. Canonical is: keys ascending at every depth, nothing between, arrays as they are, and the
 * placeholder where the signature will stand. Both the signature's user id and the cipher's first block are the user's
 * number, filled up with zeros to sixteen characters.
 */
import { randomInt } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign, sm2Verify, sm4CbcDecrypt, sm4CbcEncrypt } from '../../crypto/gm.ts';
import type { Wire } from '../../wire.ts';

const placeholder = '__signature_sigdat__';
const hourMs = 3_600_000;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** What is signed. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

export function paddedId(userId: string): Buffer {
  return Buffer.from(`${userId}0000000000000000`.slice(0, 16));
}

/** A request for this function: its number, and the form to send. */
export function requestOf(wire: Wire, funcode: string, body: Json): { reqid: string; form: Buffer } {
  const { userId, id, cipherKey } = keysOf(wire);
  const now = beijing(Date.now());
  const reqid = `${now}${String(randomInt(100_000)).padStart(5, '0')}`;
  const message = {
    request: { head: { funcode, userid: userId, reqid }, body },
    signature: { sigdat: placeholder, sigtim: now.slice(0, 14) },
  };
  const key = sm2PrivateKey(bytesOf(wire.keys.secret('user-private')));
  const signed = sm2Sign(key, Buffer.from(canonicalText(message)), { form: 'raw', userId: id });
  message.signature.sigdat = signed.toString('base64');
  const data = sm4CbcEncrypt(cipherKey, id, Buffer.from(JSON.stringify(message)));
  const fields = { ALG: 'SM', DATA: data.toString('base64'), FUNCODE: funcode, UID: userId };
  return { reqid, form: Buffer.from(new URLSearchParams(fields).toString()) };
}

/** `response` of an answer that the bank has signed. @throws Failure ANSWER_UNVERIFIED */
export function openAnswer(bytes: Buffer, wire: Wire): JsonObject {
  const text = bytes.toString('latin1').trim();
  // What the gateway itself says (white list, rights, no line to the bank) is plain text that anybody could have written.
  if (text.includes('CDCServer') && text.includes('ErrMsg'))
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: `the gateway says: ${spoken(bytes)}`,
      externalCode: 'CDCServer:ErrMsg',
    });
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || bytesOf(text).toString('base64') !== text)
    throw unverified('it is not one base64 text');
  const { id, cipherKey } = keysOf(wire);
  const message = parseJson(sm4CbcDecrypt(cipherKey, id, bytesOf(text)));
  if (!isObject(message) || !isObject(message['signature']) || !isObject(message['response']))
    throw unverified('it is not a response with its signature');
  const { sigdat } = message['signature'];
  const source = canonicalText({ ...message, signature: { ...message['signature'], sigdat: placeholder } });
  const key = sm2PublicKey(bytesOf(wire.keys.secret('bank-public')));
  const signature = typeof sigdat === 'string' ? bytesOf(sigdat) : Buffer.alloc(0);
  const holds = sm2Verify(key, Buffer.from(source), signature, { form: 'raw', userId: id });
  if (!holds || signature.toString('base64') !== sigdat) throw unverified('its signature does not hold');
  return message['response'];
}

function keysOf(wire: Wire): { userId: string; id: Buffer; cipherKey: Buffer } {
  const userId = setting(wire, 'userId');
  return { userId, id: paddedId(userId), cipherKey: Buffer.from(wire.keys.secret('symmetric')) };
}

/** `yyyyMMddHHmmssSSS`. */
function beijing(ms: number): string {
  return new Date(ms + 8 * hourMs)
    .toISOString()
    .slice(0, 23)
    .replaceAll(/[-:T.]/g, '');
}

function spoken(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, 200);
}

export function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`the setting ${name} is missing`);
  return value;
}

export function unverified(detail: string, cause?: unknown): Failure {
  return new Failure('ANSWER_UNVERIFIED', { detail, cause });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
