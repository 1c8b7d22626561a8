/** What a partner may send to a warehouse of the sandbox to see it on a bad day. Every system before the same floor has them. */
import type { Magic } from '../twin.ts';

const where = 'last three digits of a planned quantity, such as 100.013 计划数量末三位';

export const floorMagic: readonly Magic[] = [
  { where, value: '013', effect: 'arrives two per cent short 到货短少 2%' },
  { where, value: '014', effect: 'its keeper seals no receipt 仓单签章失败，不签发' },
  { where, value: '015', effect: 'half of it is controlled for the pledgee 仅控货一半' },
  { where, value: '021', effect: 'a count finds less a day later 次日盘亏' },
  { where, value: '022', effect: 'its lot becomes another one a day later 次日并批' },
  { where, value: '023', effect: 'is measured in the next smaller unit a day later 次日换单位' },
  { where, value: '024', effect: 'is counted 30 hours after the notice 延迟 30 小时清点' },
  { where, value: '025', effect: 'two losses are told in the wrong order 两次损耗乱序上报' },
  { where, value: '026', effect: 'one loss is told twice 一次损耗重复上报' },
  { where, value: '028', effect: 'never arrives 从不到货' },
  { where: 'vehicle 车牌', value: 'ends in 00000', effect: 'never comes 从不提货' },
];
