/** B2Bi from the bank's side: a header of 222 bytes, XML in GBK, a signature at the end. */
import { createSign, createVerify } from 'node:crypto';
import iconv from 'iconv-lite';
import { Builder, parseStringPromise } from 'xml2js';

const widths = [4, 2, 2, 2, 20, 10, 6, 5, 2, 8, 6, 20, 6, 100, 1, 3, 1, 1, 12, 10, 1];
const places = { corp: 4, length: 5, code: 6, operator: 7, service: 8, serial: 11, result: 12, words: 13 };
const signing = { flag: 16, algorithm: 18, length: 19 };
const whole = widths.reduce((sum, width) => sum + width, 0);

export interface B2biRequest {
  readonly corp: string;
  readonly code: string;
  readonly operator: string;
  readonly serial: string;
  readonly authentic: boolean;
  /** Undefined: no XML, or another document. */
  readonly fields: Readonly<Record<string, string>> | undefined;
  readonly head: readonly string[];
}

export function b2biLength(soFar: Buffer): number | undefined {
  if (soFar.length < whole) return undefined;
  const head = headIn(soFar);
  const body = Number(head[places.length]);
  const signature = head[signing.flag] === '1' ? Number(head[signing.length]) : 0;
  if (head[0] !== 'A001' || !Number.isInteger(body) || !Number.isInteger(signature)) throw new Error('no header');
  return whole + body + signature;
}

export async function readB2bi(bytes: Buffer, corpKey: string): Promise<B2biRequest> {
  const head = headIn(bytes);
  const end = whole + Number(head[places.length]);
  const authentic =
    head[signing.flag] === '1' &&
    createVerify(head[signing.algorithm]?.trim() === 'RSA-SHA1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(bytes.subarray(0, end))
      .verify(corpKey, bytes.subarray(end));
  const text = (place: number) => (head[place] ?? '').trim();
  return {
    corp: text(places.corp),
    code: text(places.code),
    operator: text(places.operator),
    serial: text(places.serial),
    authentic,
    fields: await fieldsIn(bytes.subarray(whole, end)),
    head,
  };
}

/** The transaction code alone, without judging anything. */
export function b2biCode(bytes: Buffer): string {
  return (headIn(bytes)[places.code] ?? '').trim();
}

/** `Result` with its fields; rows repeat `<list>`. `declares` may lie: the bytes are always GBK. */
export function resultXml(
  fields: Readonly<Record<string, string>>,
  rows: readonly Readonly<Record<string, string>>[] = [],
  declares = 'GBK',
): Buffer {
  const builder = new Builder({ renderOpts: { pretty: false }, xmldec: { version: '1.0', encoding: declares } });
  return iconv.encode(
    builder.buildObject({ Result: { ...fields, ...(rows.length > 0 ? { list: rows } : {}) } }),
    'gbk',
  );
}

/** The answer to a request with that header: it repeats it, with the result, and is signed as the request was. */
export function answerB2bi(
  head: readonly string[],
  result: { code: string; words: string; body: Buffer },
  bankKey: string,
): Buffer {
  const algorithm = head[signing.algorithm]?.trim() ?? '';
  const answer = [...head];
  answer[places.service] = '02';
  answer[places.result] = result.code;
  answer[places.length] = String(result.body.length).padStart(10, '0');
  const packed = Buffer.concat([joined(answer, result.words), result.body]);
  if (answer[signing.flag] !== '1') return packed;
  return Buffer.concat([packed, createSign(algorithm).update(packed).sign(bankKey)]);
}

export function headIn(bytes: Buffer): string[] {
  let at = 0;
  return widths.map((width) => bytes.toString('latin1', at, (at += width)));
}

/** Words are GBK and are padded by bytes, as everything is. */
function joined(head: readonly string[], words: string): Buffer {
  const padded = Buffer.alloc(widths[places.words] ?? 0, ' ');
  iconv.encode(words, 'gbk').copy(padded);
  return Buffer.concat(head.map((text, place) => (place === places.words ? padded : Buffer.from(text, 'latin1'))));
}

async function fieldsIn(body: Buffer): Promise<Record<string, string> | undefined> {
  try {
    const parsed = (await parseStringPromise(iconv.decode(body, 'gbk'), { explicitArray: false })) as {
      Result?: Record<string, string>;
    } | null;
    return typeof parsed?.Result === 'object' ? parsed.Result : undefined;
  } catch {
    return undefined;
  }
}
