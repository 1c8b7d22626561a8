/** The gate of 安心签: a form of `data` and `signature`, read from either encoding, and the platform's certificate. */
import { X509Certificate } from 'node:crypto';
import { json, type TwinAnswer, type TwinRequest } from '../twin.ts';
import { p7Verdict } from './p7.ts';

export interface Asked {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: Buffer | undefined;
}

export const ok = (txTime: string, more: object): TwinAnswer =>
  json({ head: { txTime, retCode: '60000000', retMessage: 'OK' }, ...more });
/** Refusals of business come under 200, the gate's under 400. */
export const no = (errorCode: string, errorMessage: string, status = 200): TwinAnswer =>
  json({ errorCode, errorMessage }, status);

/** What is asked, or the refusal. */
export async function admit(request: TwinRequest, platformPem: string): Promise<Asked | TwinAnswer> {
  const { data, signature, file } = await formOf(request);
  const by = p7Verdict(Buffer.from(signature, 'base64'), Buffer.from(data), new X509Certificate(platformPem));
  if (by === 'stranger') return no('60010102', '证书与平台不符', 400);
  if (by === 'bad') return no('60010101', '验签失败', 400);
  try {
    const fields = JSON.parse(data) as { head?: { txTime?: string } } & Record<string, unknown>;
    if (!/^20\d{12}$/.test(fields.head?.txTime ?? '')) return no('60020001', '交易时间格式错误');
    return { fields, file };
  } catch {
    return no('60020001', '报文不是JSON');
  }
}

async function formOf({ body, headers }: TwinRequest) {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    const form = new URLSearchParams(body.toString());
    return { data: form.get('data') ?? '', signature: form.get('signature') ?? '', file: undefined };
  }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  const part = form.get('contractFile');
  const file = part === null || typeof part === 'string' ? undefined : Buffer.from(await part.arrayBuffer());
  return { data: text('data'), signature: text('signature'), file };
}
