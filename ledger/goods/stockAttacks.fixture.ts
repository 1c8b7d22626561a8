/** For tests: what breaks each protection of stock, receipts and prices. */
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { postAdjustment } from './stock.ts';
import { countersignReceipt, endorseReceipt, splitReceipt } from './receipts.ts';
import { anyNo, freshLots, heldReceipt, proposedAdjustment, quote, seal, twoPeople } from './specimens.fixture.ts';

export const check = (table: string, name: string) => `alter table ${table} drop constraint ${name}`;
export const trigger = (table: string, name: string) => `drop trigger ${name} on ${table}`;

const oneLot = async (the: Books) => (await freshLots(the, ['100.000']))[0]?.lotNo ?? '';
const onLot = (text: (lot: string) => string) => async (the: Books) => sql(text(await oneLot(the)));
const onReceipt = (text: (no: string, lot: string, the: Books) => string) => async (the: Books) => {
  const { no, lots } = await heldReceipt(the, ['60.000', '40.000']);
  return sql(text(no, lots[0]?.lotNo ?? '', the));
};
const movement = (lot: string, kind: string, quantity: string, document = 'D') =>
  `insert into stock_movement (lot_no, kind, quantity, document_no, actor) values ('${lot}', '${kind}', ${quantity}, '${document}', 'x');`;

/** Tables that only grow, one trigger each. */
const growing = [
  'stock_movement',
  'receipt_endorsement',
  'receipt_link',
  'margin_entry',
  'gate_pass',
  'quote_set',
  'quote_set_item',
  'revaluation',
  'valuation',
  'stock_snapshot',
  'stock_snapshot_line',
  'stock_difference',
  'goods_receipt',
] as const;

/** Two children of one receipt of 60 and 40 tonnes; the first says so much. */
const split = async (the: Books, first: string): Promise<Work> => {
  const { no, lots } = await heldReceipt(the, ['60.000', '40.000']);
  const [a, b] = lots;
  if (!a || !b) throw new Error('two lots were expected');
  const like = { variety: '螺纹钢', spec: 'HRB400 Φ20', quality: '合格', unit: 'TNE' };
  const child = (lotNo: string, quantity: string) => ({
    no: anyNo('WR'),
    keeperSha256: seal,
    goods: [{ ...like, lotNo, quantity }],
  });
  return (tx) => splitReceipt(tx, no, [child(a.lotNo, first), child(b.lotNo, '40.000')], actor);
};

const lotAttacks: readonly Attack[] = [
  ...growing.map((table) => ({
    name: `${table}_append_only`, // I-27
    code: 'append_only',
    drop: trigger(table, `${table}_append_only`),
    prepare: async () => sql(`delete from ${table} where false`),
  })),
  {
    name: 'movement_has_direction',
    code: 'movement_has_direction',
    drop: check('stock_movement', 'movement_has_direction'),
    prepare: onLot((lot) => movement(lot, 'INBOUND', '-1')),
  },
  {
    name: 'stock_lot_true: a quantity without a movement', // I-01
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('stock_lot', 'stock_lot_true'),
    prepare: onLot((lot) => `update stock_lot set on_hand = on_hand + 1 where lot_no = '${lot}'`),
  },
  {
    name: 'stock_movement_true: a movement that moves nothing', // I-01
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('stock_movement', 'stock_movement_true'),
    prepare: onLot((lot) => movement(lot, 'INBOUND', '1')),
  },
  {
    name: 'stock_movement_true: goods that come from nowhere',
    code: 'STOCK_SHORT',
    atCommit: true,
    drop: trigger('stock_movement', 'stock_movement_true'),
    prepare: onLot(
      (lot) => `${movement(lot, 'REGROUP', '1')} update stock_lot set on_hand = on_hand + 1 where lot_no = '${lot}'`,
    ),
  },
  {
    name: 'stock_movement_true: an adjustment that nobody signed',
    code: 'SAME_PERSON_APPROVAL',
    atCommit: true,
    drop: trigger('stock_movement', 'stock_movement_true'),
    prepare: onLot(
      (lot) => `${movement(lot, 'ADJUST', '1')} update stock_lot set on_hand = on_hand + 1 where lot_no = '${lot}'`,
    ),
  },
  {
    name: 'adjusted_once',
    code: 'IDEMPOTENCY_CONFLICT',
    drop: 'drop index adjusted_once',
    prepare: onLot((lot) => movement(lot, 'ADJUST', '1') + movement(lot, 'ADJUST', '1')),
  },
  {
    name: 'adjustment_by_two_parties', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: check('stock_adjustment', 'adjustment_by_two_parties'),
    prepare: async (the) => {
      const no = await proposedAdjustment(the, await oneLot(the), '-0.100');
      const approval = await twoPeople(the, 'stock_adjustment', no, 'post');
      return (tx) => postAdjustment(tx, no, { signer: the.keeper, approval }, actor);
    },
  },
  {
    name: 'posted_adjustment_is_signed', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: check('stock_adjustment', 'posted_adjustment_is_signed'),
    prepare: async (the) => {
      const no = await proposedAdjustment(the, await oneLot(the), '-0.100');
      return sql(`update stock_adjustment set state = 'POSTED' where no = '${no}'`);
    },
  },
  {
    name: 'count_by_two', // F3 6
    code: 'SAME_PERSON_APPROVAL',
    drop: check('stock_snapshot', 'count_by_two'),
    prepare: async () =>
      sql(
        `insert into stock_snapshot (no, warehouse, taken_at, channel, counted_by) values ('${anyNo('S')}', 'WH01', now(), 'MANUAL', '甲')`,
      ),
  },
];

const receiptAttacks: readonly Attack[] = [
  {
    name: 'storage_period_runs',
    code: 'CONTRACT_VIOLATED',
    drop: check('warehouse_receipt', 'storage_period_runs'),
    prepare: onReceipt((no) => `update warehouse_receipt set storage_to = storage_from - 1 where no = '${no}'`),
  },
  {
    name: 'insurance_is_whole',
    code: 'CONTRACT_VIOLATED',
    drop: check('warehouse_receipt', 'insurance_is_whole'),
    prepare: onReceipt((no) => `update warehouse_receipt set insured = true, insurer = '虚构保险' where no = '${no}'`),
  },
  {
    name: 'transfer_names_endorsee',
    code: 'transfer_names_endorsee',
    drop: check('warehouse_receipt', 'transfer_names_endorsee'),
    prepare: onReceipt((no) => `update warehouse_receipt set state = 'TRANSFER_PENDING' where no = '${no}'`),
  },
  {
    name: 'delivered_within_receipt',
    code: 'STOCK_SHORT',
    drop: check('receipt_item', 'delivered_within_receipt'),
    prepare: onReceipt((no) => `update receipt_item set delivered = quantity + 0.001 where receipt_no = '${no}'`),
  },
  {
    name: 'receipt_is_not_its_parent',
    code: 'receipt_is_not_its_parent',
    drop: check('receipt_link', 'receipt_is_not_its_parent'),
    prepare: onReceipt((no) => `insert into receipt_link (child_no, parent_no) values ('${no}', '${no}')`),
  },
  {
    name: 'lot_under_one_receipt', // I-02
    code: 'PLEDGE_OVERLAP',
    drop: 'drop index lot_under_one_receipt',
    prepare: async (the) => {
      const other = await heldReceipt(the, ['1.000']);
      const { lots } = await heldReceipt(the, ['1.000']);
      return sql(
        `insert into receipt_item (receipt_no, lot_no, variety, quantity, unit) values ('${other.no}', '${lots[0]?.lotNo}', 'x', 1, 'TNE')`,
      );
    },
  },
  {
    name: 'receipt_item_true: more than there is',
    code: 'STOCK_SHORT',
    atCommit: true,
    drop: trigger('receipt_item', 'receipt_item_true'),
    prepare: async (the) => {
      const { no } = await heldReceipt(the, ['1.000']);
      return sql(
        `insert into receipt_item (receipt_no, lot_no, variety, quantity, unit) values ('${no}', '${await oneLot(the)}', 'x', 101, 'TNE')`,
      );
    },
  },
  {
    name: 'receipt_item_true: a receipt that lets go of its goods',
    code: 'receipt_binds_while_live',
    atCommit: true,
    drop: trigger('receipt_item', 'receipt_item_true'),
    prepare: onReceipt((no) => `update receipt_item set bound = false where receipt_no = '${no}'`),
  },
  {
    name: 'receipt_item_true: a quantity that grows', // I-35
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('receipt_item', 'receipt_item_true'),
    prepare: onReceipt((no) => `update receipt_item set quantity = quantity + 1 where receipt_no = '${no}'`),
  },
  {
    name: 'warehouse_receipt_true: an element that is missing', // 909
    code: 'CONTRACT_VIOLATED',
    atCommit: true,
    drop: trigger('warehouse_receipt', 'warehouse_receipt_true'),
    prepare: onReceipt((no) => `update warehouse_receipt set loss_standard = null where no = '${no}'`),
  },
  {
    name: 'warehouse_receipt_true: a holder to whom nobody endorsed',
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('warehouse_receipt', 'warehouse_receipt_true'),
    prepare: onReceipt((no, _, the) => `update warehouse_receipt set holder_id = '${the.unit}' where no = '${no}'`),
  },
  {
    name: 'warehouse_receipt_true: void after it changed hands',
    code: 'NOT_ALLOWED',
    atCommit: true,
    othersRefuse: true, // Its state without its history.
    drop: trigger('warehouse_receipt', 'warehouse_receipt_true'),
    prepare: async (the) => {
      const { no } = await heldReceipt(the, ['1.000']);
      await the.store.tx((tx) => endorseReceipt(tx, no, { party: the.unit, endorserSha256: seal }, actor));
      await the.store.tx((tx) => countersignReceipt(tx, no, seal, actor));
      return sql(
        `update warehouse_receipt set state = 'VOID' where no = '${no}'; set constraints warehouse_receipt_true immediate`,
      );
    },
  },
  {
    name: 'receipt_link_true: a split that loses goods', // I-35
    code: 'STOCK_SHORT',
    atCommit: true,
    drop: trigger('receipt_link', 'receipt_link_true'),
    prepare: (the) => split(the, '59.999'),
  },
];

const quoteRow = (price: string, held = false) =>
  `insert into price_quote (material, quote_date, price, unit, source, as_of, good_until, held) values ('M-JUMP', current_date + 1, ${price}, 'TNE', 'x',
     now() + interval '1 hour', now() + interval '2 days', ${String(held)})`;
const priceAttacks: readonly Attack[] = [
  {
    name: 'price_quote_guarded: a jump that nobody confirmed',
    code: 'PRICE_STALE',
    drop: trigger('price_quote', 'price_quote_guarded'),
    prepare: async (the) => {
      await the.store.tx((tx) => quote(tx, 'M-JUMP', '100.00'));
      return sql(quoteRow('110.01'));
    },
  },
  {
    name: 'price_quote_guarded: a price that is changed',
    code: 'NOT_ALLOWED',
    drop: trigger('price_quote', 'price_quote_guarded'),
    prepare: async (the) => {
      await the.store.tx((tx) => quote(tx, 'M-JUMP', '100.00'));
      return sql("update price_quote set price = price + 0.01 where material = 'M-JUMP'");
    },
  },
  {
    name: 'quote_confirmed_by_another', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: check('price_quote', 'quote_confirmed_by_another'),
    prepare: async (the) => {
      await the.store.tx((tx) => quote(tx, 'M-JUMP', '100.00'));
      return sql(
        `${quoteRow('120.00', true)}; update price_quote set held = false, confirmed_by = 'feed' where material = 'M-JUMP' and held`,
      );
    },
  },
  {
    name: 'haircut_of_stale',
    code: 'haircut_of_stale',
    drop: check('quote_set_item', 'haircut_of_stale'),
    prepare: async () =>
      sql(`insert into quote_set (id, business_date) values ('QS-x', current_date);
        insert into quote_set_item (set_id, material, unit, price, stale, haircut, used, source, as_of) values ('QS-x', 'M', 'TNE', 100, false, 0.1, 90, 'x', now())`),
  },
];

export const stockAttacks: readonly Attack[] = [...lotAttacks, ...receiptAttacks, ...priceAttacks];
