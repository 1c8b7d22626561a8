/**
 * The hub's day (业务日历): tells at each cut-off what is due, for each project and each system whose day is settled. It begins what runs daily and
 * does none of it; a day that was missed because the hub was down is made up for when it is up again.
 */
import type { Due } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { BusinessDate } from '../contracts/canonical/primitives.ts';
import { contract, strict, type Message } from '../contracts/contract.ts';
import { businessDate } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { dailyScopes, type DailyScopes } from '../ledger/configuration/projects.ts';

type Work = Message<typeof Due>['what'];

/** In the order of the day (domain.md 2.15): when, Shanghai time, and for which scopes. */
const day: readonly {
  readonly what: Work;
  readonly at: string;
  readonly of: keyof DailyScopes;
  readonly onDay?: string;
}[] = [
  { what: 'orders', at: '00:05', of: 'projects' },
  { what: 'overdue', at: '00:30', of: 'projects' },
  { what: 'feedback', at: '06:00', of: 'projects', onDay: '05' },
  { what: 'reminders', at: '08:00', of: 'projects' },
  { what: 'settlement', at: '09:00', of: 'settled' },
  { what: 'marking', at: '17:00', of: 'projects' },
  { what: 'stock', at: '23:00', of: 'projects' },
  { what: 'reconciliation', at: '23:30', of: 'projects' },
];

const minuteMs = 60_000;
const dayMs = 86_400_000;

const BusinessDay = contract('hub/business-day', strict({ on: BusinessDate }));

export const days = flow({
  name: 'days',
  version: 1,
  title: { zh: '业务日历', en: 'Business days' },
  input: BusinessDay,
  startedBy: [],
  keyOf: () => 'calendar',
  caseOf: () => ({ key: 'calendar', title: '业务日历' }),
  milestones: [],
  async body(run, { on }) {
    const scopes = await run.record('what there is', (tx) => dailyScopes(tx));
    for (const { what, at, of, onDay } of day) {
      if (onDay !== undefined && !on.endsWith(`-${onDay}`)) continue;
      await sleepUntil(run, what, new Date(`${on}T${at}:00+08:00`));
      for (const scope of scopes[of]) await run.tell(hub.notices.due, { what, scope, on });
    }
    await sleepUntil(run, 'midnight', nextMidnight(on));
    return run.continueAsNew({ on: businessDate(nextMidnight(on)) });
  },
});

function nextMidnight(on: string): Date {
  return new Date(new Date(`${on}T00:00:00+08:00`).getTime() + dayMs);
}

/** Not at all, when it is past: a day that was missed goes by at once. */
async function sleepUntil(run: Run, name: string, instant: Date): Promise<void> {
  const minutes = Math.ceil((instant.getTime() - run.now().getTime()) / minuteMs);
  if (minutes > 0) await run.sleep(name, `${minutes} minutes`);
}
