/** What the operator (运营方) tells the hub. */
import { Due, dueKey } from '../hub/due.ts';
import { command } from './command.ts';

export const operationCommands = {
  /** By hand, where the clock did not: a day that was missed, or a scenario. */
  due: command({
    contract: Due,
    label: { zh: '执行日终任务', en: 'daily work asked for' },
    path: 'due',
    by: ['operator'],
    keyOf: dueKey,
    idOf: dueKey,
  }),
};
