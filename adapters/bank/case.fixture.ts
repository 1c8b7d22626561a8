/** One financing of the sandbox's world, message by message: what the tests of the bank hand in. */
import { createHash } from 'node:crypto';
import { dealers, materials, unit, warehouse } from '../../test/twins.ts';
import type { Bench } from '../../test/adapter.ts';

const dealer = dealers[0];
if (!dealer) throw new Error('the world has no dealer');
const borrower = { name: dealer.name, uscc: dealer.uscc };
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const lot = { lotNo: 'LOT-1', materialCode: materials[0].code, quantity: '400.000', unit: 'TNE' };

export const application = {
  applicationNo: 'FA20261123-000001',
  product: 'SPOT_PLEDGE',
  borrower,
  amount: '800000.00',
  currency: 'CNY',
  tenorDays: 90,
  purpose: '支付货款',
  payee: unit.account,
  order: { orderNo: '4500000001', total: '1360000.00', orderDate: '2026-11-20' },
  goods: [
    {
      materialCode: materials[0].code,
      name: materials[0].name,
      quantity: '400.000',
      unit: 'TNE',
      unitPrice: '3400.00',
    },
  ],
  documents: [{ type: 'PURCHASE_CONTRACT', name: '采购合同.pdf', sha256: hash('contract') }],
  verification: { enterprise: 'V-1', agent: 'V-2' },
  openItemsTotal: '-12.50',
};

export const collateral = {
  pledgeNo: 'PL20261123-000001',
  applicationNo: application.applicationNo,
  warehouseReceiptNo: 'WR-1',
  receiptSha256: hash('receipt'),
  registrationNo: 'REG-1',
  supervisor: { name: warehouse.name, uscc: warehouse.uscc },
  lots: [lot],
  value: '1360000.00',
};

export const disbursement = {
  instructionNo: 'PI20261123-000001',
  applicationNo: application.applicationNo,
  funderRef: '',
  loanContractNo: '借字第1号',
  mandateNo: 'MD-1',
  borrower,
  payee: unit.account,
  amount: application.amount,
  currency: 'CNY',
  orderNo: application.order.orderNo,
  postscript: '货款',
};

export const advice = {
  repaymentNo: 'RP20261123-000001',
  loanNo: '',
  amount: '300000.00',
  currency: 'CNY',
  valueDate: '2026-12-23',
  clearingSerial: 'CL-1',
  payer: borrower,
};

export const release = {
  releaseNo: 'RO20261123-000001',
  pledgeNo: collateral.pledgeNo,
  loanNo: '',
  repaymentNo: advice.repaymentNo,
  lots: [{ ...lot, quantity: '100.000' }],
  valueAfter: '1020000.00',
  exposureAfter: '503466.67',
};

export const feedback = {
  feedbackNo: 'FB20261205-000001',
  occasion: 'MONTHLY',
  from: '2026-11-01',
  to: '2026-11-30',
  borrower,
  loanNos: ['LN-1'],
  amounts: [
    { row: 'ORDER', no: '4500000001', date: '2026-11-20', amount: '1360000.00', currency: 'CNY', version: 1 },
    {
      row: 'RECEIVABLE',
      no: '1800000001',
      date: '2026-11-20',
      dueDate: '2027-01-19',
      amount: '126000.50',
      currency: 'CNY',
      status: 'open',
      version: 1,
    },
  ],
  quantities: [
    {
      row: 'DELIVERY',
      no: '0080000001',
      orderNo: '4500000001',
      date: '2026-11-21',
      materialCode: materials[0].code,
      quantity: '400.000',
      unit: 'TNE',
      version: 1,
    },
  ],
  openItemsTotal: '-12.50',
  withheld: [{ part: 'returns', why: 'NOT_HELD' }],
  gaps: [],
  totals: { rows: 3, amount: '1486000.50', quantity: '400.000' },
};

/** Application taken, approved and secured. Answers with the funder's reference. */
export async function approved(hub: Bench, change: { amount?: string } = {}): Promise<string> {
  const taken = await hub.call('bank.applyCredit', { ...application, ...change });
  if (taken.outcome !== 'confirmed') throw new Error(taken.detail);
  await hub.control('POST', 'acts/decide', { applicationNo: application.applicationNo });
  await hub.call('bank.deliverCollateral', collateral);
  return (taken.response as { funderRef: string }).funderRef;
}

/** As above, and paid. Answers with the number of the loan. */
export async function lent(hub: Bench): Promise<string> {
  const funderRef = await approved(hub);
  await hub.call('bank.disburse', { ...disbursement, funderRef });
  await hub.control('POST', 'acts/settle', { instructionNo: disbursement.instructionNo });
  const settled = await hub.call('bank.readSettlement', { no: disbursement.instructionNo });
  if (settled.outcome !== 'confirmed') throw new Error(settled.detail);
  return (settled.response as { response: { loan: { loanNo: string } } }).response.loan.loanNo;
}
