/** Goods of a dealer come into the warehouse and are nobody's pledge (存货入库): what may be offered in exchange later. */
import { GoodsDeposit } from '../../contracts/portal/pledgeChange.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { flow } from '../../engine/flow.ts';
import { projectOf } from '../../ledger/configuration/projects.ts';
import { dealerOf } from '../../ledger/goods/changeReceipts.ts';
import { receiveLots } from '../../ledger/goods/stock.ts';

export const goodsDeposit = flow({
  name: 'goods-deposit',
  version: 1,
  title: { zh: '存货入库', en: 'Goods deposited' },
  input: GoodsDeposit,
  startedBy: [portal.notices.goodsDeposited.name],
  keyOf: (deposit) => deposit.depositNo,
  caseOf: (deposit) => ({ id: deposit.caseNo }),
  milestones: [{ no: 1, name: { zh: '存货入库', en: 'goods received' }, party: 'wms' }],
  async body(run, deposit) {
    const { depositNo, lines, ownershipDocs, ownerUscc } = deposit;
    const { project, dealer } = await run.record('whose goods and where', async (tx) => ({
      project: await projectOf(tx, deposit.sellerNo),
      dealer: await dealerOf(tx, ownerUscc),
    }));
    const system = project.systems.warehouse;
    await run.call(
      wms.operations.announceInbound,
      { noticeNo: depositNo, warehouseCode: project.warehouse, ownerCode: ownerUscc, orderNo: depositNo, lines },
      { system },
    );
    const received = await run.wait(wms.notices.goodsReceived, {
      key: depositNo,
      within: '10 working days',
      from: system,
    });
    await run.record('record the lots', (tx) =>
      receiveLots(
        tx,
        project.warehouse,
        dealer,
        received.lots.map((lot) => ({ ...lot, ownershipDocs })),
        received,
        `run:${run.id}`,
      ),
    );
    await run.milestone(1);
    return { outcome: 'received', detail: received.receiptNo };
  },
});
