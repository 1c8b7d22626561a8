/** The door to the outside: what leaves the process, and what comes back. */
import { crashPoint } from './crash.ts';
import type { Execution } from './execution.ts';
import type { ActionCall, ActionOutcome } from './host.ts';

export interface Outgoing extends Omit<ActionCall, 'effect' | 'traceparent'> {
  readonly key: string;
  readonly attempt: number;
}

/** What the answer means is the caller's; that it left and came back is known here. */
export async function send(execution: Execution, path: string, outgoing: Outgoing): Promise<ActionOutcome> {
  const { host, row, stay } = execution;
  const { operation, system, request, key, attempt } = outgoing;
  const subjects = () => [`${row.flow.name} ${path}`];
  crashPoint('wire:before', subjects);
  const traced = stay?.call(operation, system, key, attempt);
  const answer = host.call({
    operation,
    system,
    request,
    effect: { key, attempt, run: row.id, case: row.caseId },
    ...(traced ? { traceparent: traced.traceparent } : {}),
  });
  crashPoint('wire:inside', subjects);
  const outcome = await (traced ? traced.of(answer) : answer);
  crashPoint('wire:after', subjects);
  return outcome;
}
