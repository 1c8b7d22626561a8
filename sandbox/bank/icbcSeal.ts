/**
 * The gateway's own hand: how ICBC's open platform signs, encrypts and frames. A form is signed over its path and its
 * fields in order, an answer over the characters between the colon behind `response_biz_content` and the comma before
 * `sign`, a partner's reply to a notification over everything between the first brace and the comma before `sign`.
 */
import { createCipheriv, createDecipheriv, createSign, createVerify } from 'node:crypto';
import type { TwinAnswer } from '../twin.ts';

/** Who the two sides are, and what they agreed on. */
export const identity = {
  appId: '10000000000004095503',
  notifyUrl: 'https://hub.example/in/bank-icbc/notify',
  encryptType: 'AES',
  gatewaySignType: 'RSA2',
} as const;

export type Fields = Readonly<Record<string, string>>;

/** 待签名字符串. */
export function orderedText(path: string, fields: Fields): string {
  const names = Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name])
    .sort();
  let text = `${path}?`;
  for (const name of names) text += `${text.endsWith('?') ? '' : '&'}${name}=${fields[name]}`;
  return text;
}

export function rsaSign(text: string | Buffer, pem: string): string {
  return createSign('sha256').update(text).sign(pem, 'base64');
}

export function rsaHolds(text: string | Buffer, signature: string, pem: string): boolean {
  return createVerify('sha256').update(text).verify(pem, signature, 'base64');
}

export function aesSeal(plain: string | Buffer, keyBase64: string): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(keyBase64, 'base64'), Buffer.alloc(16, 0));
  return Buffer.concat([cipher.update(Buffer.from(plain)), cipher.final()]).toString('base64');
}

/** Nothing when it does not open. */
export function aesOpen(sealed: string, keyBase64: string): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-128-cbc', Buffer.from(keyBase64, 'base64'), Buffer.alloc(16, 0));
    return Buffer.concat([decipher.update(sealed, 'base64'), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** An answer of the gateway. `content` is JSON text, or JSON text of a string where it is sealed. */
export function framed(content: string | Buffer, pem: string): TwinAnswer {
  const signature = rsaSign(content, pem);
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.concat([
      Buffer.from('{"response_biz_content":'),
      Buffer.from(content),
      Buffer.from(`,"sign":"${signature}"}`),
    ]),
  };
}

/** A partner's reply to a notification: what it says, when the signature holds. */
export function replySaid(body: string, pem: string, aesKey: string | undefined): Record<string, unknown> | undefined {
  const match = /^\{("response_biz_content":(.*),"sign_type":"RSA2"),"sign":"([^"]*)"\}$/s.exec(body);
  if (!match || !rsaHolds(match[1] ?? '', match[3] ?? '', pem)) return undefined;
  const content = JSON.parse(match[2] ?? '') as unknown;
  const opened = aesKey === undefined ? undefined : aesOpen(String(content), aesKey);
  return (opened ? JSON.parse(opened.toString()) : content) as Record<string, unknown>;
}
