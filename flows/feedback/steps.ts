/** The four steps of post-loan feedback (贷后反馈 1–4). */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const feedbackSteps = [
  milestone(1, '经营单位数据提取', 'extracted from the ERP', 'sap'),
  milestone(2, '按授权范围最小化', 'minimised by consent', 'hub'),
  milestone(3, '报送资金方', 'delivered to the funders', 'bank'),
  milestone(4, '报送留痕', 'deliveries logged', 'hub'),
] as const;
