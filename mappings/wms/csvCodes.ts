/** What the codes of a warehouse's files mean to us, as data: agreed at connection time, as the whole format is. */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const agreed = 'docs/partners/wms-csv.md: agreed with the warehouse at connection time';

/** `status` of a result. */
export const results = codeTable('wms.csv.status', agreed, {
  DONE: 'confirmed', // 已完成
  WAITING: 'pending', // 处理中
  REFUSED: 'refused', // 已拒绝
} satisfies Record<string, 'confirmed' | 'pending' | 'refused'>);

/** `reason` of a result that says no. */
export const reasons = codeTable('wms.csv.reason', agreed, {
  E01: 'SYSTEM_REFUSED', // 数据错误
  E02: 'IDEMPOTENCY_CONFLICT', // 单号相同、内容不同
  E03: 'SYSTEM_REFUSED', // 货主、仓库、商品不存在
  E04: 'STOCK_SHORT', // 库存不足
  E05: 'PLEDGE_OVERLAP', // 已被质押锁定
  E06: 'SYSTEM_REFUSED', // 无有效放货令牌
  E07: 'SYSTEM_REFUSED', // 超过锁定数量
  E08: 'SYSTEM_REFUSED', // 单据不存在
} satisfies Record<string, FailureCode>);

/** `unit`; one to one, so that nothing comes back in another unit than it went. */
export const csvUnits = twoWayTable('wms.csv.unit', agreed, { 吨: 'TNE', 千克: 'KGM', 立方米: 'MTQ', 件: 'C62' });
