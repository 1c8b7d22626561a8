/** For tests: two writers at once against each invariant of goods, with numbers of chance, legal and illegal acts mixed. */
import type { Assault, Work } from '../attack.fixture.ts';
import { actor, dayMs, lent, type Books, type Deal } from '../fixture.ts';
import { move, type Tx } from '../lifecycle.ts';
import { enterMargin, floatOut } from './changes.ts';
import { requestPledge } from './pledges.ts';
import { approveRelease, draftRelease, passGate } from './releases.ts';
import { splitReceipt } from './receipts.ts';
import { anyNo, freshLots, heldReceipt, lentOn, seal } from './specimens.fixture.ts';
import { freezeLot, type LotRow } from './stock.ts';

/** Thousandths of a tonne, as a quantity. */
const tonnes = (thousandths: number) =>
  `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
const die = (dice: readonly number[], i: number) => dice[i] ?? 0;

function pledgeOf(the: Books, deal: Deal, lots: readonly LotRow[], basis: 'RECEIPT' | 'STOCK_STATIC'): Work {
  const items = lots.map((lot) => ({ ...lot, price: '3400.00', priceAt: new Date().toISOString() }));
  const parties = { pledgor: the.dealer, pledgee: the.funder, supervisor: the.keeper };
  const { pledgeNo: no, applicationNo } = deal;
  return (tx) =>
    requestPledge(
      tx,
      { no, applicationNo, ...parties, securedAmount: lent, pledgeRate: '0.700000', basis, items },
      actor,
    );
}

/** Approves a release of that quantity of the first lot, on that ground. */
function releaseOf(deal: Deal, quantity: string, ground: 'REPAYMENT' | 'TOP_UP_EXCESS', lotIndex = 0): Work {
  const lot = deal.lots[lotIndex];
  if (!lot) throw new Error('two lots were expected');
  const no = anyNo('RO');
  const on = ground === 'REPAYMENT' ? { repaymentNo: deal.repaymentNo } : { ground };
  return async (tx) => {
    await draftRelease(tx, { no, pledgeNo: deal.pledgeNo, ...on, lots: [{ ...lot, quantity }] }, actor);
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
}

const cash = (the: Books, deal: Deal, amount: string) =>
  the.store.tx((tx) =>
    enterMargin(tx, { no: anyNo('MG'), pledgeNo: deal.pledgeNo, amount, currency: 'CNY', statementRef: anyNo('ST') }),
  );

const stock: readonly Assault[] = [
  {
    invariant: 'I-01',
    title: 'two courts freeze what there is once',
    without: ['alter table stock_lot drop constraint stock_not_overpledged'],
    prepare: async (the, dice) => {
      const [lot] = await freshLots(the, ['1.000']);
      const freeze = (i: number) => (tx: Tx) =>
        freezeLot(tx, lot?.lotNo ?? '', tonnes(300 + die(dice, i)), anyNo('C'), actor);
      return [freeze(0), freeze(1)];
    },
  },
  {
    invariant: 'I-01',
    title: 'one books a quantity beside the ledger while another freezes',
    without: ['drop trigger stock_lot_true on stock_lot'],
    prepare: async (the, dice) => {
      const [lot] = await freshLots(the, ['10.000']);
      const no = lot?.lotNo ?? '';
      return [
        (tx) =>
          tx.query('update stock_lot set on_hand = on_hand + $2 where lot_no = $1', [no, tonnes(1 + die(dice, 0))]),
        (tx) => freezeLot(tx, no, tonnes(1 + die(dice, 1)), anyNo('C'), actor),
      ];
    },
  },
  {
    invariant: 'I-02',
    title: 'two pledges take parts of one lot',
    without: ['drop index lot_pledged_once'],
    prepare: async (the, dice) => {
      const [one, two] = [await the.bring('received'), await the.bring('received')];
      const [lot] = await freshLots(the, ['2.000']);
      if (!lot) throw new Error('a lot was expected');
      const part = (i: number) => [{ ...lot, quantity: tonnes(1 + die(dice, i)) }];
      return [pledgeOf(the, one, part(0), 'STOCK_STATIC'), pledgeOf(the, two, part(1), 'STOCK_STATIC')];
    },
  },
  {
    invariant: 'I-02',
    title: 'goods for which a receipt stands are pledged as goods',
    without: ['drop trigger pledge_item_true on pledge_item'],
    prepare: async (the, dice) => {
      const [one, two] = [await the.bring('received'), await the.bring('received')];
      const { lots } = await heldReceipt(the, ['2.000']);
      const part = (i: number) => lots.map((lot) => ({ ...lot, quantity: tonnes(1 + die(dice, i)) }));
      return [pledgeOf(the, one, part(0), 'STOCK_STATIC'), pledgeOf(the, two, part(1), 'STOCK_STATIC')];
    },
  },
  {
    invariant: 'I-35',
    title: 'two splits of one receipt, whose children do not always add up',
    without: ['drop trigger receipt_link_true on receipt_link'],
    prepare: async (the, dice) => {
      const { no, lots } = await heldReceipt(the, ['3.000', '2.000']);
      const like = { variety: '螺纹钢', spec: 'HRB400 Φ20', quality: '合格', unit: 'TNE' };
      const part = (lot: LotRow | undefined, less: number) => ({
        no: anyNo('WR'),
        keeperSha256: seal,
        goods: [{ ...like, lotNo: lot?.lotNo ?? '', quantity: tonnes((lot === lots[0] ? 3000 : 2000) - less) }],
      });
      const split = (i: number): Work => {
        const less = die(dice, i) % 4 === 0 ? 0 : 1 + die(dice, i);
        return (tx) => splitReceipt(tx, no, [part(lots[0], less), part(lots[1], 0)], actor);
      };
      return [split(0), split(1)];
    },
  },
];

const pledges: readonly Assault[] = [
  {
    invariant: 'I-13',
    title: 'releases on a repayment that is matched and not posted',
    without: ['drop trigger release_order_posting on release_order'],
    prepare: async (the, dice) => {
      const deal = await the.bring('matched');
      // Cash enough that nothing but the posting is missing.
      await cash(the, deal, lent);
      const quantity = (i: number) => tonnes(1 + die(dice, i));
      return [releaseOf(deal, quantity(0), 'REPAYMENT', 0), releaseOf(deal, quantity(1), 'REPAYMENT', 1)];
    },
  },
  {
    invariant: 'I-14',
    title: 'two releases of what is more than needed, each of which fits alone',
    without: ['drop trigger release_order_true on release_order'],
    prepare: async (the, dice) => {
      const deal = await lentOn(the, 'STOCK_STATIC');
      // 1 857 190.00 stay owed: 780.332 t must stay, 420.168 t may go.
      await cash(the, deal, '1000000.00');
      const quantity = (i: number) => tonnes(215_000 + 200 * die(dice, i));
      return [releaseOf(deal, quantity(0), 'TOP_UP_EXCESS', 0), releaseOf(deal, quantity(1), 'TOP_UP_EXCESS', 1)];
    },
  },
  {
    invariant: 'I-14',
    title: 'two outbounds of a floating pledge, each of which fits alone',
    without: ['drop trigger pledge_item_true on pledge_item'],
    prepare: async (the, dice) => {
      const deal = await lentOn(the, 'STOCK_FLOATING');
      await cash(the, deal, '1000000.00');
      const out = (i: number): Work => {
        const lotNo = deal.lots[i]?.lotNo ?? '';
        const quantity = tonnes(215_000 + 200 * die(dice, i));
        return (tx) => floatOut(tx, deal.pledgeNo, [{ lotNo, quantity }], anyNo('OUT'), actor);
      };
      return [out(0), out(1)];
    },
  },
  {
    invariant: 'I-15',
    title: 'two gates let out parts of one order',
    without: ['alter table release_item drop constraint outbound_within_released'],
    prepare: async (the, dice) => {
      const { releaseNo, lots } = await the.bring('sent');
      const out = (i: number) => (tx: Tx) =>
        tx.query('update release_item set outbound = outbound + $3 where release_no = $1 and lot_no = $2', [
          releaseNo,
          lots[0]?.lotNo,
          tonnes(351_000 + 300 * die(dice, i)),
        ]);
      return [out(0), out(1)];
    },
  },
  {
    invariant: 'I-15',
    title: 'a token is shown at two gates, not always by whom it was made out to',
    without: ['alter table gate_pass drop constraint gate_pass_pkey', 'drop trigger gate_pass_good on gate_pass'],
    prepare: async (the, dice) => {
      const deal = await the.bring('posted');
      const picker = { idNo: '350203199001010017', vehicle: '浙A00001' };
      const { pledgeNo, repaymentNo, releaseNo: no } = deal;
      await the.store.tx((tx) => draftRelease(tx, { no, pledgeNo, repaymentNo, picker, lots: undefined }, actor));
      deal.done += 1;
      await the.advance(deal, 'sent');
      // Both rightly, or one of them another person.
      const other = die(dice, 0) % 2 === 0 ? picker : { ...picker, idNo: '350203199001010025' };
      return [
        (tx) => passGate(tx, no, 'token-token-token', other),
        (tx) => passGate(tx, no, 'token-token-token', picker),
      ];
    },
  },
  {
    invariant: 'I-16',
    title: 'a pledge comes into effect without proof while its supervisor becomes its pledgor',
    without: [
      'alter table pledge drop constraint effective_is_proven',
      'alter table pledge drop constraint supervisor_independent',
    ],
    prepare: async (the, dice) => {
      const { pledgeNo } = await the.bring('registered');
      const missing = ['control_at', 'registration_no', 'custody_no'][die(dice, 0) % 3] ?? 'control_at';
      return [
        (tx) => move(tx, 'pledge', pledgeNo, 'takeCustody', actor, { custody_no: 'C-1', [missing]: null }),
        (tx) => tx.query('update pledge set supervisor_id = pledgor_id where no = $1', [pledgeNo]),
      ];
    },
  },
];

export const goodsAssaults: readonly Assault[] = [...stock, ...pledges];
