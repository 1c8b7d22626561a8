/**
 * China Construction Bank (建设银行) 外联平台: GBK XML in a form field, over HTTP, to the bank's client program that stands in
 * our own network. That program signs towards the bank; towards us it proves nothing but that it answers this request
 * (number, customer, transaction), so its address is inside and the road to it is trusted. The user's password travels
 * in every request.
 */
import { randomInt } from 'node:crypto';
import type { bank } from '../../../contracts/bank/bank.ts';
import {
  CcbPageAnswer,
  CcbTransferResult,
  CcbTransferTaken,
  type CcbTransfer,
} from '../../../contracts/bank/ccb.wire.ts';
import type { Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { child, children, type XmlElement } from '../../../contracts/gate/xml.ts';
import { ccbReturns } from '../../../mappings/bank/ccb.codes.ts';
import { questionSnOf, requestSnOf } from '../../../mappings/bank/ccbRequestSn.ts';
import * as map from '../../../mappings/bank/ccb.ts';
import { dayOf } from '../../../mappings/bank/open.forms.ts';
import { unmapped } from '../../../mappings/codes/codeTable.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { asAgreed, beijingStamp, inOrder, read, setting } from './direct.ts';
import { elementOf, formBody, gbkOf, picked, readGbkXml, xmlText, type Fields } from './gbkXml.ts';

/** China Construction Bank's own in routing codes. */
const ownBank = '105';
const rowsDefault = 200;
const pagesMax = 200;

type Result = Message<typeof CcbTransferResult>;
type Page = Message<typeof CcbPageAnswer>;

export const ccbDialect: Dialect<typeof bank> = {
  operations: {
    async disburse(payment, wire) {
      const transfer = map.toTransfer({ payment, payerAccountNo: wire.keys.secret('payer-account') });
      const { REQUEST_SN, ...content } = transfer;
      const inHouse = transfer.RECV_UBANKNO.startsWith(ownBank);
      const { verdict, info } = await ask(wire, inHouse ? '6W8010' : '6W8020', content, REQUEST_SN);
      if (verdict === 'duplicate') return takenBefore(transfer, wire);
      const taken = read(CcbTransferTaken, info);
      if (taken.REM1 !== transfer.REM1)
        throw new Failure('ANSWER_UNVERIFIED', { detail: 'the bank took another transfer than was ordered' });
      return map.transferTaken(taken);
    },

    async queryDisbursement({ no }, wire) {
      const result = await resultOf(no, wire);
      return result ? map.transferEnquiry(result) : { outcome: 'notFound' };
    },

    async readSettlement({ no }, wire) {
      const result = await resultOf(no, wire);
      return result ? map.settlementEnquiry(result) : { outcome: 'notFound' };
    },

    async readStatement({ accountNo, date }, wire) {
      const rows = Number(wire.system.settings['statementRows'] ?? rowsDefault);
      const pages: Page[] = [];
      for (let page = 1; page <= pagesMax; page += 1) {
        const position = pages.at(-1)?.POSTSTR;
        const asked = map.toPage({ accountNo, date, page, rows, ...(position === undefined ? {} : { position }) });
        const answer = await pageOf(asked, wire);
        pages.push(answer);
        if (page >= Number(answer.TOTAL_PAGE)) return statementIn(pages, { accountNo, date }, wire);
      }
      throw new Failure('OUTCOME_UNKNOWN', { detail: `more than ${pagesMax} pages` });
    },
  },
};

function statementIn(pages: readonly Page[], asked: { accountNo: string; date: string }, wire: Wire) {
  const all = pages.flatMap(({ DETAILLIST }) => DETAILLIST);
  const [currency = '01', ...others] = new Set(pages.map(({ CURR_COD }) => CURR_COD));
  if (others.length > 0) throw new Failure('OUTCOME_UNKNOWN', { detail: 'the pages are of several currencies' });
  return map.statementOf({
    ACCNO1: asked.accountNo,
    CURR_COD: currency,
    date: dayOf(asked.date),
    today: beijingStamp(wire.now()).slice(0, 8),
    rows: inOrder(all, ({ TRAN_FLOW, DET_NO }) => `${TRAN_FLOW}-${DET_NO}`),
  });
}

/** A duplicate was taken before. Whether it is this one the bank must say; that it does not answer says nothing new. */
async function takenBefore(transfer: Message<typeof CcbTransfer>, wire: Wire): Promise<{ bankNo: string }> {
  const result = await resultOf(transfer.REM1, wire).catch((cause: unknown) => {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'a duplicate, and the query for it failed', cause });
  });
  if (!result) throw new Failure('OUTCOME_UNKNOWN', { detail: 'a duplicate of which the bank knows nothing' });
  if (result.AMOUNT !== transfer.AMOUNT || result.RECV_ACCNO !== transfer.RECV_ACCNO)
    throw new Failure('IDEMPOTENCY_CONFLICT', { detail: 'the bank has another transfer under this number' });
  return { bankNo: result.CREDIT_NO };
}

async function resultOf(no: string, wire: Wire): Promise<Result | undefined> {
  const { verdict, info } = await ask(wire, '6W0600', { REQUEST_SN1: requestSnOf(no) });
  if (verdict === 'notFound') return undefined;
  const result = read(CcbTransferResult, info);
  if (result.REM1 !== no) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about another transfer' });
  return result;
}

async function pageOf(asked: ReturnType<typeof map.toPage>, wire: Wire): Promise<Page> {
  const { verdict, info } = await ask(wire, '6WY101', asked);
  if (verdict === 'notFound')
    return { ACCNO1: asked.ACCNO1, CURR_COD: '01', TOTAL_PAGE: asked.PAGE, PAGE: asked.PAGE, DETAILLIST: [] };
  const rows = info ? children(child(info, 'DETAILLIST') ?? info, 'DETAILINFO') : [];
  const { DETAILLIST: list, ...own } = CcbPageAnswer.schema.properties;
  const page = asAgreed(CcbPageAnswer, {
    ...(info ? picked(info, Object.keys(own)) : {}),
    DETAILLIST: rows.map((row) => picked(row, Object.keys(list.items.properties))),
  });
  if (page.ACCNO1 !== asked.ACCNO1 || page.PAGE !== asked.PAGE)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the page is not the one that was asked for' });
  if (page.DETAILLIST.some((row) => row.TRANDATE.replaceAll('/', '') !== asked.STARTDATE))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'a movement of another day' });
  return page;
}

/** Sends, and reads what may be read. @throws Failure of the table when the bank says no */
async function ask(
  wire: Wire,
  txCode: '6W8010' | '6W8020' | '6W0600' | '6WY101',
  content: Fields,
  transferSn?: string,
) {
  const sn = transferSn ?? questionSnOf(beijingStamp(new Date()), randomInt(100_000_000));
  const mine = { REQUEST_SN: sn, CUST_ID: setting(wire, 'custId'), TX_CODE: txCode };
  const answer = await wire.send({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: formBody('requestXml', requestIn(wire, mine, content)),
  });
  if (answer.status !== 200) throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status}` });
  const root = readGbkXml(answer.body);
  const head = picked(root, ['REQUEST_SN', 'CUST_ID', 'TX_CODE', 'RETURN_CODE', 'RETURN_MSG']);
  if (root.name !== 'TX' || Object.entries(mine).some(([name, value]) => head[name] !== value))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer does not name the request that it answers' });
  const code = head['RETURN_CODE'] ?? '';
  const words = head['RETURN_MSG'] ?? '';
  const verdict = ccbReturns.find(code);
  if (verdict === undefined) throw unmapped(ccbReturns.name, code, undefined, words);
  if (verdict === 'taken') return { verdict, info: child(root, 'TX_INFO') } as const;
  if (verdict === 'duplicate' && transferSn !== undefined) return { verdict, info: undefined } as const;
  if (verdict === 'notFound' && transferSn === undefined) return { verdict, info: undefined } as const;
  if (verdict === 'duplicate' || verdict === 'notFound')
    throw new Failure('OUTCOME_UNKNOWN', { detail: `${code}, to a request that cannot be that` });
  throw new Failure(verdict, { detail: `${code} ${words}`.slice(0, 300), externalCode: code });
}

function requestIn(
  wire: Wire,
  mine: { REQUEST_SN: string; CUST_ID: string; TX_CODE: string },
  content: Fields,
): Buffer {
  const head = elementOf('TX', {
    REQUEST_SN: mine.REQUEST_SN,
    CUST_ID: mine.CUST_ID,
    USER_ID: setting(wire, 'userId'),
    PASSWORD: wire.keys.secret('password'),
    TX_CODE: mine.TX_CODE,
    LANGUAGE: 'CN',
  });
  const empty = (name: string): XmlElement => elementOf(name, {});
  const root = {
    ...head,
    children: [...head.children, elementOf('TX_INFO', content), empty('SIGN_INFO'), empty('SIGNCERT')],
  };
  return gbkOf(`<?xml version="1.0" encoding="GB2312" standalone="yes"?>${xmlText(root)}`);
}
