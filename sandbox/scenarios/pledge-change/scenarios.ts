/** F5: what is pledged changes (换货、补货、部分解押、浮动质押). */
import type { Scenario } from '../scenario.ts';
import { cash, floating, goods, part } from './beyond.ts';
import { exchange, notLocked, notRegistered, notReleased, rejected, returned } from './exchange.ts';
import { underCall } from './underCall.ts';

export const pledgeChangeScenarios: readonly Scenario[] = [
  exchange,
  underCall,
  returned,
  notLocked,
  rejected,
  notRegistered,
  notReleased,
  goods,
  cash,
  part,
  floating,
];
