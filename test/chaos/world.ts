/**
 * The small business under load: an order is booked, paid for, waited for and sent off. Every way in which the engine
 * touches anything is in it: the books with and without a call, money, a read, a fact from outside, a call that may
 * have to cross the bus.
 */
import { Type } from 'typebox';
import { contract, strict } from '../../contracts/contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../../contracts/kind.ts';
import { flow, type Tx } from '../../engine/flow.ts';

const Numbered = contract('chaos/numbered', strict({ no: Type.String({ maxLength: 64 }) }));
const Serial = contract('chaos/serial', strict({ serial: Type.String({ maxLength: 64 }) }));

export const shop = kind(
  'shop',
  {
    pay: operation({
      request: Numbered,
      response: Serial,
      effect: 'money',
      idempotent: true,
      settleMs: 0,
      query: 'queryPay',
      numberOf: ({ no }) => no,
      label: { zh: '付款', en: 'pay' },
    }),
    queryPay: operation({
      request: QueryByNumber,
      response: enquiry(Serial),
      effect: 'read',
      label: { zh: '查询付款', en: 'query a payment' },
    }),
    price: operation({ request: Numbered, response: Serial, effect: 'read', label: { zh: '询价', en: 'price' } }),
  },
  {
    ordered: notice({
      contract: Numbered,
      label: { zh: '下单', en: 'ordered' },
      keyOf: (m) => m.no,
      idOf: (m) => m.no,
    }),
    delivered: notice({
      contract: Numbered,
      label: { zh: '送达', en: 'delivered' },
      keyOf: (m) => m.no,
      idOf: (m) => m.no,
    }),
  },
);

export const post = kind(
  'post',
  {
    send: operation({
      request: Numbered,
      response: Serial,
      effect: 'write',
      idempotent: true,
      settleMs: 0,
      query: 'querySend',
      numberOf: ({ no }) => no,
      label: { zh: '寄送', en: 'send' },
    }),
    querySend: operation({
      request: QueryByNumber,
      response: enquiry(Serial),
      effect: 'read',
      label: { zh: '查询寄送', en: 'query a parcel' },
    }),
  },
  {},
);

/** No unique constraint: what would be booked twice must be seen twice. */
export const booksSql =
  'create table if not exists chaos_book (run uuid not null, no text not null, what text not null)';
/** What each order that is done has in the books, once each. */
export const booked = ['opened', 'guarded', 'paid', 'closed'] as const;

function book(run: string, no: string, what: (typeof booked)[number]): (tx: Tx) => Promise<void> {
  return (tx) =>
    tx.query('insert into chaos_book (run, no, what) values ($1, $2, $3)', [run, no, what]).then(() => undefined);
}

export const counterpartyId = 'counterparty';

export const orderFlow = flow({
  name: 'chaos-order',
  version: 1,
  title: { zh: '订单', en: 'order' },
  input: Numbered,
  startedBy: [shop.notices.ordered.name],
  keyOf: ({ no }) => no,
  caseOf: ({ no }) => ({ key: `chaos/${no}`, title: no }),
  milestones: [],
  async body(run, { no }) {
    const system = counterpartyId;
    await run.record('open', book(run.id, no, 'opened'));
    await run.all('both', {
      price: (branch) => branch.call(shop.operations.price, { no }, { system }),
      pay: (branch) =>
        branch.call(
          shop.operations.pay,
          { no },
          { system, before: book(run.id, no, 'guarded'), after: book(run.id, no, 'paid') },
        ),
    });
    await run.wait(shop.notices.delivered, { key: no, within: '10000 hours', from: system });
    await run.call(post.operations.send, { no: `P${no}` }, { system });
    await run.record('close', book(run.id, no, 'closed'));
    return { outcome: 'done' };
  },
});

/** What a node tells the one who started it. */
export type NodeWord =
  | { readonly kind: 'ready'; readonly url: string }
  /** At that time (epoch milliseconds) the latest journal entry of this node was committed. */
  | { readonly kind: 'committed'; readonly at: number }
  /** A run that this node thought it owned was another's. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'problem'; readonly message: string };

/** What a node is started with, as JSON in CHAOS_NODE. */
export interface NodeSettings {
  readonly databaseUrl: string;
  readonly counterpartyUrl: string;
  readonly services: readonly ('shop' | 'post')[];
  readonly clock: { readonly realMs: number; readonly businessMs: number; readonly speed: number };
}

/** One line of the counterparty's own log of what it did. */
export interface Done {
  readonly kind: string;
  readonly no: string;
}
