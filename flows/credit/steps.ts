/** The eight steps of credit financing, as the industry counts them (信用融资 1–8). The seventh is the post-loan feedback (F12). */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const creditSteps = [
  milestone(1, '推荐经销商、邀请入驻', 'dealer recommended and admitted', 'unit'),
  milestone(2, '采购合同与风控预审', 'purchase contract and pre-screen', 'sap'),
  milestone(3, '客户融资申请', 'financing application', 'dealer'),
  milestone(4, '推送资方与审批', 'pushed to a funder, decided', 'bank'),
  milestone(5, '占用额度与签约', 'limit reserved, contracts signed', 'esign'),
  milestone(6, '受托支付放款', 'entrusted payment', 'bank'),
] as const;

export const repaymentSteps = [milestone(8, '还款与额度恢复', 'repaid, limit restored', 'clearing')] as const;
