/** The data package (数据包) of an application: what a funder decides on, and that it was passed on. */
import type { Tx } from '../../ledger/lifecycle.ts';
import { disclosing } from '../disclosures.ts';
import type { Applied, Deal } from './deal.ts';

/** The data package: what the funder decides on. */
export function creditRequest({ project, order, dealer, openItemsTotal }: Deal, application: Applied) {
  return {
    applicationNo: application.askedAs,
    product: productOf(project.productType),
    borrower: { name: dealer.name, uscc: dealer.uscc },
    amount: application.amount,
    currency: application.currency,
    tenorDays: application.tenorDays,
    purpose: application.purpose,
    payee: application.payee,
    order: { orderNo: order.orderNo, total: order.total, orderDate: order.orderDate },
    goods: order.lines.map((line) => ({
      materialCode: line.materialCode,
      name: line.description ?? line.materialCode,
      quantity: line.quantity,
      unit: line.unit,
      unitPrice: line.unitPrice,
    })),
    documents: application.documents.map((document) => ({ ...document })),
    verification: application.verification,
    openItemsTotal,
  };
}

/** Receivables are offered to funders (保理), never applied for in this way. */
const productOf = (type: Deal['project']['productType']) => (type === 'FACTORING' ? 'CREDIT' : type);

/** Written down in the transaction that lets it leave. @throws Failure CONSENT_MISSING */
export function disclosingTo({ project, dealer, actor }: Deal, request: object): (tx: Tx) => Promise<void> {
  return disclosing(
    request,
    {
      party: dealer.id,
      recipient: project.funder.name,
      recipientId: project.funder.id,
      purpose: 'financing',
      dataKinds: ['COMPANY', 'ACCOUNT', 'TRADE', 'FINANCE', 'VERIFICATION'],
    },
    actor,
  );
}
