/** What e签宝 v3 wants signed: one recipe for what we send, another for what we are told. */
import { createHash } from 'node:crypto';
import { isSigned, signed } from '../../crypto/recipes.ts';

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

/** The timestamp is not covered. */
export function tsignSignature(secret: string, { method, path, body }: Signed): string {
  return signed('tsignRequest', secret, {
    method,
    accept: tsignAccept,
    contentMd5: body ? contentMd5(body) : '',
    contentType: tsignJson,
    path: sortedQuery(path),
  });
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

export function isToldBy(secret: string, { timestamp, query, body }: Told, shown: string): boolean {
  return isSigned('tsignCallback', secret, { timestamp, parameters: query, body }, shown);
}

function sortedQuery(path: string): string {
  const [before = '', query] = path.split('?', 2);
  if (query === undefined) return before;
  const pairs = query.split('&').sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return `${before}?${pairs.join('&')}`;
}
