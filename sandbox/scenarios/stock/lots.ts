/** What the scenarios of stock share: a lot that differs, and the people who deal with it. */
import type { Stage } from '../scenario.ts';
import { alertIs, alertOf, ask, ended, nextMorning, sha, type Lent } from '../marking/lent.ts';

/** A count at the warehouse finds so many kilograms of the lot. */
export const counted = (stage: Stage, lotNo: string, kilograms: number): Promise<unknown> =>
  stage.act('wms-qimen', 'takeStock', { lotNo, found: kilograms });

export const kilogramsOf = async (stage: Stage, lotNo: string): Promise<number> => {
  const memory = (await stage.memory('wms-qimen')) as { lots: { lotNo: string; onHand: number }[] };
  return memory.lots.find((lot) => lot.lotNo === lotNo)?.onHand ?? 0;
};

export const tonnes = (kilograms: number): string =>
  `${Math.floor(kilograms / 1000)}.${String(kilograms % 1000).padStart(3, '0')}`;

/** The alert of that lot, once it is open. */
export async function differs(stage: Stage, lotNo: string): Promise<{ no: string; level: string }> {
  await stage.until(
    `a difference of ${lotNo}`,
    async () => (await alertOf(stage, 'STOCK_DIFF', lotNo))?.state === 'OPEN',
  );
  const { no = '', level = '' } = (await alertOf(stage, 'STOCK_DIFF', lotNo)) ?? {};
  return { no, level };
}

export async function taken(stage: Stage, caseNo: string, alertNo: string): Promise<void> {
  await stage.decide(caseNo, `take the alert ${alertNo}`, { person: '黄建平', role: 'WH' });
}

export const explain = (stage: Stage, alertNo: string, reason: string): Promise<unknown> =>
  stage.command('keeper', '/v1/stock-explanations', {
    alertNo,
    explainedBy: '仓管员甲',
    reason,
    reportSha256: sha('a'),
  });

/** Keeper and supervisor count again. Returns the number of their note. */
export async function recount(stage: Stage, alertNo: string, lotNo: string, quantity: string): Promise<string> {
  const noteNo = `TZ${stage.unique()}`;
  await stage.command('keeper', '/v1/stock-recounts', {
    alertNo,
    noteNo,
    lotNo,
    quantity,
    unit: 'TNE',
    countedBy: '仓管员甲',
    supervisedBy: '监管员乙',
    photos: [sha('b')],
    weighTickets: [`BD${stage.unique()}`],
    reportSha256: sha('d'),
  });
  return noteNo;
}

/** The next working day's reconciliation. Returns how it ended. */
export async function reconcileNext(stage: Stage): Promise<{ key: string; outcome: string }> {
  const key = await ask(stage, 'stock', await nextMorning(stage));
  return { key, outcome: await ended(stage, 'stock', key) };
}

export const over = (stage: Stage, lent: Lent): Promise<string> => alertIs(stage, 'STOCK_DIFF', lent.lotNo, 'RESOLVED');
