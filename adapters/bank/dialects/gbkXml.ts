/**
 * XML of banks that speak GBK. What they declare is not always what they send: GB2312 is declared over GB18030 bytes, and
 * now and then UTF-8 over GBK or the other way round. The declaration is tried first; bytes that cannot be that are read
 * as the other, and bytes that can be neither are refused. Nothing is ever replaced. Where both readings are possible the
 * declared one stands: a liar's words then look odd, its codes and numbers (ASCII) do not.
 */
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { Failure } from '../../../contracts/failures.ts';
import { buildXml, child, parseXml, type XmlElement } from '../../../contracts/gate/xml.ts';

export type Fields = Readonly<Record<string, string>>;

/** @throws Failure CONTRACT_VIOLATED for a character that GBK has not: nothing else may stand in its place */
export function gbkOf(text: string): Buffer {
  const bytes = iconv.encode(text, 'gbk');
  if (iconv.decode(bytes, 'gbk') !== text)
    throw new Failure('CONTRACT_VIOLATED', { detail: 'a character that GBK cannot carry' });
  return bytes;
}

/** The root element. @throws Failure BODY_MALFORMED or BODY_TOO_LARGE */
export function readGbkXml(bytes: Buffer): XmlElement {
  // The gate has its own decoder and believes declarations: it gets what was read here, without one.
  return parseXml(Buffer.from(textOf(bytes).replace(/^\ufeff?\s*(?:<\?xml[^>]{0,200}\?>)?/, '')));
}

/** An element of fields, in their order. */
export function elementOf(name: string, fields: Fields): XmlElement {
  const children = Object.entries(fields).map(([field, text]) => ({ name: field, attributes: {}, children: [], text }));
  return { name, attributes: {}, children, text: '' };
}

export function xmlText(root: XmlElement): string {
  return buildXml(root);
}

/** The named fields that are there and not empty. What else a bank sends is left. */
export function picked(element: XmlElement, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const text = child(element, name)?.text.trim() ?? '';
      return text === '' ? [] : [[name, text]];
    }),
  );
}

/** One form field whose value is bytes: percent-encoded byte by byte, in no character set but their own. */
export function formBody(name: string, value: Buffer): Buffer {
  const encoded = [...value].map((byte) => {
    const char = String.fromCharCode(byte);
    return /[\w.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return Buffer.from(`${name}=${encoded.join('')}`, 'latin1');
}

function textOf(bytes: Buffer): string {
  const declared = /^[^<]{0,8}<\?xml[^>]{0,200}encoding=["']([\w-]+)["']/.exec(bytes.toString('latin1', 0, 256))?.[1];
  const saysUtf8 = declared === undefined || declared.toLowerCase() === 'utf-8';
  const readings = saysUtf8 ? [utf8, gb18030] : [gb18030, utf8];
  for (const read of readings) {
    const text = read(bytes);
    if (text !== undefined) return text;
  }
  throw new Failure('BODY_MALFORMED', { detail: 'the bytes are neither GB18030 nor UTF-8' });
}

function utf8(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function gb18030(bytes: Buffer): string | undefined {
  const text = iconv.decode(bytes, 'gb18030');
  return text.includes('\ufffd') ? undefined : text;
}
