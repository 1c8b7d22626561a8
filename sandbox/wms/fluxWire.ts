/** How the sandbox's FLUX warehouse reads and writes: its own code for the form, the signature and quantities. */
import { createHash } from 'node:crypto';
import type { TwinAnswer, TwinRequest } from '../twin.ts';
import { Refusal } from './floor.ts';
import { instantOfWallTime, wallTime } from './qimenWire.ts';

export interface Site {
  readonly appKey: string;
  readonly appToken: string;
  readonly customerId: string;
  readonly db: string;
}

/** MD5 in hex, then base64, then URL-encoded, as the field stands in a body. */
export function sign(data: string, secret: string): string {
  const md5 = createHash('md5').update(secret).update(data).update(secret).digest('hex');
  return Buffer.from(md5).toString('base64').replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('=', '%3D');
}

export function form(
  site: Site,
  message: { method: string; messageid: string; data: string; secret: string; at?: Date },
): string {
  const fields = new URLSearchParams({
    method: message.method,
    client_customerid: site.customerId,
    client_db: site.db,
    messageid: message.messageid,
    apptoken: site.appToken,
    appkey: site.appKey,
    timestamp: wallTime(message.at ?? new Date()),
    format: 'JSON',
    data: message.data,
  });
  return `${fields.toString()}&sign=${sign(message.data, message.secret)}`;
}

const windowMs = 10 * 60_000;

/** The fields, or the code with which the gateway turns the message away; judged on real time. */
export function opened(
  request: TwinRequest,
  site: Site,
  secret: string,
): { fields: URLSearchParams } | { code: string } {
  const fields = new URLSearchParams(request.body.toString('utf8'));
  const is = (name: string, value: string) => fields.get(name) === value;
  if (!is('sign', decodeURIComponent(sign(fields.get('data') ?? '', secret)))) return { code: 'S001' };
  if (!is('appkey', site.appKey) || !is('apptoken', site.appToken)) return { code: 'S002' };
  const at = instantOfWallTime(fields.get('timestamp') ?? '');
  if (!at || Math.abs(Date.now() - at.getTime()) > windowMs) return { code: 'S003' };
  if (!is('client_customerid', site.customerId) || !is('client_db', site.db)) return { code: 'S006' };
  if (!is('format', 'JSON')) return { code: 'S005' };
  return { fields };
}

export type Json = Record<string, unknown>;

/** The orders of a message: `header` stands below `xmldata`, or below its `data` in a query. */
export function headersOf(data: string): Json[] | undefined {
  try {
    const { xmldata } = JSON.parse(data) as { xmldata?: { header?: unknown; data?: { header?: unknown } } };
    const headers = xmldata?.header ?? xmldata?.data?.header;
    return Array.isArray(headers) && headers.length > 0 ? (headers as Json[]) : undefined;
  } catch {
    return undefined;
  }
}

export function answered(
  verdict: { returnCode: string; returnDesc?: string; returnFlag: '0' | '1' | '2'; resultInfo?: unknown },
  inside: object = {},
): TwinAnswer {
  const { returnDesc = verdict.returnCode === '0000' ? 'ok' : '失败', resultInfo = '' } = verdict;
  const Response = { return: { ...verdict, returnDesc, resultInfo }, ...inside };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ Response }),
  };
}

/** A field that must be there. */
export function required(order: Json, name: string): string {
  const value = order[name];
  if (typeof value !== 'string' || value === '') throw new Refusal('invalid', `${name} 不能为空`);
  if (value.length > 500) throw new Refusal('invalid', `${name} 过长`);
  return value;
}

export function itemsOf(order: Json, name: string): Json[] {
  const items = order[name];
  if (!Array.isArray(items) || items.length === 0) throw new Refusal('invalid', '明细不能为空');
  return items as Json[];
}

/** FLUX's unit to that of the floor, which is a thousand times smaller; pieces are pieces. */
const uoms: Readonly<Record<string, { uom: string; decimals: number }>> = {
  T: { uom: 'KGM', decimals: 3 },
  KG: { uom: 'GRM', decimals: 3 },
  M3: { uom: 'DMQ', decimals: 3 },
  EA: { uom: 'C62', decimals: 0 },
};

/** `"10.500" T` as 10500 kilograms. */
export function goodsOf(line: Json, quantityName: string) {
  const unit = uoms[required(line, 'UOM')];
  const [, whole = '', fraction = ''] = /^(\d{1,9})(?:\.(\d{1,8}))?$/.exec(required(line, quantityName)) ?? [];
  const kept = fraction.replace(/0+$/, '');
  if (!unit || whole === '' || kept.length > unit.decimals)
    throw new Refusal('invalid', `${quantityName} 或单位不正确`);
  const qty = Number(whole + kept.padEnd(unit.decimals, '0'));
  if (qty === 0) throw new Refusal('invalid', `${quantityName} 必须大于零`);
  return { itemCode: required(line, 'SKU'), uom: unit.uom, qty };
}

/** 10500 kilograms as `{ qty: "10.500", UOM: "T" }`. */
export function measured(qty: number, uom: string): { qty: string; UOM: string } {
  const [UOM, unit] = Object.entries(uoms).find(([, each]) => each.uom === uom) ?? ['EA', { decimals: 0 }];
  if (unit.decimals === 0) return { qty: String(qty), UOM };
  const digits = String(Math.abs(qty)).padStart(unit.decimals + 1, '0');
  return { qty: `${qty < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`, UOM };
}
