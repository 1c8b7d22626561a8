/** The nine steps of a factoring with confirmation, as the industry counts them (保理确权 1–9); the first is the onboarding of its parties. */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const factoringSteps = [
  milestone(2, '融资发起、发票查验', 'initiated, invoices checked', 'supplier'),
  milestone(3, '核心企业确权', 'confirmed by the core enterprise', 'core'),
  milestone(4, '资产分配与认购', 'allocated and subscribed', 'operator'),
  milestone(5, '确认最终利率', 'final rate fixed', 'operator'),
  milestone(6, '电子签约', 'contracts signed', 'esign'),
  milestone(7, '转让登记与通知', 'registered, debtor notified', 'registry'),
  milestone(8, '放款与确认收款', 'disbursed and acknowledged', 'bank'),
] as const;

export const collectionSteps = [milestone(9, '到期回款与分账', 'collected and split', 'clearing')] as const;
