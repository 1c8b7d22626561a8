/** The steps of F4 (未来货权转电子仓单质押 1–8): the milestones of a case. */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const futureSteps = [
  milestone(1, '采购合同与首付保证金', 'purchase contract and deposit', 'dealer'),
  milestone(2, '申请、审批、四方协议', 'application, decision, four-party agreement', 'esign'),
  milestone(3, '未来货权登记、受托支付', 'registration and entrusted payment', 'bank'),
  milestone(4, '卖方发货', 'dispatched by the seller', 'mill'),
  milestone(5, '在途监控', 'in transit', 'mill'),
  milestone(6, '入库质检', 'received and inspected', 'wms'),
  milestone(7, '转电子仓单质押', 'converted into a pledged receipt', 'registry'),
] as const;
