/**
 * CMB's cloud direct connection (招商银行云直连): payments and account movements, and nothing else that a funder does. The
 * bank never calls; it is asked. Its one safeguard against paying twice is the reference (业务参考号), and its trap is what
 * it says to a reference that it has: `FIN` with `F`, as if the payment had failed.
 */
import type { TSchema } from 'typebox';
import type { bank } from '../../../contracts/bank/bank.ts';
import { CmbHead, CmbLine, CmbPage, CmbPayment, CmbPayTaken, CmbReturn } from '../../../contracts/bank/cmb.wire.ts';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { headCodes, payCodes, refusalOf } from '../../../mappings/bank/cmb.codes.ts';
import * as map from '../../../mappings/bank/cmb.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { isObject, openAnswer, requestOf, setting, unverified, type Json } from './cmbEnvelope.ts';

type Payment = Message<typeof CmbPayment>;

const linesMax = 5000;
const pagesMax = 400;
const hourMs = 3_600_000;

export const cmbDialect: Dialect<typeof bank> = {
  operations: {
    async disburse(request, wire) {
      const body = map.toPay({
        disbursement: request,
        debitAccount: wire.keys.secret('payer-account'),
        mode: setting(wire, 'mode'),
      });
      const [row] = rowsOf(CmbPayTaken, await call(wire, 'BB1PAYOP', body), 'bb1payopz1');
      if (!row) throw unknown('the answer to the payment has no row');
      const said = payCodes.of(row.errCod, '#/errCod');
      if (said === 'taken') return map.payTaken(row);
      if (said === 'duplicate') return takenBefore(body.bb1payopx1[0], wire);
      throw refusalOf(said, row.errCod, row.errTxt ?? '');
    },
    async queryDisbursement({ no }, wire) {
      const payment = await paymentBy(no, wire);
      return payment ? map.paymentEnquiry(payment) : { outcome: 'notFound' };
    },
    async readSettlement({ no }, wire) {
      const payment = await paymentBy(no, wire);
      if (!payment) return { outcome: 'notFound' };
      const returned = map.isReturned(payment) ? await returnOf(payment, wire) : undefined;
      return map.settlementEnquiry({ payment, ...(returned ? { returned } : {}) });
    },
    readStatement,
  },
};

type Row = NonNullable<ReturnType<typeof map.toPay>['bb1payopx1'][0]>;

/** The reference was used before: by us for this, or for something else. What the bank holds decides, not the `F` beside it. */
async function takenBefore(row: Row | undefined, wire: Wire): Promise<{ bankNo: string }> {
  if (!row) throw new Error('a payment has a row');
  const payment = await paymentBy(row.yurRef, wire).catch((cause: unknown) => {
    // Whatever went wrong with asking is no statement about the payment any more: one of this number was taken.
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: 'the reference was used before, and the query for it failed',
      cause,
    });
  });
  if (!payment) throw unknown('the bank calls it a duplicate of a payment that it does not show');
  const { outcome, response } = map.paymentEnquiry(payment) as { outcome: string; response: { bankNo: string } };
  const same =
    sameAmount(payment.trsAmt, row.trsAmt) &&
    payment.crtAcc === row.crtAcc &&
    payment.crtNam === row.crtNam &&
    payment.dbtAcc === row.dbtAcc;
  if (!same || outcome !== 'confirmed')
    throw new Failure('IDEMPOTENCY_CONFLICT', { detail: 'the bank holds another payment under this reference' });
  return response;
}

/** `"10"`, `"10.0"` and `"10.00"` are one amount. */
function sameAmount(theirs: string, ours: string): boolean {
  const [whole = '', cents = ''] = theirs.split('.');
  return `${whole}.${cents.padEnd(2, '0')}` === ours;
}

async function paymentBy(yurRef: string, wire: Wire): Promise<Payment | undefined> {
  const rows = rowsOf(
    CmbPayment,
    await call(wire, 'BB1PAYQR', { bb1payqrx1: [{ busCod: 'N02030', yurRef }] }),
    'bb1payqrz1',
  );
  if (rows.length > 1 || rows.some((row) => row.yurRef !== yurRef)) throw unknown('the answer is about other payments');
  return rows[0];
}

/** Only the list of returns says when and why. Until it shows this one, the payment is under way back. */
async function returnOf(payment: Payment, wire: Wire): Promise<Message<typeof CmbReturn>> {
  const asked = {
    bbkNbr: setting(wire, 'branch'),
    accNbr: payment.dbtAcc,
    bgnDat: payment.oprDat,
    endDat: dayAt(wire.now()),
    reqNbr: payment.reqNbr,
  };
  const rows = rowsOf(CmbReturn, await call(wire, 'BB1PAYQB', { bb1payqby1: [asked] }), 'bb1payqbz1');
  const found = rows.find((row) => row.yurRef === payment.yurRef && row.reqNbr === payment.reqNbr);
  if (!found) throw unknown('the payment is returned, and the list of returns does not show it');
  return found;
}

/** From the last sequence number that came (断点续查) until there is no more. Half a day is no statement: all or nothing. */
async function readStatement({ accountNo, date }: { accountNo: string; date: string }, wire: Wire) {
  const day = date.replaceAll('-', '');
  const lines: Message<typeof CmbLine>[] = [];
  let next = 0;
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { bbknbr: setting(wire, 'branch'), accnbr: accountNo, trsdat: day, trsseq: String(next) };
    const body = await call(wire, 'DCTRSINF', asked);
    const [head] = rowsOf(CmbPage, body, 'ntrbptrsz1');
    if (!head) throw unknown('a page without its head');
    const rows = rowsOf(CmbLine, body, 'ntqactrsz2');
    const announced = Number.parseInt(head.dbtnbr, 10) + Number.parseInt(head.crtnbr, 10);
    if (announced !== rows.length) throw unknown(`a page of ${announced} movements with ${rows.length} of them`);
    if (rows.some(({ etydat }) => etydat !== day)) throw unknown('a movement of another day');
    lines.push(...rows);
    if (lines.length > linesMax) break;
    if (head.cotflg === 'N')
      return map.statementOf({ accnbr: accountNo, day: date, closed: day < dayAt(wire.now()), lines });
    const last = Number.parseInt(head.trsseq, 10);
    if (last < next) throw unknown('the sequence numbers go back');
    next = last + 1;
  }
  throw unknown(`a statement of more than ${linesMax} lines`);
}

/** Body of an answer that is the bank's answer to this. */
async function call(wire: Wire, funcode: string, body: Json): Promise<Json> {
  const { reqid, form } = requestOf(wire, funcode, body);
  const answer = await wire.send({
    method: 'POST',
    path: '/cdcserver/api/v2',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: form,
  });
  if (answer.status !== 200) throw unknown(`HTTP ${answer.status} after the request was sent`);
  const { head, body: said } = believed(() => {
    const response = openAnswer(answer.body, wire);
    return { head: known(CmbHead, response['head']), body: response['body'] ?? null };
  });
  const mine = head.reqid === reqid && head.funcode === funcode && head.userid === setting(wire, 'userId');
  if (!mine) throw unverified('the answer is to another request');
  const row = headCodes.of(head.resultcode, '#/head/resultcode');
  if (row !== 'run') throw refusalOf(row, head.resultcode, head.resultmsg ?? '');
  return said;
}

/** After something was sent, no defect of an answer says that nothing happened: each is an unknown outcome. */
function believed<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (isFailure(thrown) && thrown.type !== 'ANSWER_UNVERIFIED')
      throw unverified('an answer that cannot be read', thrown);
    throw thrown;
  }
}

/** Rows of a list in an answer; a list that is not there has none. */
function rowsOf<S extends TSchema>(contract: Contract<S>, body: Json, name: string): Message<Contract<S>>[] {
  const rows = isObject(body) ? (body[name] ?? []) : [];
  if (!Array.isArray(rows)) throw unknown(`${name} is no list`);
  return rows.map((row) => known(contract, row));
}

/** Only the fields that we know: the bank may add others at any time. */
function known<S extends TSchema>(contract: Contract<S>, value: unknown): Message<Contract<S>> {
  if (!isObject(value)) return contract.check(value);
  const names = Object.keys((contract.schema as unknown as { properties: object }).properties);
  return contract.check(
    Object.fromEntries(names.flatMap((name) => (Object.hasOwn(value, name) ? [[name, value[name]]] : []))),
  );
}

function dayAt(now: Date): string {
  return new Date(now.getTime() + 8 * hourMs).toISOString().slice(0, 10).replaceAll('-', '');
}

function unknown(detail: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail });
}
