/** For tests: what breaks each protection of pledges, of what changes them, and of releases. */
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import { actor, dayMs, type Books, type Deal, type Stage } from '../fixture.ts';
import { move, type Tx } from '../lifecycle.ts';
import { enterMargin, floatOut } from './changes.ts';
import { pinQuotes, revalue } from './prices.ts';
import { approveRelease, draftRelease } from './releases.ts';
import { anyNo, heldReceipt, lentOn, quote, requestedChange } from './specimens.fixture.ts';
import { check, trigger } from './stockAttacks.fixture.ts';

const kept = new WeakMap<Books, Map<string, Promise<Deal>>>();
/** A pledge of stock on which money was lent; the same one each time, for acts that are rolled back. */
export function lentAt(the: Books, basis: 'STOCK_STATIC' | 'STOCK_FLOATING'): Promise<Deal> {
  const known = kept.get(the) ?? new Map<string, Promise<Deal>>();
  kept.set(the, known);
  const deal = known.get(basis) ?? lentOn(the, basis);
  known.set(basis, deal);
  return deal;
}

export const at = (stage: Stage, text: (deal: Deal) => string) => async (the: Books) =>
  sql(text(await the.at(stage, 4)));
const changed = (text: (no: string) => string) => async (the: Books) =>
  sql(text(await requestedChange(the, (await lentAt(the, 'STOCK_STATIC')).pledgeNo, 'TOP_UP', '1.000')));

/** Approves a release of so much of a pledge that still secures a loan at its limit. */
export const releaseSome = async (
  the: Books,
  quantity: string,
  before: Work = async () => undefined,
): Promise<Work> => {
  const { pledgeNo, lots } = await lentAt(the, 'STOCK_STATIC');
  const [lot] = lots;
  if (!lot) throw new Error('a lot was expected');
  const no = anyNo('RO');
  return async (tx) => {
    await before(tx);
    await draftRelease(tx, { no, pledgeNo, ground: 'TOP_UP_EXCESS', lots: [{ ...lot, quantity }] }, actor);
    await move(tx, 'release_order', no, 'submit', actor);
    await approveRelease(
      tx,
      no,
      'token-token-token',
      new Date(Date.now() + dayMs),
      { maker: '甲', checker: '乙' },
      actor,
    );
  };
};
const margin = (pledgeNo: string, amount: string) => (tx: Tx) =>
  enterMargin(tx, { no: anyNo('MG'), pledgeNo, amount, currency: 'CNY', statementRef: anyNo('ST') });

const changeAttacks: readonly Attack[] = [
  {
    name: 'change_is_controlled', // F5 3
    code: 'CONTROL_NOT_PROVEN',
    drop: check('pledge_change', 'change_is_controlled'),
    prepare: changed(
      (no) => `alter table pledge_change disable trigger pledge_change_lifecycle;
      update pledge_change set state = 'APPROVED' where no = '${no}'`,
    ),
  },
  {
    name: 'change_is_registered', // F5 5
    code: 'REGISTRATION_MISSING',
    drop: check('pledge_change', 'change_is_registered'),
    prepare: changed(
      (no) => `alter table pledge_change disable trigger pledge_change_lifecycle;
      update pledge_change set state = 'REGISTERED', lock_no = 'L', control_at = now() where no = '${no}'`,
    ),
  },
  {
    name: 'pledge_change_calm', // F5 1
    code: 'LTV_EXCEEDED',
    drop: trigger('pledge_change', 'pledge_change_calm'),
    prepare: async (the) => {
      const { pledgeNo } = await lentAt(the, 'STOCK_STATIC');
      const set = anyNo('QS');
      return async (tx) => {
        await tx.query('update pledge set call_rate = 0.76, warn_rate = 0.72 where no = $1', [pledgeNo]);
        await quote(tx, 'HRB400', '3100.00', 'other');
        await pinQuotes(tx, set, '2026-11-23');
        await revalue(tx, set);
        await tx.query(
          "insert into pledge_change (no, pledge_no, kind, reason, state) values ($1, $2, 'SUBSTITUTION', 'x', 'REQUESTED')",
          [anyNo('CH'), pledgeNo],
        );
      };
    },
  },
  {
    name: 'call_when_called',
    code: 'call_when_called',
    drop: check('valuation', 'call_when_called'),
    prepare: at(
      'effective',
      ({ pledgeNo }) => `insert into quote_set (id, business_date) values ('QS-y', current_date);
      insert into valuation (set_id, pledge_no, value, exposure, level, unpriced, cash_call, goods_call) values ('QS-y', '${pledgeNo}', 1, 2, 'CALL', false, 0, 0)`,
    ),
  },
  {
    name: 'margin_entry_true: more given back than there was',
    code: 'LTV_EXCEEDED',
    atCommit: true,
    drop: trigger('margin_entry', 'margin_entry_true'),
    prepare: async (the) => margin((await the.at('posted', 4)).pledgeNo, '-0.01'),
  },
  {
    name: 'margin_entry_true: cash given back that is still needed', // I-14
    code: 'LTV_EXCEEDED',
    atCommit: true,
    drop: trigger('margin_entry', 'margin_entry_true'),
    prepare: async (the) => {
      const { pledgeNo } = await lentAt(the, 'STOCK_STATIC');
      const out = await releaseSome(the, '10.000', margin(pledgeNo, '50000.00'));
      return async (tx) => {
        await out(tx);
        await tx.query('set constraints all immediate');
        await tx.query('set constraints all deferred');
        await margin(pledgeNo, '-50000.00')(tx);
      };
    },
  },
];

const pledgeOnes: readonly Attack[] = [
  {
    name: 'floor_of_floating',
    code: 'CONTRACT_VIOLATED',
    drop: check('pledge', 'floor_of_floating'),
    prepare: at('effective', ({ pledgeNo }) => `update pledge set min_floor_value = 1 where no = '${pledgeNo}'`),
  },
  {
    name: 'lines_ascend',
    code: 'CONTRACT_VIOLATED',
    drop: check('pledge', 'lines_ascend'),
    prepare: at('effective', ({ pledgeNo }) => `update pledge set call_rate = warn_rate where no = '${pledgeNo}'`),
  },
  {
    name: 'receipt_pledge_has_receipt', // I-16
    code: 'CONTROL_NOT_PROVEN',
    drop: check('pledge', 'receipt_pledge_has_receipt'),
    prepare: at('effective', ({ pledgeNo }) => `update pledge set receipt_no = null where no = '${pledgeNo}'`),
  },
  {
    name: 'receipt_pledged_once', // I-02
    code: 'PLEDGE_OVERLAP',
    drop: 'drop index receipt_pledged_once',
    prepare: async (the) => {
      const { pledgeNo } = await the.at('effective', 4);
      const other = await the.at('requested', 4);
      return sql(
        `update pledge set receipt_no = (select receipt_no from pledge where no = '${pledgeNo}') where no = '${other.pledgeNo}'`,
      );
    },
  },
  {
    name: 'pledge_true: the receipt of other goods', // I-02
    code: 'PLEDGE_OVERLAP',
    atCommit: true,
    drop: trigger('pledge', 'pledge_true'),
    prepare: async (the) => {
      const { no } = await heldReceipt(the, ['1.000']);
      const { pledgeNo } = await the.at('effective', 4);
      return sql(`update pledge set receipt_no = '${no}' where no = '${pledgeNo}'`);
    },
  },
  {
    name: 'pledge_item_true: more pledged than locked', // I-01
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('pledge_item', 'pledge_item_true'),
    prepare: at(
      'effective',
      ({ pledgeNo }) => `update pledge_item set quantity = quantity + 0.001 where pledge_no = '${pledgeNo}'`,
    ),
  },
  {
    name: 'pledge_item_true: goods that no order lets go', // I-13
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('pledge_item', 'pledge_item_true'),
    prepare: at(
      'effective',
      ({
        pledgeNo,
        lots,
      }) => `update pledge_item set released = 1 where pledge_no = '${pledgeNo}' and lot_no = '${lots[0]?.lotNo}';
      insert into stock_movement (lot_no, kind, quantity, document_no, actor) values ('${lots[0]?.lotNo}', 'UNLOCK', 1, 'x', 'x');
      update stock_lot set pledged = pledged - 1 where lot_no = '${lots[0]?.lotNo}'`,
    ),
  },
  {
    name: 'pledge_item_true: goods lost without a note',
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('pledge_item', 'pledge_item_true'),
    prepare: at(
      'effective',
      ({
        pledgeNo,
        lots,
      }) => `update pledge_item set lost = 1 where pledge_no = '${pledgeNo}' and lot_no = '${lots[0]?.lotNo}';
      insert into stock_movement (lot_no, kind, quantity, document_no, actor) values ('${lots[0]?.lotNo}', 'UNLOCK', 1, 'x', 'x');
      update stock_lot set pledged = pledged - 1 where lot_no = '${lots[0]?.lotNo}'`,
    ),
  },
  {
    name: 'pledge_item_true: a floating pledge below what it must hold', // I-14, F5 7
    code: 'LTV_EXCEEDED',
    atCommit: true,
    drop: trigger('pledge_item', 'pledge_item_true'),
    prepare: async (the) => {
      const { pledgeNo, lots } = await lentAt(the, 'STOCK_FLOATING');
      return (tx) => floatOut(tx, pledgeNo, [{ lotNo: lots[0]?.lotNo ?? '', quantity: '0.001' }], 'OUT-1', actor);
    },
  },
  {
    name: 'pledge_item_true: a floating pledge below its floor', // I-14
    code: 'FLOOR_BREACH',
    atCommit: true,
    drop: trigger('pledge_item', 'pledge_item_true'),
    prepare: async (the) => {
      const { pledgeNo, lots } = await lentAt(the, 'STOCK_FLOATING');
      return async (tx) => {
        await tx.query('update pledge set min_floor_value = 4081700 where no = $1', [pledgeNo]);
        await margin(pledgeNo, '1000000.00')(tx);
        await floatOut(tx, pledgeNo, [{ lotNo: lots[0]?.lotNo ?? '', quantity: '0.001' }], 'OUT-1', actor);
      };
    },
  },
];

export const pledgeAttacks: readonly Attack[] = [...pledgeOnes, ...changeAttacks];
