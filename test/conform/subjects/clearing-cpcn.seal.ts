/** CPCN's signature, as the gateway makes it: RSA-SHA1 over the plain XML, beside the base64 of it. */
import { createSign } from 'node:crypto';
import type { Answer, Asked, Posted, TwinKeys } from '../subject.ts';

const signatureOver = (xml: string | Buffer, keys: TwinKeys) =>
  createSign('RSA-SHA1')
    .update(xml)
    .sign(keys['cpcn-private.pem'] ?? '', 'hex')
    .toUpperCase();

/** `base64,HEX`, or bytes that shall become so. */
export function partsOf(body: Buffer): { xml: Buffer; message: string; signature: string } {
  const [message = '', signature = ''] = body.toString('latin1').split(',');
  const composed = /^[A-Za-z0-9+/]+={0,2}$/.test(message) && /^[0-9A-F]+$/.test(signature);
  return composed
    ? { xml: Buffer.from(message, 'base64'), message, signature }
    : { xml: body, message: '', signature: '' };
}

export const composed = (xml: Buffer, signature: string) => Buffer.from(`${xml.toString('base64')},${signature}`);

export function sign(answer: Answer, _asked: Asked, keys: TwinKeys): Answer {
  const { xml } = partsOf(answer.body);
  return { ...answer, body: composed(xml, signatureOver(xml, keys)) };
}

/** The gateway's own answer with one field another, under its own signature. */
export const saying =
  (edit: (xml: string, code: string) => string) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer =>
    sign({ ...genuine, body: Buffer.from(edit(partsOf(genuine.body).xml.toString(), code)) }, asked, keys);

export const field = (name: string, value: string) => (xml: string) =>
  xml.replace(new RegExp(`<${name}>[^<]*</${name}>`), `<${name}>${value}</${name}>`);

export const formOf = (posted: Posted) => {
  const form = new URLSearchParams(posted.body.toString());
  return { xml: Buffer.from(form.get('message') ?? '', 'base64'), signature: form.get('signature') ?? '' };
};
export const inForm = (posted: Posted, xml: Buffer, signature: string): Posted => ({
  ...posted,
  body: Buffer.from(new URLSearchParams({ message: xml.toString('base64'), signature }).toString()),
});

/** A body that is no form is the XML that shall be in one; a half or doubled form is left as it is. */
export function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys }): Posted {
  if (how.body?.includes('message=')) return { ...posted, body: how.body };
  const xml = how.body ?? formOf(posted).xml;
  return inForm(posted, xml, signatureOver(xml, how.keys));
}
