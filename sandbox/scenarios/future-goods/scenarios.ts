/** F4: future goods rights (未来货权) that become pledged warehouse receipts. */
import type { Scenario } from '../scenario.ts';
import { noDeposit, noRefundClause, notPaid } from './before.ts';
import { late, lost, refunded, sellerDefaults } from './delivery.ts';
import { happy } from './happy.ts';
import { lowGrade, notAmended, notEndorsed, short } from './receipt.ts';

export const futureGoodsScenarios: readonly Scenario[] = [
  happy,
  noDeposit,
  noRefundClause,
  notPaid,
  late,
  refunded,
  sellerDefaults,
  short,
  lowGrade,
  notEndorsed,
  notAmended,
  // Its loan stays owed and flagged: last of its dealer.
  lost,
];
