/**
 * ICBC's form: what stands around every request, answer and notification. A request and a notification are forms whose
 * signature covers `path?k1=v1&k2=v2…` (names ascending, values as they are before they are encoded, empty ones left out);
 * an answer is JSON whose signature covers the bytes of `response_biz_content` exactly as they came, quotes included where
 * the content is encrypted. Nothing is looked at before its signature holds.
 */
import { createCipheriv, createDecipheriv, randomUUID, sign, verify } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import type { Wire } from '../../wire.ts';

/** Real minutes: signatures do not age with the sandbox's clock. */
const windowMs = 10 * 60_000;
const formBytesMax = 1_048_576;
const fieldsMax = 32;
const digests = { RSA: 'RSA-SHA1', RSA2: 'RSA-SHA256' } as const;
/** The bank's choice, for every message: what keeps equal contents apart is the key alone. */
const zeroIv = Buffer.alloc(16);
const hourMs = 3_600_000;

/** `2026-01-02 03:04:05` in Beijing. */
function timestampOf(ms: number): string {
  return new Date(ms + 8 * hourMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** The exact text under the signature of a form. */
export function signedText(path: string, fields: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`);
  return `${path}?${pairs.join('&')}`;
}

/** base64 of AES-128-CBC with PKCS#5 padding. */
export function encrypt(plain: Buffer, key: Buffer): string {
  const cipher = createCipheriv('aes-128-cbc', key, zeroIv);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

/** @throws Failure PAYLOAD_UNREADABLE */
export function decrypt(sealed: string, key: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, zeroIv);
    return Buffer.concat([decipher.update(bytesOf(sealed)), decipher.final()]);
  } catch (cause) {
    throw new Failure('PAYLOAD_UNREADABLE', { cause });
  }
}

/** A new request to this path: its message number, and the bytes to send. */
export function requestOf(wire: Wire, path: string, content: object, notifyUrl: string | undefined) {
  const msgId = randomUUID().replaceAll('-', '');
  const plain = Buffer.from(JSON.stringify(content));
  const key = aesKeyOf(wire);
  const fields: Record<string, string> = {
    app_id: setting(wire, 'appId'),
    msg_id: msgId,
    format: 'json',
    charset: 'UTF-8',
    sign_type: 'RSA2',
    timestamp: timestampOf(Date.now()),
    ...(key ? { encrypt_type: 'AES' } : {}),
    ...(notifyUrl === undefined ? {} : { notify_url: notifyUrl }),
    biz_content: key ? encrypt(plain, key) : plain.toString(),
  };
  fields['sign'] = ours(signedText(path, fields), wire);
  return { msgId, body: Buffer.from(new URLSearchParams(fields).toString()) };
}

/** What the bank says, in the clear. @throws Failure ANSWER_UNVERIFIED */
export function openAnswer(body: Buffer, wire: Wire): Buffer {
  const parts = partsOf(body);
  if (!parts || !holds(parts.content, parts.signature, wire))
    throw unverified('it carries no signature of the gateway');
  const key = aesKeyOf(wire);
  const quoted = /^"([A-Za-z0-9+/=]*)"$/.exec(parts.content.toString('latin1'));
  // The gateway itself answers in the open even where a service answers sealed: it may not even have the key.
  return key && quoted ? decrypt(quoted[1] ?? '', key) : parts.content;
}

const opening = Buffer.from('{"response_biz_content":');
const between = Buffer.from(',"sign":"');
const ending = Buffer.from('"}');

/** The raw content, and the signature behind it: the last member is the signature whatever the content may hold. */
function partsOf(body: Buffer): { content: Buffer; signature: string } | undefined {
  const at = body.lastIndexOf(between);
  const end = body.length - ending.length;
  const framed = body.subarray(0, opening.length).equals(opening) && body.subarray(end).equals(ending);
  if (!framed || at < opening.length || at + between.length > end) return undefined;
  return {
    content: body.subarray(opening.length, at),
    signature: body.subarray(at + between.length, end).toString('latin1'),
  };
}

/** A notification: who speaks of what, and the content in the clear. @throws Failure */
export function openNotice(body: Buffer, wire: Wire): { api: string; content: Buffer } {
  const fields = formOf(body);
  const path = new URL(setting(wire, 'notifyUrl')).pathname;
  // The notification's own `sign_type` is not believed: the algorithm is what was agreed.
  if (!holds(Buffer.from(signedText(path, fields)), fields['sign'] ?? '', wire))
    throw new Failure('SIGNATURE_MISMATCH');
  if (fields['app_id'] !== setting(wire, 'appId'))
    throw new Failure('NOT_ALLOWED', { detail: 'the notification is for another app' });
  const age = Date.now() - Date.parse(`${(fields['timestamp'] ?? '').replace(' ', 'T')}+08:00`);
  if (!(Math.abs(age) <= windowMs)) throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  const content = fields['biz_content'] ?? '';
  const key = aesKeyOf(wire);
  if ((fields['encrypt_type'] === 'AES') !== (key !== undefined))
    throw new Failure('PAYLOAD_UNREADABLE', { detail: 'the content is not encrypted as agreed' });
  return { api: fields['api'] ?? '', content: key ? decrypt(content, key) : Buffer.from(content) };
}

/** Our answer to a notification, signed from the first member to the last but one. */
export function replyOf(msgId: string, wire: Wire): Buffer {
  const plain = JSON.stringify({ return_code: 0, return_msg: 'success', msg_id: msgId });
  const key = aesKeyOf(wire);
  const content = key ? JSON.stringify(encrypt(Buffer.from(plain), key)) : plain;
  const members = `"response_biz_content":${content},"sign_type":"RSA2"`;
  return Buffer.from(`{${members},"sign":"${ours(members, wire)}"}`);
}

/** Each field once: of two that differ, only one is what was signed. */
function formOf(body: Buffer): Record<string, string> {
  if (body.length > formBytesMax) throw new Failure('BODY_TOO_LARGE');
  const pairs = [...new URLSearchParams(body.toString('latin1'))];
  const fields = Object.fromEntries(pairs);
  if (pairs.length > fieldsMax || Object.keys(fields).length !== pairs.length)
    throw new Failure('BODY_MALFORMED', { detail: 'a form with each field once was expected' });
  return fields;
}

function ours(text: string, wire: Wire): string {
  return sign(digests.RSA2, Buffer.from(text), wire.keys.privateKey('app-private')).toString('base64');
}

/** The gateway may still sign with SHA-1 where we sign with SHA-256: which of the two is a setting, never the message's. */
function holds(signed: Buffer, signature: string, wire: Wire): boolean {
  const type = setting(wire, 'gatewaySignType');
  if (type !== 'RSA' && type !== 'RSA2') throw new Error('the setting gatewaySignType is RSA or RSA2');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return false;
  const bytes = bytesOf(signature);
  if (bytes.toString('base64') !== signature) return false; // One spelling for one signature.
  return verify(digests[type], signed, wire.keys.publicKey('gateway-public'), bytes);
}

function aesKeyOf(wire: Wire): Buffer | undefined {
  const type = setting(wire, 'encryptType');
  if (type === 'none') return undefined;
  if (type !== 'AES') throw new Error('the setting encryptType is AES or none');
  return bytesOf(wire.keys.secret('aes'));
}

export function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`the setting ${name} is missing`);
  return value;
}

export function unverified(detail: string, cause?: unknown): Failure {
  return new Failure('ANSWER_UNVERIFIED', { detail, cause });
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
