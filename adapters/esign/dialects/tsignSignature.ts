/** The two signature recipes of e签宝 v3: one for what we send, another for what we are told. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const tsignAccept = '*/*';
const tsignJson = 'application/json; charset=UTF-8';

interface Signed {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** With the query, if any, unencoded. */
  readonly path: string;
  readonly body?: Uint8Array | undefined;
}

export function contentMd5(body: Uint8Array): string {
  return createHash('md5').update(body).digest('base64');
}

/**
 * base64(HMAC-SHA256(secret, METHOD \n Accept \n Content-MD5 \n Content-Type \n Date \n path)). We send no Date, which
 * leaves its line empty, and sign no further headers, which leaves out their line. The timestamp is not covered.
 */
export function tsignSignature(secret: string, { method, path, body }: Signed): string {
  const lines = [method, tsignAccept, body ? contentMd5(body) : '', tsignJson, '', sortedQuery(path)];
  return createHmac('sha256', secret).update(lines.join('\n'), 'utf8').digest('base64');
}

export function tsignHeaders(appId: string, secret: string, request: Signed): Record<string, string> {
  return {
    Accept: tsignAccept,
    'Content-Type': tsignJson,
    ...(request.body ? { 'Content-MD5': contentMd5(request.body) } : {}),
    'X-Tsign-Open-App-Id': appId,
    'X-Tsign-Open-Auth-Mode': 'Signature',
    'X-Tsign-Open-Ca-Timestamp': String(Date.now()), // Real time: the vendor's gate knows no business time.
    'X-Tsign-Open-Ca-Signature': tsignSignature(secret, request),
  };
}

interface Told {
  readonly timestamp: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** hex(HMAC-SHA256(secret, timestamp + query values in the order of their keys + raw body)). */
export function tsignCallbackSignature(secret: string, { timestamp, query, body }: Told): string {
  const values = Object.keys(query)
    .sort()
    .map((key) => query[key] ?? '');
  return createHmac('sha256', secret)
    .update(timestamp + values.join(''), 'utf8')
    .update(body)
    .digest('hex');
}

/** In constant time; false for anything that is no signature. */
export function isSame(expected: string, shown: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(shown)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function sortedQuery(path: string): string {
  const [before = '', query] = path.split('?', 2);
  if (query === undefined) return before;
  const pairs = query.split('&').sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return `${before}?${pairs.join('&')}`;
}
