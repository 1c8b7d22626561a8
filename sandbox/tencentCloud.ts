/** How Tencent Cloud's own door admits a request (API 3.0, TC3-HMAC-SHA256) and shapes its answers. Written from its manual. */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { json, type TwinAnswer, type TwinRequest } from './twin.ts';

/** Either way of real time. */
const windowSeconds = 300;

export interface Door {
  readonly service: string;
  readonly version: string;
  readonly secretId: string;
  readonly secretKey: string;
}

export interface Trouble {
  readonly code: string;
  readonly message: string;
}

export const trouble = (code: string, message = code): Trouble => ({ code, message });

/** HTTP 200 for a yes and for a no. */
export function answered(said: Trouble | Readonly<Record<string, unknown>>): TwinAnswer {
  const { code, message } = said as Partial<Trouble>;
  const fields = code === undefined ? said : { Error: { Code: code, Message: message } };
  return json({ Response: { ...fields, RequestId: randomUUID() } });
}

/** What is wrong with the request, or nothing. */
export function admit(request: TwinRequest, door: Door): Trouble | undefined {
  const { authorization = '', 'x-tc-timestamp': timestamp = '', 'x-tc-version': version } = request.headers;
  const shown =
    /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/(\w+)\/tc3_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!shown) return trouble('AuthFailure.InvalidAuthorization');
  const [, secretId, date = '', service = '', names = '', signature = ''] = shown;
  if (secretId !== door.secretId) return trouble('AuthFailure.SecretIdNotFound');
  if (!/^\d{10}$/.test(timestamp)) return trouble('MissingParameter', 'X-TC-Timestamp');
  if (!['content-type', 'host'].every((name) => names.split(';').includes(name)))
    return trouble('AuthFailure.InvalidAuthorization', 'content-type and host must be signed');
  const due = signatureOf(request, { ...door, service, date, timestamp, names });
  if (service !== door.service || !timingSafeEqual(Buffer.from(due, 'hex'), Buffer.from(signature, 'hex')))
    return trouble('AuthFailure.SignatureFailure', 'The provided credentials could not be validated.');
  const seconds = Number(timestamp);
  const utc = new Date(seconds * 1_000).toISOString();
  if (Math.abs(Date.now() / 1_000 - seconds) > windowSeconds || !utc.startsWith(date))
    return trouble('AuthFailure.SignatureExpire');
  if (version !== door.version) return trouble('NoSuchVersion');
  if (request.method !== 'POST' || request.path !== '/') return trouble('InvalidRequest');
  return undefined;
}

interface Scope {
  readonly secretKey: string;
  readonly service: string;
  readonly date: string;
  readonly timestamp: string;
  /** Of the signed headers, with semicolons. */
  readonly names: string;
}

/** As the vendor computes it over what came. */
export function signatureOf(request: Pick<TwinRequest, 'headers' | 'body'>, scope: Scope): string {
  const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const keyed = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text, 'utf8').digest();
  let canonical = 'POST\n/\n\n';
  for (const name of scope.names.split(';')) {
    const value = (request.headers[name] ?? '').trim();
    canonical += `${name}:${name === 'x-tc-action' ? value.toLowerCase() : value}\n`;
  }
  canonical += `\n${scope.names}\n${hash(request.body)}`;
  const credential = `${scope.date}/${scope.service}/tc3_request`;
  const dated = keyed(`TC3${scope.secretKey}`, scope.date);
  const signing = keyed(keyed(dated, scope.service), 'tc3_request');
  return keyed(signing, `TC3-HMAC-SHA256\n${scope.timestamp}\n${credential}\n${hash(canonical)}`).toString('hex');
}

/** The body's fields, when it is an object. */
export function fieldsOf(request: TwinRequest): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(request.body.toString()) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
