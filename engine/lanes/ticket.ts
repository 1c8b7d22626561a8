/** The name under which a call waits for its turn. The same on every node and after any restart: made of what names the call. */
import type { Execution } from '../execution.ts';
import type { WaitRow } from '../work.ts';
import { ticketPrefix } from './books.ts';

/** Without the colon that a queue refuses in the id of a job. */
export function ticketOf(key: string, attempt: number): string {
  return `${key.replaceAll(':', '.')}.${attempt}`;
}

/** What a call waits for that may not go now; undefined when it may. */
export function holdCall(
  execution: Execution,
  path: string,
  call: { readonly system: string; readonly key: string; readonly attempt: number },
): WaitRow | undefined {
  const { host, row } = execution;
  const ticket = () => ticketOf(call.key, call.attempt);
  const hold = host.hold(call.system, ticket);
  return (
    hold && {
      run: row.id,
      path,
      key: `${ticketPrefix}${ticket()}`,
      party: call.system,
      what: hold.what,
      since: host.clock.now(),
      deadline: hold.until,
      pollAt: undefined,
    }
  );
}
