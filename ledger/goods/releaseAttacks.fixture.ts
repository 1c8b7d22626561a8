/** For tests: what breaks each protection of a release: its ground, its cover, its token and its gate. */
import type { Attack, Work } from '../attack.fixture.ts';
import { actor, dayMs, type Books } from '../fixture.ts';
import { move, type Tx } from '../lifecycle.ts';
import { at, lentAt, releaseSome } from './pledgeAttacks.fixture.ts';
import { approveRelease, draftRelease, passGate, type Picker } from './releases.ts';
import { anyNo, requestedChange } from './specimens.fixture.ts';
import { check, trigger } from './stockAttacks.fixture.ts';

const picker: Picker = { idNo: '350203199001010017', vehicle: '浙A00001' };

/** A release of the whole pledge with the warehouse, for a named picker. */
async function sentWithPicker(the: Books, tx: Tx, validTo = new Date(Date.now() + dayMs)): Promise<string> {
  const { pledgeNo, repaymentNo } = await the.at('posted', 4);
  const no = anyNo('RO');
  await draftRelease(tx, { no, pledgeNo, repaymentNo, picker, lots: undefined }, actor);
  await move(tx, 'release_order', no, 'submit', actor);
  await approveRelease(tx, no, 'token-token-token', validTo, { maker: '甲', checker: '乙' }, actor);
  await move(tx, 'release_order', no, 'send', actor);
  return no;
}
const atGate =
  (token: string, who: Picker): ((the: Books) => Promise<Work>) =>
  async (the) => {
    await the.at('posted', 4);
    return async (tx) => passGate(tx, await sentWithPicker(the, tx), token, who);
  };

export const releaseAttacks: readonly Attack[] = [
  {
    name: 'release_has_ground',
    code: 'CONTRACT_VIOLATED',
    drop: check('release_order', 'release_has_ground'),
    prepare: at(
      'drafted',
      ({ releaseNo }) => `update release_order set ground = 'CASH_MARGIN' where no = '${releaseNo}'`,
    ),
  },
  {
    name: 'outbound_in_time', // I-15
    code: 'DEADLINE_PASSED',
    drop: check('release_order', 'outbound_in_time'),
    prepare: at(
      'sent',
      ({ releaseNo }) =>
        `update release_order set outbound_at = valid_to + interval '1 second' where no = '${releaseNo}'`,
    ),
  },
  {
    name: 'release_order_token: an order whose token ran out', // I-15
    code: 'DEADLINE_PASSED',
    drop: trigger('release_order', 'release_order_token'),
    prepare: at(
      'releasable',
      ({ releaseNo }) =>
        `update release_order set valid_to = hub_now(), state = 'SENT_TO_WH' where no = '${releaseNo}'`,
    ),
  },
  {
    name: 'release_order_token: another token', // I-15
    code: 'NOT_ALLOWED',
    drop: trigger('release_order', 'release_order_token'),
    prepare: at(
      'sent',
      ({ releaseNo }) => `update release_order set token_sha256 = repeat('0', 64) where no = '${releaseNo}'`,
    ),
  },
  {
    name: 'release_item_true: an order for more than was taken out of the pledge', // I-01
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('release_item', 'release_item_true'),
    prepare: at(
      'drafted',
      ({ releaseNo }) => `update release_item set quantity = quantity + 0.001 where release_no = '${releaseNo}'`,
    ),
  },
  {
    name: 'release_order_true: an order that ends and gives nothing back', // I-01
    code: 'NOT_ALLOWED',
    atCommit: true,
    drop: trigger('release_order', 'release_order_true'),
    prepare: async (the) => {
      const { releaseNo } = await the.at('drafted', 4);
      return (tx) => move(tx, 'release_order', releaseNo, 'cancel', actor);
    },
  },
  {
    name: 'release_order_true: goods that still secure what is owed', // I-14
    code: 'LTV_EXCEEDED',
    atCommit: true,
    drop: trigger('release_order', 'release_order_true'),
    prepare: (the) => releaseSome(the, '0.001'),
  },
  {
    name: 'release_order_true: at a price of the day before yesterday', // I-12
    code: 'PRICE_STALE',
    atCommit: true,
    drop: trigger('release_order', 'release_order_true'),
    prepare: (the) =>
      releaseSome(the, '0.001', (tx) =>
        tx.query(
          "alter table price_quote disable trigger price_quote_guarded; update price_quote set good_until = hub_now() where material = 'HRB400'",
        ),
      ),
  },
  {
    name: 'release_order_posting: an exchange whose new goods are not registered', // I-13
    code: 'REPAYMENT_NOT_POSTED',
    drop: trigger('release_order', 'release_order_posting'),
    prepare: async (the) => {
      const { pledgeNo, lots } = await lentAt(the, 'STOCK_STATIC');
      const changeNo = await requestedChange(the, pledgeNo, 'TOP_UP', '1.000');
      const [lot] = lots;
      if (!lot) throw new Error('a lot was expected');
      const no = anyNo('RO');
      return async (tx) => {
        await draftRelease(
          tx,
          { no, pledgeNo, ground: 'SUBSTITUTION', changeNo, lots: [{ ...lot, quantity: '0.001' }] },
          actor,
        );
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
    },
  },
  {
    name: 'gate_pass_good: another token',
    code: 'NOT_ALLOWED',
    drop: trigger('gate_pass', 'gate_pass_good'),
    prepare: atGate('token-token-tokem', picker),
  }, // I-15
  {
    name: 'gate_pass_good: another person',
    code: 'NOT_ALLOWED',
    drop: trigger('gate_pass', 'gate_pass_good'),
    prepare: atGate('token-token-token', { ...picker, idNo: '350203199001010025' }),
  },
  {
    name: 'gate_pass_good: another vehicle',
    code: 'NOT_ALLOWED',
    drop: trigger('gate_pass', 'gate_pass_good'),
    prepare: atGate('token-token-token', { ...picker, vehicle: '浙A00002' }),
  },
  {
    name: 'gate_pass_good: too late',
    code: 'DEADLINE_PASSED',
    drop: trigger('gate_pass', 'gate_pass_good'),
    prepare: async (the) => {
      await the.at('posted', 4);
      return async (tx) => {
        const no = await sentWithPicker(the, tx);
        await tx.query('update release_order set valid_to = hub_now() where no = $1', [no]);
        await passGate(tx, no, 'token-token-token', picker);
      };
    },
  },
];
