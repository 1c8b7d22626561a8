/** The 外联平台 from the bank's side: XML in GBK in a form field, answers whose declaration is not always true. */
import iconv from 'iconv-lite';
import { Builder, parseStringPromise } from 'xml2js';

export interface TxRequest {
  readonly sn: string;
  readonly customer: string;
  readonly user: string;
  readonly password: string;
  readonly code: string;
  readonly info: Readonly<Record<string, string>>;
}

/** What stands in the form field `requestXml`; undefined when it is no transaction. */
export async function readTx(form: Buffer): Promise<TxRequest | undefined> {
  const field = form
    .toString('latin1')
    .split('&')
    .find((pair) => pair.startsWith('requestXml='));
  if (field === undefined) return undefined;
  try {
    const parsed = (await parseStringPromise(iconv.decode(percentDecoded(field.slice(11)), 'gb18030'), {
      explicitArray: false,
    })) as { TX?: Record<string, unknown> } | null;
    const tx = parsed?.TX;
    if (typeof tx !== 'object') return undefined;
    const text = (name: string) => (typeof tx[name] === 'string' ? tx[name] : '');
    const info = typeof tx['TX_INFO'] === 'object' ? (tx['TX_INFO'] as Record<string, string>) : {};
    return {
      sn: text('REQUEST_SN'),
      customer: text('CUST_ID'),
      user: text('USER_ID'),
      password: text('PASSWORD'),
      code: text('TX_CODE'),
      info,
    };
  } catch {
    return undefined;
  }
}

/** The transaction code alone, without judging anything. */
export function txCodeIn(form: Buffer): string {
  return /TX_CODE(?:%3E|>)(6W\w{4})/i.exec(form.toString('latin1'))?.[1] ?? '';
}

export interface TxAnswer {
  readonly code: string;
  readonly words: string;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** `declares` and `speaks` may differ: the client program rewrites declarations, not bytes. */
export function txAnswer(
  request: Pick<TxRequest, 'sn' | 'customer' | 'code'>,
  { code, words, info }: TxAnswer,
  charset: { declares: string; speaks: string },
): Buffer {
  const builder = new Builder({
    renderOpts: { pretty: false },
    xmldec: { version: '1.0', encoding: charset.declares, standalone: true },
  });
  const document = builder.buildObject({
    TX: {
      REQUEST_SN: request.sn,
      CUST_ID: request.customer,
      TX_CODE: request.code,
      RETURN_CODE: code,
      RETURN_MSG: words,
      LANGUAGE: 'CN',
      TX_INFO: info ?? {},
    },
  });
  return iconv.encode(document, charset.speaks);
}

function percentDecoded(text: string): Buffer {
  const latin1 = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}
