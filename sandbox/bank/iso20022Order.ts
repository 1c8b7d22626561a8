/** How this bank reads an order (pain.001.001.09): every element that it pays by, in its place, and nothing twice. */
import { createHash } from 'node:crypto';
import { Parser } from 'xml2js';

export interface Order {
  readonly msgId: string;
  readonly createdAt: string;
  readonly paymentId: string;
  readonly endToEndId: string;
  /** Yuan with two decimals. */
  readonly amount: string;
  readonly debtorAccount: string;
  readonly borrower: string;
  readonly payee: { readonly name: string; readonly accountNo: string; readonly bankCode: string };
  readonly words: readonly string[];
  /** Of everything but the two times: the same order written again is the same. */
  readonly digest: string;
}

/** What the bank says no with; `msgId` when the file was readable as far as that. */
export class Rejection extends Error {
  readonly reason: string;
  readonly order: Pick<Order, 'msgId' | 'paymentId' | 'endToEndId'> | undefined;

  constructor(reason: string, words: string, order?: Rejection['order']) {
    super(words);
    this.reason = reason;
    this.order = order;
  }
}

const namespace = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

type Node = Record<string, unknown>;

/** @throws Rejection */
export function readOrder(bytes: Buffer): Order {
  const document = treeOf(bytes);
  const at = (path: string): string => textAt(document, path);
  const group = 'CstmrCdtTrfInitn/GrpHdr';
  const payment = 'CstmrCdtTrfInitn/PmtInf';
  const one = `${payment}/CdtTrfTxInf`;
  const amount = at(`${one}/Amt/InstdAmt`);
  const order = {
    msgId: limited(at(`${group}/MsgId`), 35),
    createdAt: at(`${group}/CreDtTm`),
    paymentId: limited(at(`${payment}/PmtInfId`), 35),
    endToEndId: limited(at(`${one}/PmtId/EndToEndId`), 35),
    amount,
    debtorAccount: limited(at(`${payment}/DbtrAcct/Id/Othr/Id`), 34),
    borrower: limited(at(`${one}/UltmtDbtr/Nm`), 140),
    payee: {
      name: limited(at(`${one}/Cdtr/Nm`), 140),
      accountNo: limited(at(`${one}/CdtrAcct/Id/Othr/Id`), 34),
      bankCode: at(`${one}/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId`),
    },
    words: listAt(document, `${one}/RmtInf/Ustrd`).map((each) => limited(each, 140)),
  };
  const refuse = (reason: string, words: string) => new Rejection(reason, words, order);
  if (!/^(0|[1-9]\d{0,14})\.\d{2}$/.test(amount) || amount === '0.00') throw refuse('AM09', '金额格式不正确');
  if (currencyAt(document, `${one}/Amt/InstdAmt`) !== 'CNY') throw refuse('AM03', '币种不受理');
  if (at(`${group}/NbOfTxs`) !== '1' || at(`${payment}/NbOfTxs`) !== '1') throw refuse('FF01', '笔数不符');
  if (at(`${group}/CtrlSum`) !== amount || at(`${payment}/CtrlSum`) !== amount) throw refuse('AM10', '控制金额不符');
  if (at(`${payment}/PmtMtd`) !== 'TRF' || at(`${one}/Purp/Cd`) !== 'LOAN') throw refuse('FF01', '业务类型不受理');
  if (!/^\d{12}$/.test(order.payee.bankCode)) throw refuse('RC01', '收款行行号不正确');
  if (Number.isNaN(Date.parse(order.createdAt))) throw refuse('DT01', '时间不正确');
  const { createdAt: _, ...lasting } = order;
  return { ...order, digest: createHash('sha256').update(JSON.stringify(lasting)).digest('hex') };
}

function treeOf(bytes: Buffer): Node {
  const text = bytes.toString('utf8');
  if (text.includes('\ufffd') || /<!(DOCTYPE|ENTITY)/i.test(text)) throw new Rejection('FF01', '报文编码或声明不受理');
  let root: Node | undefined;
  new Parser({ async: false, explicitArray: true, xmlns: false }).parseString(
    text,
    (_error: unknown, found: unknown) => {
      root = (found ?? undefined) as Node | undefined;
    },
  );
  const document = root?.['Document'] as Node | undefined;
  const attributes = document?.['$'] as Record<string, string> | undefined;
  if (!document || attributes?.['xmlns'] !== namespace) throw new Rejection('FF01', '不是 pain.001.001.09 报文');
  return document;
}

function listAt(document: Node, path: string): string[] {
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  let here: unknown = document;
  for (const step of steps) {
    const found = (here as Node | undefined)?.[step];
    if (!Array.isArray(found) || found.length !== 1) throw new Rejection('FF01', `缺少 ${step}`);
    here = found[0];
  }
  const found = (here as Node)[last];
  if (!Array.isArray(found)) throw new Rejection('FF01', `缺少 ${last}`);
  return found.map((each: unknown) => {
    const text = typeof each === 'string' ? each : (each as Node)['_'];
    return typeof text === 'string' ? text : '';
  });
}

function textAt(document: Node, path: string): string {
  const [text, ...others] = listAt(document, path);
  if (text === undefined || others.length > 0) throw new Rejection('FF01', `${path} 重复`);
  return text;
}

function currencyAt(document: Node, path: string): unknown {
  let here: unknown = document;
  for (const step of path.split('/')) here = ((here as Node)[step] as unknown[])[0];
  return ((here as Node)['$'] as Node | undefined)?.['Ccy'];
}

function limited(text: string, charsMax: number): string {
  if (text.length === 0 || [...text].length > charsMax) throw new Rejection('FF01', '字段长度不符');
  return text;
}
