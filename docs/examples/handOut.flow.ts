import { flow } from '../../engine/flow.ts';
import { depot, Order } from './depot.ts';

/** Reserves goods, lets two people agree, waits until the goods have left. */
export const handOut = flow({
  name: 'example-hand-out',
  version: 1,
  title: { zh: '出库示例', en: 'hand out' },
  input: Order,
  startedBy: ['erp.ordered'],
  keyOf: (order) => order.orderNo,
  caseOf: (order) => ({ key: order.orderNo, title: `order ${order.orderNo}` }),
  milestones: [],
  async body(run, order) {
    const { place } = await run.call(depot.operations.reserve, order, {
      system: 'depot',
      // Should anything fail from here on, the reservation is taken back.
      undo: async (undoing) => {
        await undoing.call(depot.operations.cancel, { orderNo: order.orderNo }, { system: 'depot' });
      },
    });

    const { decision, by } = await run.ask('approve hand-out', {
      title: { zh: '同意出库', en: 'approve the hand-out' },
      payload: { orderNo: order.orderNo, pieces: order.pieces, place },
      people: 2,
      within: '2 working days',
    });
    if (decision === 'rejected') run.stop('rejected', `by ${by.join(', ')}`);

    await run.wait(depot.notices.left, { key: order.orderNo, within: '10 working days', from: 'depot' });

    // In the transaction that journals the step: either both are there, or neither.
    await run.record('close the case', async (tx) => {
      await tx.query(`update cases set state = 'closed' where id = $1`, [run.caseId]);
    });
    return { outcome: 'handed out', detail: place };
  },
});
