/** Step 11: goods out. */
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { ReleaseApplication } from '../../contracts/portal/financing.ts';
import { wms } from '../../contracts/wms/wms.ts';
import type { Run } from '../../engine/flow.ts';
import { adviseCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardRelease } from '../../ledger/guards.ts';
import { move, type Tx } from '../../ledger/lifecycle.ts';
import { cancelRelease, executeRelease, type OpenPledge } from '../../ledger/goods/releases.ts';
import type { LotRow } from '../../ledger/goods/stock.ts';
import { raise } from '../../ledger/oversight/alerts.ts';
import { stampCase } from '../anchoring.ts';
import { textTo } from '../telling.ts';
import type { Ordered } from './ordering.ts';

type Asked = Message<typeof ReleaseApplication>;
type Outbound = Message<typeof wms.notices.goodsOutbound.contract>;

/** The goods did not leave, or not as they were ordered: what is still pledged stays so. */
export interface NotAsOrdered {
  readonly outcome: 'expired' | 'incident';
  readonly detail: string;
}

/** A token opens the gate once, for the named picker, before it expires; whoever else comes is refused at the gate (I-15). */
export async function letGoodsOut(
  run: Run,
  open: OpenPledge,
  asked: Asked,
  order: Ordered,
  actor: string,
): Promise<NotAsOrdered | undefined> {
  const { systems } = open.project;
  const { releaseNo } = asked;
  await stampCase(run, systems);
  const sent = run.call(
    wms.operations.orderOutbound,
    {
      releaseNo,
      pledgeNo: open.pledgeNo,
      token: order.token,
      warehouseCode: open.project.warehouse,
      ownerCode: open.dealer.uscc,
      picker: asked.picker,
      validTo: order.validTo,
      lots: [...order.lots],
    },
    {
      system: systems.warehouse,
      before: async (tx) => {
        await guardRelease(tx, releaseNo);
        await move(tx, 'release_order', releaseNo, 'send', actor);
      },
      after: (tx) => move(tx, 'release_order', releaseNo, 'ack', actor),
    },
  );
  const refused = await sent.then(
    () => undefined,
    async (thrown: unknown) => {
      await run.record('record that no goods will leave', (tx) => cancelRelease(tx, releaseNo, 'cancel', actor));
      // The order could not be sent before its token expired: it is asked for anew, as when nobody comes.
      if (isFailure(thrown) && thrown.type === 'ILLEGAL_TRANSITION') return thrown.message;
      throw thrown;
    },
  );
  if (refused !== undefined) {
    await run.record('advise of a new order', (tx) => adviseAnew(tx, run.caseId, releaseNo));
    return { outcome: 'expired', detail: refused };
  }
  await tellPicker(run, open, releaseNo, order.lots);
  const outbound = await fetched(run, systems.warehouse, releaseNo, actor);
  if ('outcome' in outbound) return outbound;
  const beyond = beyondOrder(outbound.lots, order.lots);
  await run.record('record the outbound', async (tx) => {
    const { outboundNo, outboundAt } = outbound;
    await executeRelease(
      tx,
      releaseNo,
      open.pledgeNo,
      outboundNo,
      within(outbound.lots, order.lots),
      actor,
      outboundAt,
    );
    await keepEvidence(tx, run.caseId, 'N19 outbound', outboundNo, { releaseNo });
  });
  return beyond.length > 0 ? examine(run, outbound, beyond, actor) : undefined;
}

/** Nobody came in seven days: the token is worth nothing, its goods are pledged again, and a new order is needed. */
async function fetched(run: Run, system: string, releaseNo: string, actor: string): Promise<Outbound | NotAsOrdered> {
  try {
    return await run.wait(wms.notices.goodsOutbound, { key: releaseNo, within: '7 days', from: system });
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    await run.record('the token has expired', async (tx) => {
      await cancelRelease(tx, releaseNo, 'expire', actor);
      await adviseAnew(tx, run.caseId, releaseNo);
    });
    return { outcome: 'expired', detail: `nobody fetched the goods of ${releaseNo} in seven days` };
  }
}

function adviseAnew(tx: Tx, caseNo: string, releaseNo: string): Promise<void> {
  return adviseCase(
    tx,
    caseNo,
    `提货凭证 ${releaseNo} 已过期，请重新申请 the token has expired: apply for a new release order`,
  );
}

async function tellPicker(run: Run, open: OpenPledge, releaseNo: string, lots: readonly LotRow[]): Promise<void> {
  const [first, ...others] = lots;
  if (!first) return;
  await textTo(run, {
    no: `${numberFor('MG', run.caseId)}-${releaseNo.slice(-6)}`,
    party: open.dealerId,
    system: open.project.systems.sms,
    template: 'goodsReleased',
    params: { releaseNo, quantity: `${first.quantity} ${first.unit}${others.length > 0 ? ` +${others.length}` : ''}` },
  });
}

/** In thousandths, which is how exactly goods are counted. */
const thousandths = (quantity: string): bigint => BigInt(quantity.replace('.', ''));

const orderedOf = (lotNo: string, ordered: readonly LotRow[]): bigint =>
  ordered.filter((lot) => lot.lotNo === lotNo).reduce((sum, lot) => sum + thousandths(lot.quantity), 0n);

function beyondOrder(left: readonly LotRow[], ordered: readonly LotRow[]): LotRow[] {
  return left.filter((lot) => thousandths(lot.quantity) > orderedOf(lot.lotNo, ordered));
}

/** What of it was ordered: no more is booked on this order. */
function within(left: readonly LotRow[], ordered: readonly LotRow[]): LotRow[] {
  return left.flatMap((lot) => {
    const most = orderedOf(lot.lotNo, ordered);
    if (most === 0n) return [];
    if (thousandths(lot.quantity) <= most) return [lot];
    const digits = String(most).padStart(4, '0');
    return [{ ...lot, quantity: `${digits.slice(0, -3)}.${digits.slice(-3)}` }];
  });
}

/** More left than was ordered: an incident at the top level at once (F9 4). Nothing more is given back until two people have looked. */
async function examine(
  run: Run,
  outbound: Outbound,
  beyond: readonly LotRow[],
  actor: string,
): Promise<NotAsOrdered | undefined> {
  const metric = beyond.map(({ lotNo, quantity, unit }) => `${lotNo} ${quantity} ${unit}`).join(', ');
  await run.record('more left than was ordered', async (tx) => {
    for (const { lotNo } of beyond)
      await raise(tx, { type: 'STOCK_DIFF', level: 'DISPOSE', subject: lotNo, caseId: run.caseId, metric }, actor);
    await keepEvidence(tx, run.caseId, 'N21 stock difference', outbound.outboundNo, {
      releaseNo: outbound.releaseNo,
      beyond,
    });
  });
  const seen = await run
    .ask('look into the outbound', {
      title: { zh: '出库超出解押单，请核查', en: 'more left the warehouse than was ordered: look into it' },
      payload: {
        releaseNo: outbound.releaseNo,
        outboundNo: outbound.outboundNo,
        weighTicket: outbound.weighTicket,
        beyond,
      },
      people: 2,
      within: '3 working days',
      roles: ['funder', 'operator'],
    })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    });
  if (seen?.decision === 'approved') return undefined;
  return { outcome: 'incident', detail: `more left than was ordered: ${metric}` };
}
