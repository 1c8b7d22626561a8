/** Work that is due on a business day (日终任务): revaluation, reconciliation, due dates. Told by the clock, or by an operator. */
import { Type, type Static } from 'typebox';
import { BusinessDate, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

/** F2 orders of which nobody told (补拉订单), F8 mark to market (盯市), F9 stock (货准), F10 settlement files (日终对账), F11 due dates (逾期), F12 feedback (贷后反馈), and books against books. */
const dailyWork = [
  'orders',
  'marking',
  'stock',
  'settlement',
  'overdue',
  'feedback',
  'reconciliation',
  'reminders',
] as const;

export const Due = contract(
  'hub/due',
  strict({
    what: Type.Enum([...dailyWork], { type: 'string' }),
    /** Of which: a project, or a system; `all`. */
    scope: ShortText,
    on: BusinessDate,
  }),
);

/** One run for each, for ever: `marking/XM-SPOT-PLEDGE/2026-11-23`. */
export const dueKey = ({ what, scope, on }: Static<typeof Due.schema>): string => `${what}/${scope}/${on}`;

export const dueNotices = {
  due: notice({
    contract: Due,
    label: { zh: '日终任务到期', en: 'daily work is due' },
    keyOf: dueKey,
    idOf: dueKey,
  }),
};
