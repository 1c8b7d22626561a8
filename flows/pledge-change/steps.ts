/** The steps of F5 (换货、补货、部分解押 1–7): the milestones of its runs. */
import type { Milestone } from '../../engine/flow.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const changeSteps = [
  milestone(1, '换货或补货申请', 'exchange or top-up asked for', 'dealer'),
  milestone(2, '入库货物核查', 'what comes in is checked', 'registry'),
  milestone(3, '锁定与控货确认', 'locked and controlled', 'wms'),
  milestone(4, '资方审批', 'approved by the funder', 'bank'),
  milestone(5, '新增登记', 'registered', 'registry'),
  milestone(6, '换出货物解押', 'what goes out is released', 'wms'),
] as const;

export const beyondSteps = [
  milestone(7, '补足、部分解押、浮动出库', 'top-up, part release, floating movement', 'dealer'),
] as const;
