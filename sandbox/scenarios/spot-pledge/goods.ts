/** F3, step 6: more or less than was announced, and a warehouse whose word does not arrive. */
import { createHash } from 'node:crypto';
import type { Scenario, Stage } from '../scenario.ts';
import { begun, ended, loanState, numberOf, type Played } from './cases.ts';

/** Ends in 013: two per cent short. */
const short = '1200.013';

async function decideOnShort(stage: Stage, played: Played, decision: 'approved' | 'rejected'): Promise<void> {
  await stage.until('the alert', async () => {
    const alerts = await stage.rows<{ level: string; state: string }>(
      "select level, state from alert where type = 'STOCK_DIFF' and subject = $1",
      [numberOf('IN', played)],
    );
    return alerts.length === 1 && alerts[0]?.state === 'OPEN';
  });
  stage.same('receipts before people decided', await receipts(stage, played), 0);
  await stage.decide(played.caseNo, 'other quantities', { person: '资方甲', role: 'funder', decision });
  if (decision === 'approved')
    await stage.decide(played.caseNo, 'other quantities', { person: '运营乙', role: 'operator' });
}

const receipts = (stage: Stage, { caseNo }: Played) =>
  stage.value(
    'select count(*)::int from warehouse_receipt r join pledge p on p.receipt_no = r.no join application a on a.no = p.application_no where a.case_id = $1',
    [caseNo],
  );

export const shortAccepted: Scenario = {
  name: 'spot-pledge/short-delivery-accepted',
  flow: 'F3',
  failures: ['F3.6'],
  title: {
    zh: '到货短少超差，双人确认后按实收质押',
    en: 'two per cent short: two people accept it, and what came is pledged',
  },
  async play(stage) {
    const played = await begun(stage, { quantity: short, changes: { release: () => undefined } });
    await decideOnShort(stage, played, 'approved');
    await stage.until('the loan', async () => (await loanState(stage, played)) === 'ACTIVE');
    const pledged = await stage.value('select sum(quantity)::text from pledge_item where pledge_no = $1', [
      numberOf('PL', played),
    ]);
    stage.same('what is pledged', pledged, '1176.012');
    const alert = await stage.value("select state from alert where type = 'STOCK_DIFF' and subject = $1", [
      numberOf('IN', played),
    ]);
    stage.same('the alert', alert, 'RESOLVED');
    stage.same('evidence N21', (await stage.evidence(played.caseNo)).includes('N21'), true);
  },
};

export const shortRefused: Scenario = {
  name: 'spot-pledge/short-delivery-refused',
  flow: 'F3',
  failures: ['F3.6'],
  title: { zh: '到货短少超差，不予接受', en: 'two per cent short, and nobody accepts it' },
  async play(stage) {
    const played = await begun(stage, { quantity: short });
    await decideOnShort(stage, played, 'rejected');
    await ended(stage, played, 'spot-pledge', 'returned');
    await stage.caseEnds(played.caseNo, 'ended');
    stage.same('receipts', await receipts(stage, played), 0);
    stage.same(
      'locks',
      stage.effects('wms-qimen', 'locked').filter(({ number }) => number === numberOf('PL', played)),
      [],
    );
  },
};

interface Inbound {
  readonly code: string;
  readonly receipt?: {
    readonly no: string;
    readonly at: string;
    readonly lots: readonly { lotNo: string; itemCode: string; qty: number }[];
  };
}

export const feedDown: Scenario = {
  name: 'spot-pledge/feed-down',
  flow: 'F3',
  failures: ['F3.6'],
  title: { zh: '仓库接口中断，人工双签清点', en: 'the feed of the warehouse is down: two people count' },
  async play(stage) {
    await stage.act('wms-qimen', 'loseReceipts', { on: true });
    try {
      const played = await begun(stage, { changes: { release: () => undefined } });
      const noticeNo = numberOf('IN', played);
      let order: Inbound | undefined;
      await stage.until('the goods to have come', async () => {
        const { inbound } = (await stage.memory('wms-qimen')) as { inbound: Inbound[] };
        order = inbound.find(({ code }) => code === noticeNo);
        return order?.receipt !== undefined;
      });
      const { no = '', at = '', lots = [] } = order?.receipt ?? {};
      const sheet = {
        received: {
          noticeNo,
          receiptNo: no,
          warehouseCode: 'XM01',
          final: true,
          receivedAt: at,
          lots: lots.map(({ lotNo, itemCode, qty }) => ({
            lotNo,
            materialCode: itemCode,
            quantity: `${Math.floor(qty / 1000)}.${String(qty % 1000).padStart(3, '0')}`,
            unit: 'TNE',
          })),
        },
        countedBy: '仓管员陈',
        documentSha256: createHash('sha256').update(no).digest('hex'),
      };
      // One person is not two.
      await stage.command('keeper', '/v1/arrival-counts', {
        ...sheet,
        witnessedBy: '仓管员陈',
        documentSha256: '0'.repeat(64),
      });
      await stage.command('keeper', '/v1/arrival-counts', { ...sheet, witnessedBy: '监管员林' });
      await ended(stage, played, 'arrival-count', 'refused');
      await ended(stage, played, 'arrival-count', 'entered');
      await stage.until('the loan', async () => (await loanState(stage, played)) === 'ACTIVE');
      const entries = await stage.rows('select message, state from manual_entry where business_key = $1', [noticeNo]);
      stage.same('entered by hand', entries, [{ message: 'wms.goodsReceived', state: 'POSTED' }]);
    } finally {
      await stage.act('wms-qimen', 'loseReceipts', { on: false });
    }
  },
};
