/** The gateway's side of its wire: forms in, `base64,HEX` out, RSA-SHA1 over the plain XML. Written from its own manual. */
import { createSign, createVerify } from 'node:crypto';
import { Builder, parseStringPromise } from 'xml2js';

export interface GatewayRequest {
  readonly authentic: boolean;
  readonly txCode: string;
  readonly head: Fields;
  readonly body: Fields;
  /** What repeats in the body, each with fields of its own. */
  readonly splitItems: readonly Fields[];
  /** Parts of the body that stand there once. */
  readonly corporation: Fields;
  readonly bankAccount: Fields;
}

export type Fields = Readonly<Record<string, string>>;

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
  const body = request.Body as Record<string, unknown>;
  const texts = Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    authentic,
    txCode: request.Head['TxCode'] ?? '',
    head: request.Head,
    body: Object.fromEntries(texts),
    splitItems: [body['SplitItems'] ?? []].flat().map(fieldsIn),
    corporation: fieldsIn(body['Corporation']),
    bankAccount: fieldsIn(body['BankAccount']),
  };
}

function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The transaction code alone, without judging anything; a payment with parts is `5011 split`. */
export function txCodeOf(form: Buffer): string | undefined {
  const message = new URLSearchParams(form.toString()).get('message') ?? '';
  const xml = Buffer.from(message, 'base64').toString();
  const code = /<TxCode>(\d{4})<\/TxCode>/.exec(xml)?.[1];
  return code === '5011' && xml.includes('<SplitItems>') ? '5011 split' : code;
}

export function answerText(
  head: { Code: string; Message: string },
  body: Readonly<Record<string, unknown>>,
  gatewayKey: string,
): string {
  const xml = build({ Response: { $: { version: '2.1' }, Head: head, Body: body } });
  return `${Buffer.from(xml).toString('base64')},${signed(xml, gatewayKey)}`;
}

/** The body of a notice to an institution. */
export function noticeForm(txCode: string, body: Readonly<Record<string, unknown>>, gatewayKey: string): string {
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

/** yyyyMMddHHmmssSSS of an instant in Asia/Shanghai, which has no summer time. */
export function time17(instant: Date): string {
  return new Date(instant.getTime() + 8 * 3_600_000)
    .toISOString()
    .slice(0, 23)
    .replaceAll(/[-:T.]/g, '');
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
