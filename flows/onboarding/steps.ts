/** The ten steps of onboarding (入驻与实名 1–10): the milestones of its case, and whose turn each is. */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const onboardingSteps = [
  milestone(1, '推荐客户', 'customer recommended', 'unit'),
  milestone(2, '发送邀请', 'invitation sent', 'operator'),
  milestone(3, '企业注册', 'company registered', 'dealer'),
  milestone(4, '数据授权', 'consents given', 'dealer'),
  milestone(5, '企业四要素核验', 'company verified', 'cfca'),
  milestone(6, '经办人核验', 'agent verified', 'identity'),
  milestone(7, '账户或授权证明', 'account or authority proven', 'cfca'),
  milestone(8, '黑名单筛查', 'screened', 'hub'),
  milestone(9, '审核与复核', 'reviewed by two', 'operator'),
  milestone(10, '印章与资方备案', 'seal and archives', 'esign'),
] as const;
