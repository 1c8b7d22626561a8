/** The steps of marking to market (盯市, F8) and of stock reconciliation (货准, F9), numbered as the tables of the domain number them. */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const markingSteps = [
  milestone(1, '取得行情', 'quotes', 'price'),
  milestone(2, '批量重估', 'revaluation', 'hub'),
  milestone(3, '预警', 'warnings', 'hub'),
] as const;

export const callSteps = [
  milestone(4, '追加通知、冻结放款与解押', 'margin call, drawings and releases frozen', 'dealer'),
  milestone(5, '追加到位、解除', 'topped up, resolved', 'dealer'),
  milestone(6, '资方决定续期或处置', 'funder decides to extend or to dispose', 'bank'),
  milestone(7, '处置、清偿、余款返还', 'sale, proceeds, surplus', 'bank'),
] as const;

export const alertSteps = [
  milestone(3, '价格预警告知与签收', 'price warning told and taken', 'people'),
  milestone(4, '库存预警告知与签收', 'stock alarm told and taken', 'people'),
] as const;

export const stockSteps = [
  milestone(1, '库存快照', 'snapshot of stock', 'wms'),
  milestone(2, '账实比对', 'compared with the books', 'hub'),
  milestone(3, '核对签收', 'signed off', 'hub'),
] as const;

export const differenceSteps = [
  milestone(4, '差异预警、冻结其余', 'alarm, the rest is held', 'hub'),
  milestone(5, '保管人说明、现场复盘', 'explanation and recount', 'wms'),
  milestone(6, '双方签署调整单', 'note signed by two parties', 'people'),
  milestone(7, '要求补足', 'top-up demanded', 'dealer'),
] as const;
