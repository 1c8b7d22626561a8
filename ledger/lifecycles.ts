/**
 * The life cycles of everything that has a state: from, event, to, who. The database holds the same table and refuses any
 * other change; `npx lianshu lifecycles` draws it.
 */
import { partiesKeys, partiesLifecycles } from './parties/lifecycles.ts';
import { configurationKeys, configurationLifecycles } from './configuration/lifecycles.ts';
import { tradeKeys, tradeLifecycles } from './trade/lifecycles.ts';
import { financingKeys, financingLifecycles } from './financing/lifecycles.ts';
import { goodsKeys, goodsLifecycles } from './goods/lifecycles.ts';
import { moneyKeys, moneyLifecycles } from './money/lifecycles.ts';
import { oversightKeys, oversightLifecycles } from './oversight/lifecycles.ts';

/** The column by which each entity is known; the entity has its table's name. */
export const keyColumn = {
  ...partiesKeys,
  ...configurationKeys,
  ...tradeKeys,
  ...financingKeys,
  ...goodsKeys,
  ...moneyKeys,
  ...oversightKeys,
} as const;

export const lifecycles = {
  ...partiesLifecycles,
  ...configurationLifecycles,
  ...tradeLifecycles,
  ...financingLifecycles,
  ...goodsLifecycles,
  ...moneyLifecycles,
  ...oversightLifecycles,
} as const;

export type Entity = keyof typeof lifecycles;
export type EventOf<E extends Entity> = (typeof lifecycles)[E][number][1];
