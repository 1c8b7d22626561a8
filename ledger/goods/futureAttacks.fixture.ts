/** For tests: a right to future goods, and what breaks each of its protections. */
import { sql, type Attack } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { agreeFuture, moveUnits } from './futureGoods.ts';
import { anyNo, freshLots, seal } from './specimens.fixture.ts';
import { check, trigger } from './stockAttacks.fixture.ts';

/** Agreed on an application of the dealer: a hundred tonnes, at 3 400.00. */
export async function agreedRight(the: Books, quantity = '100.000'): Promise<string> {
  const { applicationNo } = await the.bring('applied');
  const no = anyNo('FG');
  const deposit = { amount: '100000.00', currency: 'CNY', statementRef: anyNo('ST') };
  const lines = [{ lineNo: '10', materialCode: 'HRB400', quantity, unit: 'TNE', unitPrice: '3400.00' }];
  const right = {
    no,
    applicationNo,
    seller: the.unit,
    deliverBy: '2027-01-31',
    deposit,
    undertakingSha256: seal,
    lines,
  };
  await the.store.tx((tx) => agreeFuture(tx, right, actor));
  return no;
}

const onRight = (text: (no: string) => string) => async (the: Books) => sql(text(await agreedRight(the)));
const moved = (no: string, origin: string, destination: string, quantity: string) =>
  `insert into future_move (future_no, line_no, origin, destination, quantity, document_no) values ('${no}', '10', '${origin}', '${destination}', ${quantity}, 'D');`;

export const futureAttacks: readonly Attack[] = [
  {
    name: 'units_in_one_place',
    code: 'STOCK_SHORT',
    drop: check('future_line', 'units_in_one_place'),
    prepare: onRight(
      (no) =>
        `alter table future_line disable trigger future_line_moved; update future_line set transit = 10 where future_no = '${no}'`,
    ),
  },
  {
    name: 'units_are_there',
    code: 'STOCK_SHORT',
    drop: check('future_line', 'units_are_there'),
    prepare: onRight((no) => moved(no, 'future', 'transit', '100.001')),
  },
  {
    name: 'move_goes_on',
    code: 'ILLEGAL_TRANSITION',
    drop: check('future_move', 'move_goes_on'),
    prepare: onRight((no) => moved(no, 'future', 'received', '1')),
  },
  {
    name: 'future_line_moved',
    code: 'NOT_ALLOWED',
    drop: trigger('future_line', 'future_line_moved'),
    prepare: onRight((no) => `update future_line set future = 90, short = 10 where future_no = '${no}'`),
  },
  {
    name: 'future_move_append_only',
    code: 'append_only',
    drop: trigger('future_move', 'future_move_append_only'),
    prepare: async () => sql('delete from future_move where false'),
  },
  {
    name: 'future_move_applied: a movement that moves nothing',
    code: '0.000',
    drop: trigger('future_move', 'future_move_applied'),
    prepare: async (the) => {
      const no = await agreedRight(the);
      return async (tx) => {
        await moveUnits(tx, no, ['future', 'transit'], [{ materialCode: 'HRB400', quantity: '1.000' }], 'D');
        const found = await tx.query<{ n: string }>(
          'select (transit - 1)::text n from future_line where future_no = $1',
          [no],
        );
        // The protection is what moves: with it the movement is in the line, and that is said here as a refusal.
        if (found.rows[0]?.n === '0.000') throw new Error('0.000');
      };
    },
  },
  {
    name: 'future_goods_leave',
    code: 'STOCK_SHORT',
    drop: trigger('stock_movement', 'future_goods_leave'),
    prepare: async (the) => {
      const no = await agreedRight(the);
      const receiptNo = anyNo('GR');
      await the.store.tx(async (tx) => {
        await moveUnits(tx, no, ['future', 'transit'], [{ materialCode: 'HRB400', quantity: '10.000' }], 'D');
        await moveUnits(tx, no, ['transit', 'received'], [{ materialCode: 'HRB400', quantity: '10.000' }], receiptNo);
        await tx.query(
          `insert into goods_receipt (receipt_no, notice_no, warehouse, owner_id, received_at, final) values ($1, $1, 'WH01', $2, now(), true)`,
          [receiptNo, the.dealer],
        );
      });
      const [lot] = await freshLots(the, ['10.000']);
      await the.store.pool.query('update stock_lot set goods_receipt_no = $1 where lot_no = $2', [
        receiptNo,
        lot?.lotNo,
      ]);
      // Received, and under no receipt yet: nothing of it leaves.
      return sql(
        `insert into stock_movement (lot_no, kind, quantity, document_no, actor) values ('${lot?.lotNo}', 'OUTBOUND', 1, 'X', 'test')`,
      );
    },
  },
  {
    name: 'guard_future_goods',
    code: 'REGISTRATION_MISSING',
    drop: trigger('payment', 'guard_future_goods'),
    othersRefuse: true,
    prepare: async (the) => {
      const { applicationNo, paymentNo } = await the.bring('applied');
      return sql(
        `alter table application disable trigger user; update application set product = 'FUTURE_GOODS' where no = '${applicationNo}';
         alter table payment disable trigger payment_lifecycle;
         insert into payment (no, purpose, application_no, payee_account, amount, currency, state) values ('${paymentNo}', 'DISBURSE', '${applicationNo}', '6200000000000001', 1, 'CNY', 'FAILED')`,
      );
    },
  },
  {
    name: 'pledge_change_true',
    code: 'PLEDGE_OVERLAP',
    atCommit: true,
    drop: trigger('pledge_change', 'pledge_change_true'),
    prepare: async (the) => {
      const { heldReceipt, requestedChange } = await import('./specimens.fixture.ts');
      const { pledgeNo } = await the.bring('disbursed');
      const no = await requestedChange(the, pledgeNo, 'TOP_UP', '1.000');
      const receipt = await heldReceipt(the, ['5.000']);
      return sql(`update pledge_change set receipt_no = '${receipt.no}' where no = '${no}'`);
    },
  },
];
