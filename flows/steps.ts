/** The eleven steps of a spot pledge, as the industry counts them (现货质押 1–11): the milestones of a case. */
import type { Milestone } from '../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const pledgeSteps = [
  milestone(1, '采购合同签署、邀请入驻', 'purchase contract, dealer admitted', 'sap-s4'),
  milestone(2, '合同及协议整合', 'project documents', 'unit'),
  milestone(3, '客户融资申请', 'financing application', 'dealer'),
  milestone(4, '数据包推送与审批', 'data package and decision', 'bank-open'),
  milestone(5, '申请结果与签约', 'result and signed contracts', 'esign-tsign'),
  milestone(6, '货物入库信息', 'goods received', 'wms-qimen'),
  milestone(7, '入库监管、仓单质押', 'control, registration, pledge', 'registry-zd'),
  milestone(8, '放款', 'disbursement', 'bank-open'),
] as const;

export const releaseSteps = [
  milestone(9, '客户还款及解押申请', 'repayment and release application', 'clearing-cpcn'),
  milestone(10, '生成解质押单、资方审批', 'release order approved', 'bank-open'),
  milestone(11, '出库通知与出库', 'goods released', 'wms-qimen'),
] as const;
