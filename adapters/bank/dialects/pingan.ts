/**
 * Ping An Bank (平安银行) B2Bi: GBK XML behind a header, over TCP, one connection for each request. The bank keeps a
 * transfer under our number for ever; sent again it is not paid again but refused as a duplicate, and then the bank is
 * asked which transfer it has under that number. Nothing is told by the bank of its own accord: results are read.
 */
import { randomInt } from 'node:crypto';
import type { bank } from '../../../contracts/bank/bank.ts';
import {
  PinganPageAnswer,
  PinganTransferState,
  PinganTransferTaken,
  type PinganTransfer,
} from '../../../contracts/bank/pingan.wire.ts';
import type { Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { children, type XmlElement } from '../../../contracts/gate/xml.ts';
import { unmapped } from '../../../mappings/codes/codeTable.ts';
import { dayOf } from '../../../mappings/bank/open.forms.ts';
import { pinganHeads } from '../../../mappings/bank/pingan.codes.ts';
import * as map from '../../../mappings/bank/pingan.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { elementOf, gbkOf, picked, readGbkXml, xmlText, type Fields } from './gbkXml.ts';
import { answerTo, pinganFrame, requestOf, wordsOf, type SignAlgorithm } from './pinganFrame.ts';
import { asAgreed, beijingStamp, inOrder, read, setting } from './direct.ts';

/** The bank takes up to 1000; the gate takes 20 000 elements, and a row has some thirty. */
const rowsDefault = 200;
const pagesMax = 200;

type State = Message<typeof PinganTransferState>;

export const pinganDialect: Dialect<typeof bank> = {
  operations: {
    async disburse(payment, wire) {
      const transfer = map.toTransfer({ payment, payer: payerOf(wire) });
      const { verdict, body } = await ask(wire, '4004', transfer);
      if (verdict === 'duplicate') return takenBefore(transfer, wire);
      const taken = read(PinganTransferTaken, body);
      if (
        taken.ThirdVoucher !== transfer.ThirdVoucher ||
        taken.TranAmount !== transfer.TranAmount ||
        taken.InAcctNo !== transfer.InAcctNo
      )
        throw new Failure('ANSWER_UNVERIFIED', { detail: 'the bank took another transfer than was ordered' });
      return map.transferTaken(taken);
    },

    async queryDisbursement({ no }, wire) {
      const state = await stateOf(no, wire);
      return state ? map.transferEnquiry(state) : { outcome: 'notFound' };
    },

    async readSettlement({ no }, wire) {
      const state = await stateOf(no, wire);
      return state ? map.settlementEnquiry(state) : { outcome: 'notFound' };
    },

    async readStatement({ accountNo, date }, wire) {
      const rows = Number(wire.system.settings['statementRows'] ?? rowsDefault);
      const list: Row[] = [];
      for (let page = 1; page <= pagesMax; page += 1) {
        const answer = await pageOf(map.toPage({ accountNo, date, page, rows }), wire);
        list.push(...answer.list);
        if (answer.EndFlag === 'Y') {
          const today = beijingStamp(wire.now()).slice(0, 8);
          const once = inOrder(list, (row) => row.HostTrace);
          return map.statementOf({ AcctNo: accountNo, date: dayOf(date), today, list: once });
        }
      }
      throw new Failure('OUTCOME_UNKNOWN', { detail: `more than ${pagesMax} pages` });
    },
  },
};

type Row = Message<typeof PinganPageAnswer>['list'][number];

/** A duplicate was taken before. Whether it is this one the bank must say; that it does not answer says nothing new. */
async function takenBefore(transfer: Message<typeof PinganTransfer>, wire: Wire): Promise<{ bankNo: string }> {
  const state = await stateOf(transfer.ThirdVoucher, wire).catch((cause: unknown) => {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'a duplicate, and the query for it failed', cause });
  });
  if (!state) throw new Failure('OUTCOME_UNKNOWN', { detail: 'a duplicate of which the bank knows nothing' });
  const same = (['OutAcctNo', 'InAcctNo', 'TranAmount', 'CcyCode'] as const).every(
    (field) => state[field] === transfer[field],
  );
  if (!same) throw new Failure('IDEMPOTENCY_CONFLICT', { detail: 'the bank has another transfer under this number' });
  return { bankNo: state.FrontLogNo };
}

async function stateOf(voucher: string, wire: Wire): Promise<State | undefined> {
  const { verdict, body } = await ask(wire, '4005', { OrigThirdVoucher: voucher });
  if (verdict === 'notFound') return undefined;
  const state = read(PinganTransferState, body);
  if (state.OrigThirdVoucher !== voucher)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about another transfer' });
  return state;
}

async function pageOf(asked: ReturnType<typeof map.toPage>, wire: Wire): Promise<Message<typeof PinganPageAnswer>> {
  const { verdict, body } = await ask(wire, '4013', asked);
  const empty = { AcctNo: asked.AcctNo, CcyCode: asked.CcyCode, EndFlag: 'Y', PageNo: asked.PageNo, PageRecCount: '0' };
  if (verdict === 'notFound') return { ...empty, list: [] };
  const { properties } = PinganPageAnswer.schema.properties.list.items;
  const list = body ? children(body, 'list').map((row) => picked(row, Object.keys(properties))) : [];
  const page = asAgreed(PinganPageAnswer, { ...(body ? picked(body, Object.keys(empty)) : {}), list });
  if (page.AcctNo !== asked.AcctNo || page.PageNo !== asked.PageNo || Number(page.PageRecCount) !== page.list.length)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the page is not the one that was asked for' });
  if (page.list.some((row) => row.AcctDate !== asked.BeginDate))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'a movement of another day' });
  return page;
}

/** Sends, and reads what may be read. @throws Failure of the table when the bank says no */
async function ask(wire: Wire, txCode: '4004' | '4005' | '4013', fields: Fields) {
  const algorithm = setting(wire, 'signAlgorithm') as SignAlgorithm;
  const stamp = beijingStamp(new Date());
  const asked = {
    corpCode: setting(wire, 'corpCode'),
    operator: setting(wire, 'operator'),
    txCode,
    serial: stamp + String(randomInt(1_000_000)).padStart(6, '0'),
    stamp,
    body: gbkOf(`<?xml version="1.0" encoding="GBK"?>${xmlText(elementOf('Result', fields))}`),
  };
  const request = requestOf(asked, algorithm, wire.keys);
  const bytes = await wire.sendFramed({ request, frame: pinganFrame, label: txCode });
  const { header, body } = answerTo(asked, bytes, algorithm, wire.keys);
  const verdict = pinganHeads.find(header.returnCode);
  if (verdict === undefined) throw unmapped(pinganHeads.name, header.returnCode, undefined, wordsOf(header));
  if (verdict === 'taken') return { verdict, body: body.length === 0 ? undefined : resultIn(body) } as const;
  if (verdict === 'duplicate' && txCode === '4004') return { verdict, body: undefined } as const;
  if (verdict === 'notFound' && txCode !== '4004') return { verdict, body: undefined } as const;
  const detail = `${header.returnCode} ${wordsOf(header)}`.slice(0, 300);
  if (verdict === 'duplicate' || verdict === 'notFound')
    throw new Failure('OUTCOME_UNKNOWN', { detail: `${detail}, to a request that cannot be that` });
  throw new Failure(verdict, { detail, externalCode: header.returnCode });
}

function resultIn(body: Buffer): XmlElement {
  const root = readGbkXml(body);
  if (root.name !== 'Result') throw new Failure('ANSWER_UNVERIFIED', { detail: 'the body is no Result' });
  return root;
}

function payerOf(wire: Wire) {
  return {
    accountNo: wire.keys.secret('payer-account'),
    accountName: setting(wire, 'payerAccountName'),
    bankCode: setting(wire, 'payerBankCode'),
  };
}
