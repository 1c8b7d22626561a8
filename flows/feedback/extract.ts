/**
 * What the ERP of the trading unit holds of one of its customers: orders, deliveries, invoices, what is owed. Read anew for every
 * package. What changed while it was read is read again (增量补拉); what the ERP itself says is missing is said, too.
 */
import type { Message } from '../../contracts/contract.ts';
import { sap, type OpenItems, type OrderSnapshot } from '../../contracts/sap/sap.ts';
import type { Billing, DeliveryStatus } from '../../contracts/sap/documents.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { outboundOf } from '../../ledger/oversight/feedback.ts';
import { billedSince } from './billed.ts';

export interface About {
  readonly erp: string;
  readonly companyCode: string;
  readonly salesOrganization: string;
  readonly customerNo: string;
  readonly borrowerId: string;
  readonly orders: readonly string[];
  readonly from: string;
  readonly to: string;
  /** Whether goods of the borrower are kept by a keeper whom the hub hears. */
  readonly hasGoods: boolean;
}

type Order = Message<typeof OrderSnapshot>;
type Goods = { no: string; date: string; materialCode: string; quantity: string; unit: string };

export interface Extract {
  readonly orders: readonly Order[];
  readonly deliveries: readonly Message<typeof DeliveryStatus>[];
  readonly billings: readonly Message<typeof Billing>[];
  readonly openItems: Message<typeof OpenItems>;
  readonly outbound: readonly Goods[] | undefined;
  readonly gaps: readonly string[];
}

const asksMax = 3;

export async function extract(run: Run, about: About): Promise<Extract> {
  const system = about.erp;
  const began = run.now();
  const orders = new Map<string, Order>();
  const deliveries = new Map<string, Message<typeof DeliveryStatus>>();
  const readOrder = async (orderNo: string) => {
    orders.set(orderNo, await run.call(sap.operations.readOrder, { orderNo }, { system }));
    deliveries.set(orderNo, await run.call(sap.operations.readDeliveryStatus, { orderNo }, { system }));
  };
  for (const orderNo of about.orders) await readOrder(orderNo);
  const billings = await readBillings(run, about);
  const openItems = await run.call(
    sap.operations.readOpenItems,
    { companyCode: about.companyCode, customerNo: about.customerNo, keyDate: businessDate(run.now()) },
    { system },
  );
  const { changed, gap } = await changedSince(run, about, began);
  for (const orderNo of about.orders) if (changed.has(orderNo)) await readOrder(orderNo);
  const outbound = about.hasGoods
    ? await run.record('goods that left the warehouse', (tx) =>
        outboundOf(tx, about.borrowerId, about.from, businessDate(run.now())),
      )
    : undefined;
  return {
    orders: [...orders.values()],
    deliveries: [...deliveries.values()],
    billings,
    openItems,
    outbound,
    gaps: gap === undefined ? [] : [gap],
  };
}

async function readBillings(run: Run, { erp, customerNo, orders, from }: About): Promise<Message<typeof Billing>[]> {
  const numbers = await run.record('what was billed', (tx) => billedSince(tx, { customerNo, orders, from }));
  const billings: Message<typeof Billing>[] = [];
  for (const billingNo of numbers)
    billings.push(await run.call(sap.operations.readBilling, { billingNo }, { system: erp }));
  return billings;
}

/** Orders that changed while the others were read. A gap is asked about again; one that stays is a fact of the package. */
async function changedSince(
  run: Run,
  { erp, salesOrganization }: About,
  began: Date,
): Promise<{ changed: ReadonlySet<string>; gap: string | undefined }> {
  let gap: string | undefined;
  for (let ask = 1; ask <= asksMax; ask += 1) {
    const told = await run.call(
      sap.operations.readChanges,
      { salesOrganization, since: began.toISOString() },
      { system: erp },
    );
    if (told.gap === undefined || ask === asksMax)
      return { changed: new Set(told.changes.map(({ orderNo }) => orderNo)), gap: told.gap };
    gap = told.gap;
    await run.sleep('the gap in what the ERP tells', '30 minutes');
  }
  return { changed: new Set(), gap };
}
