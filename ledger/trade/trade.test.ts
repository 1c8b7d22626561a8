import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bringFactoring, claim, confirmed, passFactoring, sums } from '../financing/factoring.fixture.ts';
import { submitApplication } from '../financing/applications.ts';
import { accounts, actor, books, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { decide } from '../oversight/approvals.ts';
import { draftCertificate, issueCertificate, transferCertificate } from './certificates.ts';
import { approveConfirmation, confirmReceivable, refuseConfirmation, requestConfirmation } from './confirmations.ts';
import { changeContract } from './contracts.ts';
import { certificateOf } from './factoringAttacks.fixture.ts';
import { invoiceKey, recordCheck, releaseInvoices, useInvoice } from './invoices.ts';
import { recordDelivery, recordOrder, recordOrderPayment } from './orders.ts';
import { closeReceivable, fileReceivable, recordCollection, reduceReceivable } from './receivables.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => the.store.tx(work);
const state = (entity: Parameters<typeof stateOf>[1], id: string) => inTx((tx) => stateOf(tx, entity, id));
const one = async <T extends object>(text: string, ...values: unknown[]): Promise<T | undefined> =>
  (await the.store.pool.query<T>(text, values)).rows[0];

test('two trading units may have orders of the same number, each financed once', async () => {
  const deal = await the.bring('ordered');
  const line = {
    lineNo: '10',
    materialCode: 'HRB400',
    quantity: '1.000',
    unit: 'TNE',
    unitPrice: '50.00',
    amount: '50.00',
  };
  const order = { orderNo: deal.orderNo, orderDate: '2026-11-20', currency: 'CNY', total: '50.00', lines: [line] };
  const applying = (no: string, caseId: string, amount: string) => (tx: Tx) =>
    submitApplication(
      tx,
      {
        no,
        caseId,
        orderNo: deal.orderNo,
        borrower: the.dealer,
        funder: the.funder,
        amount,
        currency: 'CNY',
        tenorDays: 90,
        purpose: '采购',
        payeeAccount: accounts.unit,
      },
      actor,
    );
  await inTx(async (tx) => {
    await tx.query("insert into cases (id, key, title) values ('CASE-other', 'other', '现货质押')");
    const erp = { total: order.total, currency: 'CNY', buyerNo: '17101', lines: order.lines };
    await recordOrder(tx, { ...order, caseId: 'CASE-other', sellerNo: '1720', buyer: the.dealer }, erp, {
      buyerNo: '17101',
    });
  });
  await inTx(applying('AP-1710', deal.caseId, '1000.00'));
  expect(await refusal(inTx(applying('AP-1720', 'CASE-other', '50.01')))).toBe('LIMIT_INSUFFICIENT');
  await inTx(applying('AP-1720', 'CASE-other', '50.00'));
  expect(await refusal(inTx(applying('AP-1720b', 'CASE-other', '10.00')))).toBe('ASSET_ALREADY_LOCKED');
});

test('only what is unpaid of an order is financed, and a delivery keeps the first signature', async () => {
  const deal = await the.bring('ordered');
  await inTx((tx) => recordOrderPayment(tx, '1710', deal.orderNo, '4081600.00'));
  expect(await refusal(the.advance(deal, 'applied'))).toBe('LIMIT_INSUFFICIENT');
  const delivery = {
    sellerNo: '1710',
    deliveryNo: 'D-1',
    orderNo: deal.orderNo,
    shippedAt: new Date('2026-11-21'),
    lines: [],
  };
  await inTx((tx) => recordDelivery(tx, delivery));
  await inTx((tx) => recordDelivery(tx, { ...delivery, signedAt: new Date('2026-11-22') }));
  await inTx((tx) => recordDelivery(tx, { ...delivery, signedAt: new Date('2026-11-23') }));
  expect(await one("select signed_at from delivery where delivery_no = 'D-1'")).toEqual({
    signed_at: new Date('2026-11-22'),
  });
});

test('twelve digits and eight are never taken for twenty', () => {
  expect(invoiceKey({ code: '263520000012', no: '34567890' })).toBe('263520000012-34567890');
  expect(invoiceKey({ no: '26352000001234567890' })).toBe('26352000001234567890');
});

test('an invoice that is flushed red after it was used says how much is not covered any more', async () => {
  const f = await bringFactoring(the, 'filed');
  const check = (status: 'PARTIALLY_RED' | 'UNKNOWN' | 'RED_FLUSHED', redAmount: string) =>
    inTx((tx) => recordCheck(tx, f.invoiceNo, { status, redAmount, serial: 'T-9', checkedAt: new Date() }, actor));
  expect(await check('PARTIALLY_RED', '30000.00')).toBe('30000.00');
  expect(await check('UNKNOWN', '0.00')).toBe('30000.00');
  expect(await refusal(inTx((tx) => useInvoice(tx, f.invoiceNo, f.receivableNo, '0.01', actor)))).toBe(
    'INVOICE_EXHAUSTED',
  );
  expect(await check('RED_FLUSHED', sums.gross)).toBe(sums.gross);
  expect(await state('invoice', f.invoiceNo)).toBe('VOIDED');
  await inTx((tx) => releaseInvoices(tx, f.receivableNo, actor));
  expect(await one('select used_amount, uncovered_amount from invoice where key = $1', f.invoiceNo)).toEqual({
    used_amount: '0.00',
    uncovered_amount: '0.00',
  });
});

test('an invoice serves several claims until it is used up', async () => {
  const f = await bringFactoring(the, 'checked');
  const file = (no: string, amount: string) =>
    inTx((tx) =>
      fileReceivable(tx, { ...claim(f), no: f.receivableNo + no, invoices: [{ key: f.invoiceNo, amount }] }, actor),
    );
  await file('a', '1000000.00');
  expect(await refusal(file('b', '130000.01'))).toBe('INVOICE_EXHAUSTED');
  await file('b', '130000.00');
});

test('one person confirms nothing, and what changed since it was proposed is not confirmed', async () => {
  const f = await bringFactoring(the, 'made');
  const sign = { approval: f.approval, signature: 'c2ln', certSerial: '01' };
  const confirm = (tx: Tx) => confirmReceivable(tx, f.confirmationNo, sign, actor);
  expect(await refusal(inTx(confirm))).toBe('SAME_PERSON_APPROVAL');
  expect(await refusal(inTx((tx) => decide(tx, f.approval, 'approve', '甲', actor)))).toBe('SAME_PERSON_APPROVAL');
  await inTx((tx) => decide(tx, f.approval, 'approve', '乙', actor));
  await the.store.pool.query('update confirmation set waiver = false where no = $1', [f.confirmationNo]);
  expect(await refusal(inTx(confirm))).toBe('APPROVAL_STALE');
  await the.store.pool.query('update confirmation set waiver = true where no = $1', [f.confirmationNo]);
  await inTx(confirm);
  expect(await state('receivable', f.receivableNo)).toBe('CONFIRMED');
});

test('a claim that the debtor rejects frees its invoices', async () => {
  const f = await bringFactoring(the, 'claimed');
  await inTx((tx) => refuseConfirmation(tx, f.confirmationNo, 'reject', '货未验收', actor));
  expect(await state('receivable', f.receivableNo)).toBe('REJECTED');
  expect(await one('select used_amount from invoice where key = $1', f.invoiceNo)).toEqual({ used_amount: '0.00' });
});

test('a credit note makes a new version that must be confirmed anew, and none under a financing', async () => {
  const f = await bringFactoring(the, 'confirmed');
  const { grossAmount, dueDate, payAccount } = claim(f);
  const terms = { grossAmount, deductions: '130000.00', dueDate, payAccount };
  await inTx((tx) => reduceReceivable(tx, f.receivableNo, terms, '退货', actor));
  expect(await refusal(passFactoring(the, f, ['applied']))).toBe('LIMIT_INSUFFICIENT');
  const no = `${f.confirmationNo}-2`;
  await inTx((tx) => requestConfirmation(tx, no, f.receivableNo, actor));
  await inTx((tx) => move(tx, 'confirmation', no, 'claim', actor, { claimed_by: '甲' }));
  expect(await refusal(inTx((tx) => approveConfirmation(tx, no, confirmed, '甲', actor)))).toBe('CONTRACT_VIOLATED');
  const approval = await inTx((tx) => approveConfirmation(tx, no, { ...confirmed, amount: '1000000.00' }, '甲', actor));
  await inTx((tx) => decide(tx, approval, 'approve', '乙', actor));
  await inTx((tx) => confirmReceivable(tx, no, { approval, signature: 'c2ln', certSerial: '01' }, actor));
  expect(await refusal(passFactoring(the, f, ['applied']))).toBe('LIMIT_INSUFFICIENT');
  const financed = await bringFactoring(the, 'applied');
  const reduce = (tx: Tx) => reduceReceivable(tx, financed.receivableNo, terms, '退货', actor);
  expect(await refusal(inTx(reduce))).toBe('ILLEGAL_TRANSITION');
});

test('a change of the contract names the assigned receivables that it is told for, and no others', async () => {
  const f = await bringFactoring(the, 'assigned');
  const free = await bringFactoring(the, 'confirmed');
  const terms = {
    amount: '4000000.00',
    currency: 'CNY',
    signedOn: '2026-10-12',
    sealed: true,
    fileSha256: 'c'.repeat(64),
  };
  expect(await inTx((tx) => changeContract(tx, f.contractId, terms))).toEqual([f.receivableNo]);
  expect(await inTx((tx) => changeContract(tx, free.contractId, terms))).toEqual([]);
  const changes = await one('select version, receivable_no from contract_change where contract_id = $1', f.contractId);
  expect(changes).toEqual({ version: 2, receivable_no: f.receivableNo });
});

test('a receivable is collected when all is there that was confirmed', async () => {
  const f = await bringFactoring(the, 'assigned');
  await inTx((tx) => move(tx, 'receivable', f.receivableNo, 'mature', actor));
  await inTx((tx) => recordCollection(tx, f.receivableNo, '1000000.00', actor));
  expect(await state('receivable', f.receivableNo)).toBe('MATURED');
  await inTx((tx) => recordCollection(tx, f.receivableNo, '100000.00', actor));
  await inTx((tx) => closeReceivable(tx, f.receivableNo, actor));
  expect(await state('receivable', f.receivableNo)).toBe('CLOSED');
});

test('a certificate of a confirmed debt goes from hand to hand', async () => {
  const f = await bringFactoring(the, 'confirmed');
  const certificate = certificateOf(f);
  await inTx((tx) => draftCertificate(tx, certificate, actor));
  await inTx((tx) => issueCertificate(tx, certificate.no, { issuer: 'aQ==', platform: 'cA==' }, actor));
  await inTx((tx) => move(tx, 'receivable_certificate', certificate.no, 'accept', actor));
  await inTx((tx) => transferCertificate(tx, certificate.no, f.others[0], actor));
  expect(await one('select holder_id, state from receivable_certificate where no = $1', certificate.no)).toEqual({
    holder_id: f.others[0],
    state: 'HELD',
  });
});
