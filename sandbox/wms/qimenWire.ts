/** How the sandbox's warehouse reads and writes Qimen: its own code for signature and XML. */
import { createHash } from 'node:crypto';
import { Parser } from 'xml2js';
import type { TwinAnswer, TwinRequest } from '../twin.ts';

/** Secret, sorted `key + value` of all parameters but `sign`, body, secret; MD5; upper case. */
export function sign(parameters: Readonly<Record<string, string>>, body: string | Buffer, secret: string): string {
  const names = Object.keys(parameters).filter((name) => name !== 'sign');
  const joined = names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => name + parameters[name]);
  const bytes = Buffer.concat([Buffer.from(secret + joined.join('')), Buffer.from(body), Buffer.from(secret)]);
  return createHash('md5').update(bytes).digest('hex').toUpperCase();
}

/** Chinese wall time, `yyyy-MM-dd HH:mm:ss`. */
export function wallTime(instant: Date): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return parts.format(instant);
}

export function instantOfWallTime(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined;
  const instant = new Date(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** A rejection in the platform's manner, before anybody looks at the body. */
interface PlatformError {
  readonly code: number;
  readonly msg: string;
  readonly sub: string;
}

const windowMs = 10 * 60_000;

/** What is wrong with the parameters or the signature, judged on real time. */
export function rejection(
  request: TwinRequest,
  expected: { appKey: string; customerId: string; secret: string },
): PlatformError | undefined {
  const { query } = request;
  const required = ['method', 'timestamp', 'format', 'app_key', 'v', 'sign_method', 'customerId'];
  if (!query['sign']) return { code: 24, msg: 'Missing signature', sub: 'isv.missing-signature' };
  const missing = required.find((name) => !query[name]);
  if (missing) return { code: 40, msg: 'Missing required arguments', sub: `isv.missing-parameter:${missing}` };
  if (query['app_key'] !== expected.appKey) return { code: 29, msg: 'Invalid app Key', sub: 'isv.appkey-not-exists' };
  if (query['format'] !== 'xml') return { code: 23, msg: 'Invalid format', sub: 'isv.invalid-format' };
  if (query['v'] !== '2.0') return { code: 33, msg: 'Invalid version', sub: 'isv.invalid-version' };
  if (query['sign_method'] !== 'md5') return { code: 25, msg: 'Invalid signature', sub: 'sign-check-failure' };
  if (sign(query, request.body, expected.secret) !== query['sign']) {
    return { code: 25, msg: 'Invalid signature', sub: 'sign-check-failure' };
  }
  if (query['customerId'] !== expected.customerId)
    return { code: 41, msg: 'Invalid arguments', sub: 'isv.invalid-customerId' };
  const signedAt = instantOfWallTime(query['timestamp'] ?? '');
  if (!signedAt || Math.abs(Date.now() - signedAt.getTime()) > windowMs) {
    return { code: 31, msg: 'Invalid timestamp', sub: 'isv.invalid-timestamp' };
  }
  return undefined;
}

/** An element: the texts and elements inside it, by name. */
export interface Element {
  readonly [name: string]: readonly (Element | string)[] | undefined;
}

/** The root's content; undefined when the body is no XML with that root. */
export function readXml(body: Buffer, root: string): Element | undefined {
  let tree: unknown;
  new Parser({ async: false, explicitRoot: true, explicitArray: true, ignoreAttrs: true }).parseString(
    body.toString('utf8'),
    (error: unknown, result: unknown) => {
      if (!error) tree = result;
    },
  );
  const content = (tree as Record<string, unknown> | undefined)?.[root];
  return typeof content === 'object' && content !== null ? (content as Element) : undefined;
}

/** The text at a path, '' when there is none. */
export function text(element: Element, ...path: string[]): string {
  let here: Element | string | undefined = element;
  for (const name of path) here = typeof here === 'object' ? here[name]?.[0] : undefined;
  return typeof here === 'string' ? here : '';
}

export function part(element: Element, name: string): Element {
  const found = element[name]?.[0];
  return typeof found === 'object' ? found : {};
}

/** The items of a list: `list(root, 'orderLines', 'orderLine')`. */
export function list(element: Element, wrapper: string, item: string): Element[] {
  return (part(element, wrapper)[item] ?? []).filter((each) => typeof each === 'object');
}

/** `tag('a', tag('b', escaped('x')))`; what is inside is XML already. */
export function tag(name: string, ...inside: string[]): string {
  return `<${name}>${inside.join('')}</${name}>`;
}

/** An element with nothing but text. */
export function leaf(name: string, value: string | number): string {
  const escaped = String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return tag(name, escaped);
}

export function document(root: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>${root}`;
}

const xmlType = { 'content-type': 'text/xml; charset=utf-8' };

export function answered(flag: 'success' | 'failure', code: string, message: string, inside = ''): TwinAnswer {
  const body = tag('response', leaf('flag', flag), leaf('code', code), leaf('message', message), inside);
  return { status: 200, headers: xmlType, body: document(body) };
}

export function rejected(error: PlatformError): TwinAnswer {
  const body = tag(
    'error_response',
    leaf('code', error.code),
    leaf('msg', error.msg),
    leaf('sub_code', error.sub),
    leaf('sub_msg', error.msg),
  );
  return { status: 200, headers: xmlType, body: document(body) };
}
