/**
 * What nodes tell each other. All of it are hints: a node that hears nothing finds everything in the tables, only later.
 */
import type { Context, ServiceBroker } from 'moleculer';
import type { Engine } from '../engine/engine.ts';
import type { ActionCall, ActionOutcome } from '../engine/host.ts';

/** Bells of one moment are one bell. */
const gatherMs = 50;
/** Told to those who watch on other nodes; what is left out they see when they look again by themselves. */
const changesPerBellMax = 200;
const elsewhere = 'elsewhere';

interface Bell {
  readonly ring: boolean;
  readonly changed: readonly (readonly [run: string, caseId: string])[];
}

/** Rings at the other nodes when something became ready here, or changed. Before the broker starts. */
export function joinNodes(broker: ServiceBroker, engine: Engine): void {
  let ring = false;
  let changed = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      const bell: Bell = { ring, changed: [...changed] };
      ring = false;
      changed = new Map();
      void broker.broadcast('engine.ring', bell);
    }, gatherMs).unref();
  };
  const note = (run: string, caseId: string) => {
    if (changed.size >= changesPerBellMax) return;
    changed.set(run, caseId);
    soon();
  };
  broker.createService({
    name: 'engine',
    events: {
      'engine.ring'(context: Context<Bell>) {
        if (context.nodeID === broker.nodeID) return;
        if (context.params.ring) engine.ring();
        for (const [run, caseId] of context.params.changed) engine.events.emit('run', run, caseId, elsewhere);
      },
    },
  });
  if (!broker.transit) return;
  engine.events.on('ring', () => {
    ring = true;
    soon();
  });
  engine.events.on('entries', note);
  engine.events.on('run', (run, caseId, reason) => {
    if (reason !== elsewhere) note(run, caseId);
  });
}

/** Certainly not sent: there is no such service now, or no line to it. */
const notSent: ReadonlySet<string | undefined> = new Set(['SERVICE_NOT_FOUND', 'SERVICE_NOT_AVAILABLE', 'BAD_GATEWAY']);

/** A service that is not there never got the request; one that did not answer in time may have acted. */
export async function callAction(broker: ServiceBroker, call: ActionCall): Promise<ActionOutcome> {
  try {
    const { operation, system, request, effect, traceparent } = call;
    const meta = traceparent === undefined ? {} : { meta: { traceparent } };
    return await broker.call<ActionOutcome, object>(operation, { system, request, effect }, meta);
  } catch (thrown) {
    const { type } = thrown as { type?: string };
    const detail = thrown instanceof Error ? thrown.message : 'unknown';
    return notSent.has(type)
      ? { outcome: 'later', code: 'SYSTEM_UNREACHABLE', detail }
      : { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail };
  }
}
