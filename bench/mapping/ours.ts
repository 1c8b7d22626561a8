/** The order as the house maps: a typed function with code tables, between two contracts. */
import { yuanOf } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../../mappings/codes/codeTable.ts';
import { codes, KeptOrder, VendorOrder } from './order.ts';

const source = 'made for this bench';
const currencies = codeTable('bench.order.currency', source, codes.currency);
const types = codeTable('bench.order.type', source, codes.type);
const statuses = codeTable('bench.order.status', source, codes.status);
const deliveryTerms = codeTable('bench.order.delivery', source, codes.delivery);
const paymentTerms = codeTable('bench.order.payment', source, codes.payment);
const units = codeTable('bench.order.unit', source, codes.unit);

export const ours = mapping('bench.vendor.order', VendorOrder, KeptOrder, (order) => ({
  orderNo: order.ORDER_NO,
  type: types.of(order.ORDER_TYPE, '#/ORDER_TYPE'),
  status: statuses.of(order.STATUS, '#/STATUS'),
  orderDate: dateOf(order.CREATED_ON),
  changedAt: instantOf(order.CHANGED_AT),
  currency: currencies.of(order.CURRENCY, '#/CURRENCY'),
  total: yuan(order.TOTAL_FEN),
  tax: yuan(order.TAX_FEN),
  freight: yuan(order.FREIGHT_FEN),
  discount: yuan(order.DISCOUNT_FEN),
  buyer: partyOf(order.BUYER),
  seller: partyOf(order.SELLER),
  delivery: {
    warehouseCode: order.DELIVERY.WAREHOUSE,
    province: order.DELIVERY.PROVINCE,
    city: order.DELIVERY.CITY,
    address: order.DELIVERY.ADDRESS,
    terms: deliveryTerms.of(order.DELIVERY.TERMS, '#/DELIVERY/TERMS'),
    from: dateOf(order.DELIVERY.FROM),
    to: dateOf(order.DELIVERY.TO),
  },
  payment: {
    terms: paymentTerms.of(order.PAYMENT.TERMS, '#/PAYMENT/TERMS'),
    days: Number(order.PAYMENT.DAYS),
    account: {
      accountName: order.PAYMENT.ACCT_NAME,
      accountNo: order.PAYMENT.ACCT_NO,
      bankName: order.PAYMENT.BANK_NAME,
      bankCode: order.PAYMENT.CNAPS,
    },
  },
  contractNo: order.CONTRACT_NO,
  projectNo: order.PROJECT_NO,
  ...(order.REMARK === undefined ? {} : { remark: order.REMARK }),
  salesOrganization: order.SALES_ORG,
  channel: order.CHANNEL,
  version: Number(order.VERSION),
  urgent: order.URGENT === 'Y',
  lines: order.LINES.map((line, index) => ({
    lineNo: line.LINE_NO,
    materialCode: line.MATNR,
    name: line.NAME,
    quantity: quantityOf(line.QTY),
    unit: units.of(line.UOM, `#/LINES/${index}/UOM`),
    unitPrice: yuan(line.PRICE_FEN),
    amount: yuan(line.AMOUNT_FEN),
    dueDate: dateOf(line.DUE),
  })),
}));

type VendorParty = Message<typeof VendorOrder>['BUYER'];

function partyOf(party: VendorParty) {
  return {
    externalNo: party.NO,
    name: party.NAME,
    uscc: party.USCC,
    contact: party.CONTACT,
    phone: party.PHONE,
  };
}

function yuan(fen: string): string {
  return yuanOf(BigInt(fen));
}

function quantityOf(thousandths: string): string {
  const digits = thousandths.padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

function dateOf(day: string): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}

function instantOf(stamp: string): string {
  return `${dateOf(stamp.slice(0, 8))}T${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12)}+08:00`;
}
