/** F5 step 7: goods or cash beside the goods, a part repaid and released, a floating pledge. */
import type { Scenario } from '../scenario.ts';
import { carried, changeNo, decide, deposited, ends, pledged, pledgedOf, topUp, type Pledged } from './play.ts';

const numbers = async ({ stage, pledgeNo }: Pledged) => {
  const [row] = await stage.rows<{ value: number; exposure: number }>(
    'select pledge_value(no)::float8 value, pledge_exposure(no)::float8 exposure from pledge where no = $1',
    [pledgeNo],
  );
  return row ?? { value: 0, exposure: 0 };
};

export const goods: Scenario = {
  name: 'pledge-change/top-up',
  flow: 'F5',
  failures: [],
  title: { zh: '补货', en: 'a top-up in goods' },
  async play(stage) {
    const it = await pledged(stage, 1);
    const before = await numbers(it);
    const lot = await deposited(it, { quantity: '200.000' });
    const no = changeNo(stage);
    await topUp(it, no, [lot]);
    await decide(it, no);
    await ends(it, no, 'toppedUp');
    // A price may have fallen since by a little, never by so much.
    stage.same('it counts now', (await numbers(it)).value > before.value, true);
    stage.same('what came in', await pledgedOf(stage, lot.lotNo), '200.000');
  },
};

export const cash: Scenario = {
  name: 'pledge-change/cash',
  flow: 'F5',
  failures: ['F5.7'],
  title: { zh: '现金补仓，以银行流水为准', en: 'cash beside the goods: proven by one bank entry, or by nothing' },
  async play(stage) {
    const it = await pledged(stage, 2);
    const before = await numbers(it);
    const announce = async () => {
      const topUpNo = `XJ${stage.unique()}${stage.unique()}`;
      await stage.command(it.caller, '/v1/cash-top-ups', {
        topUpNo,
        ...it.financing,
        amount: '100000.00',
        currency: 'CNY',
      });
      return topUpNo;
    };
    const statementRef = `LS${stage.unique()}${stage.unique()}`;
    const prove = (reference: string) =>
      stage.command('funder', '/v1/margin-entries', {
        entryNo: `BZ${reference}`,
        reference,
        amount: '100000.00',
        currency: 'CNY',
        statementRef,
      });
    const first = await announce();
    stage.same('a promise counts for nothing', (await numbers(it)).exposure, before.exposure);
    await prove(first);
    await ends(it, first, 'toppedUp');
    stage.same('what is exposed', (await numbers(it)).exposure, before.exposure - 100_000);
    const second = await announce();
    await prove(second);
    stage.same('the same entry again', (await ends(it, second, 'unproven')).split(':')[0], 'IDEMPOTENCY_CONFLICT');
    const third = await announce();
    await stage.advance('6d');
    await ends(it, third, 'unproven');
    stage.same(
      'entries',
      await stage.value('select count(*)::int from margin_entry where pledge_no = $1', [it.pledgeNo]),
      1,
    );
  },
};

export const part: Scenario = {
  name: 'pledge-change/part-release',
  flow: 'F5',
  failures: ['F5.7'],
  title: { zh: '部分还款按公式解押', en: 'a part repaid releases what the formula allows, and no more' },
  async play(stage) {
    const it = await pledged(stage, 0, 70n);
    const ask = async (amount: string, quantity: string) => {
      const releaseNo = `BF${stage.unique()}${stage.unique()}`;
      const lots = [{ ...it.lot, quantity }];
      await stage.command(it.caller, '/v1/part-releases', {
        releaseNo,
        ...it.financing,
        amount,
        lots,
        picker: it.picker,
      });
      return releaseNo;
    };
    const balance = async () =>
      Number(await stage.value('select balance::float8 from loan where no = $1', [it.loanNo]));
    const owed = await balance();
    const tooMuch = await ask('200000.00', '900.000');
    await ends(it, tooMuch, 'proposed');
    stage.same('nothing was collected', await balance(), owed);
    const fair = await ask('800000.00', '200.000');
    await ends(it, fair, 'partReleased');
    stage.same('what is owed', (await balance()) < owed - 790_000, true);
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '800.000');
    stage.same('what is owed is carried', await carried(it), true);
    stage.same(
      'the pledge',
      await stage.value('select state from pledge where no = $1', [it.pledgeNo]),
      'PARTIALLY_RELEASED',
    );
  },
};

export const floating: Scenario = {
  name: 'pledge-change/floating',
  flow: 'F5',
  failures: ['F5.7'],
  title: {
    zh: '浮动质押：控货线上放行，线下拒绝',
    en: 'a floating pledge: the gate lets pass above the floor, and refuses below it',
  },
  async play(stage) {
    const it = await pledged(stage, 1);
    const { value } = await numbers(it);
    const agreementNo = `KH${stage.unique()}${stage.unique()}`;
    // The floor lies at nine tenths of what the goods are worth: above what the loan needs.
    await stage.command(it.caller, '/v1/floating-agreements', {
      agreementNo,
      ...it.financing,
      floorValue: `${Math.floor(value * 0.9)}.00`,
      supervisionNo: `JG-${agreementNo}`,
    });
    await decide(it, agreementNo);
    await ends(it, agreementNo, 'floating');
    const books = await stage.rows(
      `select p.basis, p.receipt_no is null free, (select count(*)::int from receipt_item r where r.lot_no = $2 and r.bound) bound from pledge p where p.no = $1`,
      [it.pledgeNo, it.lot.lotNo],
    );
    stage.same('the pledge', books, [{ basis: 'STOCK_FLOATING', free: true, bound: 0 }]);
    const move = async (quantity: string) => {
      const movementNo = `FD${stage.unique()}${stage.unique()}`;
      await stage.command(it.caller, '/v1/floating-outbounds', {
        movementNo,
        ...it.financing,
        lots: [{ ...it.lot, quantity }],
        picker: it.picker,
      });
      return movementNo;
    };
    const within = await move('50.000');
    await ends(it, within, 'left');
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '950.000');
    const below = await move('400.000');
    stage.same('the gate', (await ends(it, below, 'refused')).split(':')[0], 'FLOOR_BREACH');
    stage.same('what stays still', await pledgedOf(stage, it.lot.lotNo), '950.000');
    const left = stage.effects('wms-qimen', 'outbound').filter(({ number }) => number === within || number === below);
    stage.same(
      'what left the warehouse',
      left.map(({ number }) => number),
      [within],
    );
    const evidence = await stage.evidence(it.caseNo);
    for (const node of ['N11', 'N19', 'N20']) stage.same(`evidence ${node}`, evidence.includes(node), true);
    stage.same(
      'release orders',
      await stage.value('select count(*)::int from release_order where pledge_no = $1', [it.pledgeNo]),
      0,
    );
  },
};
