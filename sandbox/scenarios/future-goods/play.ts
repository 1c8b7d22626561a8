/** What the people of a future goods case do: mill, dealer, keeper. Each scenario plays them until its own turn comes. */
import { createHash } from 'node:crypto';
import { dealers, funder, mill, warehouse, type Dealer } from '../../world.ts';
import { patienceMs, type Stage } from '../scenario.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

export interface FutureCase {
  readonly stage: Stage;
  readonly dealer: Dealer;
  readonly caller: string;
  readonly orderNo: string;
  readonly caseNo: string;
  readonly material: string;
  readonly quantity: string;
  readonly total: string;
}

/** The order in the unit's SAP; half of its price is applied for, so that a falling price is not what the scenario is about. */
export async function open(
  stage: Stage,
  place: number,
  wish: { readonly quantity?: string; readonly amount?: (total: string) => string } = {},
): Promise<FutureCase> {
  const dealer = dealers[place];
  if (!dealer) throw new Error('there is no such dealer');
  const quantity = wish.quantity ?? '1200.500';
  const material = 'HRB400E-12';
  const orderNo = await stage.placeOrder({ dealer: dealer.sapNo, salesOrganization: '4000', material, quantity });
  const amountOf = wish.amount ?? half;
  stage.people(
    orderNo,
    { apply: (usual) => ({ ...usual, amount: amountOf(totalOf(usual)) }), release: () => undefined },
    dealer.sapNo,
  );
  const caseNo = await stage.caseOf(orderNo);
  let total = '';
  await stage.until(`the order ${orderNo} in the books`, async () => {
    const [order] = await stage.rows<{ total: string }>('select total::text from trade_order where case_id = $1', [
      caseNo,
    ]);
    total = order?.total ?? '';
    return order !== undefined;
  });
  return { stage, dealer, caller: `dealer-${Number(dealer.sapNo)}`, orderNo, caseNo, material, quantity, total };
}

/** From the seventy per cent that a dealer asks for as a rule. */
const totalOf = (usual: Record<string, unknown>): string => String(usual['amount']);
const yuan = (fen: bigint): string => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
const fenOf = (text: string): bigint => BigInt(text.replace('.', ''));
const half = (seventy: string): string => `${(fenOf(seventy) * 50n) / 7_000n}.00`;

export const deposit = (it: FutureCase, share = 30n) =>
  it.stage.command('mill', '/v1/deposits', {
    caseNo: it.caseNo,
    depositNo: `DP-${it.caseNo}`,
    seller: { name: mill.name, uscc: mill.uscc },
    amount: yuan((fenOf(it.total) * share) / 100n),
    currency: 'CNY',
    statementRef: `ST-${it.caseNo}`,
    receivedAt: it.stage.now().toISOString(),
  });

const dayFrom = (stage: Stage, days: number): string =>
  new Date(stage.now().getTime() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);

export const undertake = (
  it: FutureCase,
  wish: { readonly refundClause?: boolean; readonly deliverInDays?: number } = {},
) =>
  it.stage.command('mill', '/v1/seller-undertakings', {
    caseNo: it.caseNo,
    undertakingNo: `UT-${it.caseNo}`,
    seller: { name: mill.name, uscc: mill.uscc },
    refundClause: wish.refundClause ?? true,
    deliverBy: dayFrom(it.stage, wish.deliverInDays ?? 90),
    warehouse: warehouse.code,
    documentSha256: sha(`undertaking ${it.caseNo}`),
    ...(wish.refundClause === false ? { reason: '卖方不接受退款条款' } : {}),
  });

/** Until the funder has paid the mill. */
export async function paid(it: FutureCase): Promise<void> {
  await it.stage.until(`the goods of ${it.caseNo} to be paid for`, async () => (await stateOf(it)) === 'PAID');
}

export const stateOf = async ({ stage, caseNo }: FutureCase): Promise<string> =>
  String(
    await stage.value(
      'select f.state from future_goods f join application a on a.no = f.application_no where a.case_id = $1',
      [caseNo],
    ),
  );

export const becomes = (it: FutureCase, state: string) =>
  it.stage.until(`the right of ${it.caseNo} to be ${state}`, async () => (await stateOf(it)) === state);

export const dispatch = (
  it: FutureCase,
  wish: { readonly no?: string; readonly quantity?: string; readonly etaDays?: number } = {},
) =>
  it.stage.command('mill', '/v1/dispatches', {
    caseNo: it.caseNo,
    dispatchNo: `FH${wish.no ?? '1'}-${it.caseNo}`,
    billOfLading: `BL${wish.no ?? '1'}-${it.caseNo}`,
    vehicle: '闽J12345',
    eta: dayFrom(it.stage, wish.etaDays ?? 1),
    insurance: {
      policyNo: `PY-${it.caseNo}`,
      insurer: '沙箱财产保险',
      lossPayee: { name: funder.name, uscc: funder.uscc },
    },
    lines: [{ materialCode: it.material, quantity: wish.quantity ?? it.quantity, unit: 'TNE' }],
  });

export interface Lot {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
}

/** The lots that arrived, once they did. */
export async function arrived(it: FutureCase, lots = 1): Promise<{ readonly lots: Lot[]; readonly receiptNo: string }> {
  let found: (Lot & { receipt: string })[] = [];
  await it.stage.until(`the goods of ${it.caseNo} to arrive`, async () => {
    found = await it.stage.rows(
      `select l.lot_no "lotNo", l.material "materialCode", l.on_hand::text quantity, l.unit, g.receipt_no receipt from stock_lot l
       join goods_receipt g on g.receipt_no = l.goods_receipt_no
       where exists (select from future_move m where m.document_no = g.receipt_no and m.destination = 'received' and m.future_no like '%' || $1) order by g.received_at, l.lot_no`,
      [it.caseNo.replace('CASE-', '')],
    );
    return found.length >= lots;
  });
  return { lots: found.map(({ receipt: _receipt, ...lot }) => lot), receiptNo: found.at(-1)?.receipt ?? '' };
}

export async function inspect(it: FutureCase, lowerPrice?: string, lots = 1): Promise<Lot[]> {
  const came = await arrived(it, lots);
  await it.stage.command('keeper', '/v1/quality-reports', {
    caseNo: it.caseNo,
    reportNo: `QC-${came.receiptNo}`,
    goodsReceiptNo: came.receiptNo,
    lots: came.lots.map(({ lotNo }) =>
      lowerPrice === undefined ? { lotNo, grade: 'asContracted' } : { lotNo, grade: 'lower', price: lowerPrice },
    ),
    documentSha256: sha(`quality ${came.receiptNo}`),
  });
  return came.lots;
}

export const endorse = (it: FutureCase, lots: readonly Lot[]) =>
  it.stage.command(it.caller, '/v1/receipt-endorsements', {
    caseNo: it.caseNo,
    endorsementNo: `BS-${it.caseNo}`,
    pledgee: { name: funder.name, uscc: funder.uscc },
    lots,
    sealSha256: sha(`endorsement ${it.caseNo}`),
  });

export const payBack = (it: FutureCase, amount: string) =>
  it.stage.command('mill', '/v1/seller-refunds', {
    caseNo: it.caseNo,
    refundNo: `TK-${it.caseNo}`,
    amount,
    currency: 'CNY',
  });

/** Where the units are, and that none was lost sight of. */
export async function places(it: FutureCase): Promise<Record<string, string>> {
  const [row] = await it.stage.rows<Record<string, string>>(
    `select f.future::text, f.transit::text, f.received::text, f.receipt::text, f.released::text, f.short::text,
       (f.future + f.transit + f.received + f.receipt + f.released = f.contracted - f.short)::text whole
     from future_line f join future_goods g on g.no = f.future_no join application a on a.no = g.application_no where a.case_id = $1`,
    [it.caseNo],
  );
  return row ?? {};
}

/** The registry's clerk sends a request back as soon as it is there, before another one can enter it. */
export async function sendBack(stage: Stage, requestNo: string, over: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await over())) {
    if (performance.now() > deadline) throw new Error(`${requestNo} could not be sent back`);
    for (let i = 0; i < 10; i += 1) await stage.act('registry-zd', 'refuse', { requestNo });
  }
}

/** Everything up to the goods in the warehouse, inspected. */
export async function toWarehouse(it: FutureCase, wish: { readonly lowerPrice?: string } = {}): Promise<Lot[]> {
  await deposit(it);
  await undertake(it);
  await paid(it);
  await dispatch(it);
  return inspect(it, wish.lowerPrice);
}

export const outcomeOf = async (
  it: { readonly stage: Stage; readonly caseNo: string },
  flow: string,
): Promise<string | undefined> => {
  const [done] = await it.stage.rows<{ outcome: string }>(
    'select outcome from run_done where case_id = $1 and flow = $2 order by finished_at desc limit 1',
    [it.caseNo, flow],
  );
  return done?.outcome;
};

export const ends = (it: { readonly stage: Stage; readonly caseNo: string }, flow: string, outcome: string) =>
  it.stage.until(`${flow} of ${it.caseNo} to end ${outcome}, and it ended`, async () => {
    const is = await outcomeOf(it, flow);
    if (is !== undefined && is !== outcome) throw new Error(`it ended ${is}`);
    return is === outcome;
  });
