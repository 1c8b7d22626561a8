/** The gateway's side of its wire: forms in, `base64,HEX` out, RSA-SHA1 over the plain XML. Written from its own manual. */
import { createSign, createVerify } from 'node:crypto';
import { Builder, parseStringPromise } from 'xml2js';

export interface GatewayRequest {
  readonly authentic: boolean;
  readonly txCode: string;
  readonly head: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

/** What came in the two form fields; undefined when it is not that. */
export async function readRequest(form: Buffer, institutionKey: string): Promise<GatewayRequest | undefined> {
  const fields = new URLSearchParams(form.toString());
  const xml = Buffer.from(fields.get('message') ?? '', 'base64')
    .toString('utf8')
    .trim();
  const signature = fields.get('signature') ?? '';
  const document = await parsed(xml);
  const request = document?.['Request'] as { Head?: Record<string, string>; Body?: Record<string, string> } | undefined;
  if (typeof request?.Head !== 'object' || typeof request.Body !== 'object') return undefined;
  const authentic = /^[0-9A-Fa-f]{64,1024}$/.test(signature) && isSigned(xml, signature, institutionKey);
  return { authentic, txCode: request.Head['TxCode'] ?? '', head: request.Head, body: request.Body };
}

/** The transaction code alone, without judging anything. */
export function txCodeOf(form: Buffer): string | undefined {
  const message = new URLSearchParams(form.toString()).get('message') ?? '';
  return /<TxCode>(\d{4})<\/TxCode>/.exec(Buffer.from(message, 'base64').toString())?.[1];
}

export function answerText(
  head: { Code: string; Message: string },
  body: Record<string, string>,
  gatewayKey: string,
): string {
  const xml = build({ Response: { $: { version: '2.1' }, Head: head, Body: body } });
  return `${Buffer.from(xml).toString('base64')},${signed(xml, gatewayKey)}`;
}

/** The body of a notice to an institution. */
export function noticeForm(txCode: string, body: Record<string, string>, gatewayKey: string): string {
  const xml = build({ Request: { $: { version: '2.1' }, Head: { TxCode: txCode }, Body: body } });
  return new URLSearchParams({
    message: Buffer.from(xml).toString('base64'),
    signature: signed(xml, gatewayKey),
  }).toString();
}

/** Whether the institution took a notice: base64 XML that says 2000, nothing else. */
export async function isTaken(reply: Buffer): Promise<boolean> {
  const document = await parsed(Buffer.from(reply.toString(), 'base64').toString('utf8'));
  return (document?.['Response'] as { Head?: { Code?: string } } | undefined)?.Head?.Code === '2000';
}

/** The first seventeen digits of a TxSN are a time, yyyyMMddHHmmssSSS. */
export function hasTimePrefix(txSn: string): boolean {
  const [, y, mo, d, h, mi, s, ms] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})/.exec(txSn) ?? [];
  const iso = `${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`;
  const time = new Date(iso);
  return !Number.isNaN(time.getTime()) && time.toISOString() === iso;
}

/** yyyyMMddHHmmss of an instant in Asia/Shanghai, which has no summer time. */
export function time14(instant: Date): string {
  return new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}

function build(document: object): string {
  return new Builder({
    renderOpts: { pretty: false },
    xmldec: { version: '1.0', encoding: 'UTF-8', standalone: false },
  }).buildObject(document);
}

async function parsed(xml: string): Promise<Record<string, unknown> | undefined> {
  try {
    return (await parseStringPromise(xml, { explicitArray: false, ignoreAttrs: true })) as
      | Record<string, unknown>
      | undefined;
  } catch {
    return undefined;
  }
}

function signed(xml: string, key: string): string {
  return createSign('RSA-SHA1').update(xml, 'utf8').sign(key, 'hex').toUpperCase();
}

function isSigned(xml: string, signature: string, key: string): boolean {
  return createVerify('RSA-SHA1').update(xml, 'utf8').verify(key, signature, 'hex');
}
