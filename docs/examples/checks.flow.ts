import { flow, type Run } from '../../engine/flow.ts';
import { depot, Order } from './depot.ts';

/** Branches side by side. A step is known by its path (`checks/stock/depot.reserve`), so their order does not matter. */
export const checks = flow({
  name: 'example-checks',
  version: 1,
  title: { zh: '并行示例', en: 'checks' },
  input: Order,
  startedBy: [],
  keyOf: (order) => order.orderNo,
  caseOf: (order) => ({ key: order.orderNo, title: `order ${order.orderNo}` }),
  milestones: [],
  async body(run, order) {
    const found = await run.all('checks', {
      stock: async (branch: Run) => (await branch.call(depot.operations.reserve, order, { system: 'depot' })).place,
      size: (branch: Run) => branch.record('size', async () => (order.pieces > 100 ? 'large' : 'small')),
    });
    return { outcome: 'checked', detail: `${found.stock}, ${found.size}` };
  },
});
