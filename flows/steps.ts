/** The eleven steps of a spot pledge, as the industry counts them (现货质押 1–11): the milestones of a case. Each is the turn of a party or of a kind of system. */
import type { Milestone } from '../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const pledgeSteps = [
  milestone(1, '采购合同签署、邀请入驻', 'purchase contract, dealer admitted', 'sap'),
  milestone(2, '合同及协议整合', 'project documents', 'unit'),
  milestone(3, '客户融资申请', 'financing application', 'dealer'),
  milestone(4, '数据包推送与审批', 'data package and decision', 'bank'),
  milestone(5, '申请结果与签约', 'result and signed contracts', 'esign'),
  milestone(6, '货物入库信息', 'goods received', 'wms'),
  milestone(7, '入库监管、仓单质押', 'control, registration, pledge', 'registry'),
  milestone(8, '放款', 'disbursement', 'bank'),
] as const;

export const releaseSteps = [
  milestone(9, '客户还款及解押申请', 'repayment and release application', 'clearing'),
  milestone(10, '生成解质押单、资方审批', 'release order approved', 'bank'),
  milestone(11, '出库通知与出库', 'goods released', 'wms'),
] as const;

/** Of money that nobody ordered (F7 2–5): whose it is, and that its funder posts it. */
export const incomingSteps = [
  milestone(2, '来账', 'money came in', 'bank'),
  milestone(3, '来账匹配', 'matched to a loan', 'hub'),
] as const;

export const postingSteps = [
  milestone(4, '资方入账', 'posted by the funder', 'bank'),
  milestone(5, '额度恢复、可解押计算', 'limit restored, what may be released', 'hub'),
] as const;
