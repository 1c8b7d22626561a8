/** How a flow's code says that it is over, other than by returning. */
import type { Ending } from './flow.ts';
import type { Host, RunRow } from './host.ts';
import { uuidv7 } from './journal.ts';
import type { Start } from './work.ts';

/** The flow said `run.stop()`. */
export class Stopped extends Error {
  readonly ending: Ending;
  constructor(ending: Ending) {
    super(ending.outcome);
    this.ending = ending;
  }
}

/** The flow said `run.continueAsNew()`. */
export class Continued extends Error {
  readonly input: unknown;
  constructor(input: unknown) {
    super('continued');
    this.input = input;
  }
}

/** The next run of the flow, at its newest version: keys `O-1`, `O-1~2`, `O-1~3` … @throws Failure CONTRACT_VIOLATED */
export function nextRun(host: Host, row: RunRow, input: unknown): Start {
  const flow = host.newest(row.flow.name) ?? row.flow;
  const [, base = row.key, nth = '1'] = /^(.*?)(?:~(\d+))?$/s.exec(row.key) ?? [];
  return {
    run: uuidv7(),
    flow: flow.name,
    version: flow.version,
    key: `${base}~${Number(nth) + 1}`,
    case: { id: row.caseId },
    input: JSON.stringify(flow.input.check(input)),
    at: host.clock.now(),
    owned: false,
    begun: () => host.rung(),
  };
}
