/** What the cases of SAP stand on: documents that its clerks make, and answers that say something else. */
import type { Ground } from '../ground.ts';
import { type Answer, type Posted, type TableSubject } from '../subject.ts';
import { sixDigits, tells, valueAt } from '../telling.ts';

export const orderNo = (turn: number) => String(4_600_000_000 + turn);

const documents = { quiet: true };

export const placed = (ground: Ground, turn: number, more: object = {}) =>
  ground.act('placeOrder', { orderNo: orderNo(turn), quantity: `${100 + turn}.000`, ...more });

interface Memory {
  readonly orders: Readonly<Record<string, { readonly docnum: string }>>;
  readonly deliveries: object;
  readonly billings: object;
}

async function memoryOf(ground: Ground): Promise<Memory> {
  return ((await ground.bench.control('GET', 'state')) as { memory: Memory }).memory;
}

/** Two orders, dealt with by an act each; asks about what the act made, in turns. */
export const two =
  (act: string | undefined, made: 'orders' | 'deliveries' | 'billings', field: string) => async (ground: Ground) => {
    for (const turn of [1, 2]) {
      await placed(ground, turn, documents);
      if (act !== undefined) {
        ground.holdPosts();
        await ground.act(act, { orderNo: orderNo(turn) });
      }
    }
    const numbers = Object.keys((await memoryOf(ground))[made]);
    return (turn: number) => ({ [field]: numbers[turn % 2] ?? '' });
  };

/** Two sales organizations with two pages each. */
export async function changes(ground: Ground) {
  await ground.act('pageBy', { rows: 2 });
  for (const turn of [1, 2, 3, 4, 5, 6, 7])
    await placed(ground, turn, {
      ...documents,
      salesOrganization: turn % 2 === 0 ? '2000' : '1000',
      changedAt: `2026-11-23T01:0${turn}:00.000Z`,
    });
  return (turn: number) => ({
    salesOrganization: turn % 2 === 0 ? '2000' : '1000',
    since: '2026-11-23T09:00:00+08:00',
  });
}

export const clearing = (turn: number) => ({
  clearingNo: sixDigits('RP', turn),
  companyCode: '1000',
  customerNo: turn % 2 === 0 ? '17101' : '17102',
  documentNo: '1800000001',
  amount: `${turn}.10`,
  currency: 'CNY',
  postingDate: '2026-11-23',
});

export async function clearings(ground: Ground) {
  for (const turn of [1, 2]) await ground.confirmed('postClearing', clearing(turn));
  return (turn: number) => ({ no: clearing(1 + (turn % 2)).clearingNo });
}

/** An IDoc of SAP, not confirmed yet. */
async function idoc(ground: Ground, turn: number) {
  await placed(ground, turn, documents);
  const messageNo = (await memoryOf(ground)).orders[orderNo(turn)]?.docnum ?? '';
  return { messageNo, message: 'order', verdict: turn % 2 === 0 ? 'accepted' : 'rejected', reason: '已登记' };
}

export const unconfirmed = async (ground: Ground) => (turn: number) => idoc(ground, turn);

export async function confirmed(ground: Ground) {
  const all = [await idoc(ground, 1), await idoc(ground, 2)];
  for (const each of all) await ground.confirmed('acknowledgeIdoc', each);
  return (turn: number) => ({ no: all[turn % 2]?.messageNo ?? '' });
}

export const told =
  (act: string, mark: string, args: object = {}) =>
  async (ground: Ground, turn: number) => {
    await placed(ground, turn, documents);
    await ground.act(act, { orderNo: orderNo(turn), ...args });
    return (posted: Posted) => posted.body.includes(orderNo(turn)) && posted.body.includes(mark);
  };

/** Fields of the answer, wherever they stand. */
const fields =
  (values: (code: string) => Readonly<Record<string, string>>) =>
  (code: string, genuine: Answer): Answer => {
    let xml = genuine.body.toString();
    for (const [name, value] of Object.entries(values(code)))
      xml = xml.replaceAll(new RegExp(`<${name}>[^<]*</${name}>`, 'g'), `<${name}>${value}</${name}>`);
    return { ...genuine, body: Buffer.from(xml) };
  };

const property =
  (name: string) =>
  (code: string, genuine: Answer): Answer => ({
    ...genuine,
    body: Buffer.from(genuine.body.toString().replace(new RegExp(`("${name}":)"[^"]*"`), `$1"${code}"`)),
  });

export const tables: Record<string, TableSubject> = {
  'sap.s4.currency': {
    by: 'answer',
    operation: 'readOrder',
    give: fields((code) => ({ CURRENCY: code, CURREN_ISO: code })),
    wrong: tells('currency'),
    unmapped: 'QQQ',
  },
  'sap.s4.delivery-status': {
    by: 'answer',
    operation: 'readOrder',
    give: fields((code) => ({ DLV_STAT_H: code })),
    wrong: tells('status'),
    unmapped: 'Z',
  },
  'sap.s4.unit': {
    by: 'answer',
    operation: 'readOrder',
    give: fields((code) => ({ SALES_UNIT: code, ISOCODUNIT: code, COND_UNIT: code })),
    // Goods are pledged by the tonne: other units of mass are turned into it.
    wrong: (outcome, row) =>
      outcome.outcome === 'confirmed' && [row, 'TNE'].includes(valueAt(outcome.response, 'lines.0.unit'))
        ? undefined
        : 'is another unit',
    unmapped: 'TON',
  },
  'sap.s4.return-type': {
    by: 'answer',
    operation: 'readOpenItems',
    give: fields((code) => ({ TYPE: code, CODE: 'FN021' })),
    wrong: (outcome, row) =>
      outcome.outcome === (row === 'done' ? 'confirmed' : 'refused') ? undefined : 'means something else',
    unmapped: 'X',
  },
  'sap.s4.side': {
    by: 'answer',
    operation: 'readOpenItems',
    give: fields((code) => ({ DB_CR_IND: code })),
    wrong: tells('items.0.side'),
    unmapped: 'K',
  },
  'sap.s4.lock': {
    by: 'answer',
    operation: 'postClearing',
    step: 1,
    give: fields((code) => ({ TYPE: 'E', ID: code.slice(0, -3), NUMBER: code.slice(-3) })),
    unmapped: undefined, // Any other message of type E is a refusal.
  },
  'sap.s4.item-state': {
    by: 'answer',
    operation: 'readPurchaseOrder',
    give: fields((code) => ({ DELETE_IND: code })),
    wrong: (outcome, row) =>
      outcome.outcome === (row === 'active' ? 'confirmed' : 'refused') ? undefined : 'means something else',
    unmapped: 'Z',
  },
  'sap.s4.goods-issue': {
    by: 'answer',
    operation: 'readDelivery',
    give: property('OverallGoodsMovementStatus'),
    wrong: tells('status'),
    unmapped: 'Z',
  },
  'sap.s4.billing-type': {
    by: 'answer',
    operation: 'readBilling',
    give: property('BillingDocumentType'),
    wrong: tells('type'),
    unmapped: 'ZF2',
  },
  'sap.s4.idoc-status': {
    by: 'answer',
    operation: 'queryAcknowledgement',
    give: (code, genuine) => ({
      ...genuine,
      body: Buffer.from(genuine.body.toString().replace(/(<WA>[^|<]*\|)[^<]*/, `$1${code}`)),
    }),
    wrong: (outcome, row) =>
      row === 'sent' ? tells('outcome', () => 'notFound')(outcome, row) : tells('response.verdict')(outcome, row),
    unmapped: '99',
  },
  'sap.s4.message-type': {
    by: 'request',
    operation: 'acknowledgeIdoc',
    ask: (message, request) => ({ ...request, message }),
    unmapped: undefined,
  },
  'sap.s4.verdict': {
    by: 'request',
    operation: 'acknowledgeIdoc',
    ask: (verdict, request) => ({ ...request, verdict }),
    unmapped: undefined,
  },
  'sap.s4.order-event': {
    by: 'notice',
    noticeOf: () => 'orderChanged',
    give: (type, posted) => Buffer.from(posted.body.toString().replace(/("type":)"[^"]*"/, `$1"${type}"`)),
    wrong: (fact, row) =>
      valueAt(fact?.message, 'change') === row ? undefined : `is ${String(valueAt(fact?.message, 'change'))}`,
    unmapped: 'sap.s4.beh.salesorder.v1.SalesOrder.Blocked.v1',
  },
};
