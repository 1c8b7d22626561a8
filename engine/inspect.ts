/**
 * One run as its operator needs to see it before acting: where it stands and on whom it waits, what would be undone and
 * in which order, which acts are possible, and why the others are not.
 */
import { Failure, isFailure } from '../contracts/failures.ts';
import type { Label } from '../contracts/kind.ts';
import type { Store } from '../store/store.ts';
import { dryReplay, type LiveRun, type Replayed } from './acts/dryReplay.ts';
import { actKinds, type ActKind } from './acts/kinds.ts';
import { mayBeSent, whyNot } from './acts/position.ts';
import type { Clock } from './clock.ts';
import type { AnyFlow } from './flow.ts';

export interface Looking {
  readonly store: Store;
  readonly clock: Clock;
  readonly flows: readonly AnyFlow[];
}

export interface StepStanding {
  readonly path: string;
  readonly kind: string;
  readonly label: Label;
  readonly party: string | null;
  readonly since: Date | null;
  readonly deadline: Date | null;
  /** Of a call: how far it came. */
  readonly effect: { readonly state: 'sent' | 'unknown' | 'notSent'; readonly number: string | null } | null;
  readonly skippable: boolean;
}

export interface ActChoice {
  readonly kind: ActKind;
  /** The step it is about. */
  readonly path: string | null;
  readonly possible: boolean;
  readonly why: string | null;
  readonly fourEyes: boolean;
}

export interface Inspection {
  readonly run: string;
  readonly flow: string;
  readonly version: number;
  readonly case: string;
  readonly key: string;
  readonly state: 'ready' | 'running' | 'waiting' | 'attention';
  readonly suspended: boolean;
  /** Why it needs attention. */
  readonly problem: string | null;
  /** Length of the journal: what an act is decided on. */
  readonly seq: number;
  readonly standing: readonly StepStanding[];
  /** In the order in which they would run. */
  readonly undos: readonly { readonly path: string; readonly seq: number }[];
  /** Where the journal and today's code part; null when they agree. */
  readonly divergence: string | null;
  readonly acts: readonly ActChoice[];
}

interface RunRecord extends LiveRun {
  readonly state: 1 | 2 | 3 | 4;
  readonly problem: string | null;
  readonly seq: number;
}

const states = { 1: 'ready', 2: 'running', 3: 'waiting', 4: 'attention' } as const;
const pathKinds: readonly ActKind[] = ['edit', 'skip', 'resolve', 'resend'];
const runKinds: readonly ActKind[] = ['retry', 'cancel', 'suspend', 'resume', 'terminate', 'move', 'duplicate'];
const replaysAtOnce = 8;

/** @throws Failure NOT_FOUND */
export async function inspect(looking: Looking, run: string): Promise<Inspection> {
  const record = await readRun(looking.store, run);
  const replayed = await replayOf(looking, record);
  const steps = typeof replayed === 'string' ? [] : standing(replayed);
  return {
    run: record.id,
    flow: record.flow,
    version: record.version,
    case: record.case_id,
    key: record.key,
    state: states[record.state],
    suspended: typeof replayed !== 'string' && replayed.position.suspended,
    problem: record.problem,
    seq: record.seq,
    standing: steps,
    undos: typeof replayed === 'string' ? [] : replayed.undos,
    divergence: typeof replayed === 'string' ? replayed : (replayed.problem ?? null),
    acts: choices(looking, record, replayed, steps),
  };
}

/** Every live run replayed against the code that is here: what a new release would break. */
export async function replayAll(
  looking: Looking,
  onVerdict: (run: LiveRun, problem: string | undefined) => void,
): Promise<{ replayed: number; diverged: number }> {
  let after = '00000000-0000-0000-0000-000000000000';
  const count = { replayed: 0, diverged: 0 };
  for (;;) {
    const { rows } = await looking.store.pool.query<LiveRun>(
      `select id, flow, version, case_id, key from run where id > $1 order by id limit ${replaysAtOnce}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return count;
    after = last.id;
    const verdicts = await Promise.all(rows.map((run) => replayOf(looking, run)));
    for (const [i, run] of rows.entries()) {
      const verdict = verdicts[i];
      const problem = typeof verdict === 'string' ? verdict : verdict?.problem;
      count.replayed += 1;
      if (problem !== undefined) count.diverged += 1;
      onVerdict(run, problem);
    }
  }
}

/** @throws Failure NOT_FOUND */
export async function readRun(store: Store, run: string): Promise<RunRecord> {
  const found = await store.pool.query<RunRecord>(
    `select id, flow, version, case_id, key, state, problem,
       (select count(*)::int from journal where run_id = run.id) seq from run where id = $1`,
    [run],
  );
  const record = found.rows[0];
  if (!record) throw new Failure('NOT_FOUND', { detail: 'there is no live run of this id' });
  return record;
}

/** What its replay with the code of its version shows, or why there is none. */
export async function replayOf(looking: Looking, run: LiveRun): Promise<Replayed | string> {
  try {
    return await dryReplay(looking.store, looking.clock, looking.flows, run);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.type === 'NOT_FOUND') return thrown.message;
    throw thrown;
  }
}

function standing({ position }: Replayed): StepStanding[] {
  return [...position.steps].map(([path, about]) => {
    const effect = position.effects.get(path);
    return {
      path,
      kind: about.kind,
      label: about.label,
      party: about.party ?? null,
      since: about.since ?? effect?.sentAt ?? null,
      deadline: about.deadline ?? effect?.nextAt ?? null,
      effect: effect
        ? {
            state: effect.state === 'unknown' ? 'unknown' : mayBeSent(effect) ? 'sent' : 'notSent',
            number: effect.number ?? null,
          }
        : null,
      skippable: about.call?.options.skippable === true,
    };
  });
}

function choices(
  looking: Looking,
  run: RunRecord,
  replayed: Replayed | string,
  steps: readonly StepStanding[],
): ActChoice[] {
  const calls = steps.filter((step) => step.kind === 'call');
  const choice = (kind: ActKind, path: string | null, why: string | undefined): ActChoice => ({
    kind,
    path,
    possible: why === undefined,
    why: why ?? null,
    fourEyes: actKinds[kind].fourEyes,
  });
  return [
    ...runKinds.map((kind) => choice(kind, null, whyNotRun(looking, kind, run, replayed))),
    ...calls.flatMap(({ path }) => pathKinds.map((kind) => choice(kind, path, whyNotAt(kind, path, replayed)))),
  ];
}

/** What may be said before the act's own content is known. */
export function whyNotRun(
  { flows }: Pick<Looking, 'flows'>,
  kind: ActKind,
  run: Pick<RunRecord, 'flow' | 'version' | 'state'>,
  replayed: Replayed | string,
): string | undefined {
  if (kind === 'terminate' || kind === 'duplicate') return undefined;
  if (kind === 'move') {
    const others = flows.some((flow) => flow.name === run.flow && flow.version !== run.version);
    return others ? undefined : `${run.flow} has no other version here`;
  }
  if (typeof replayed === 'string') return replayed;
  // A retry is how a run that diverged goes on once its code is mended.
  if (replayed.problem !== undefined) return `it cannot be replayed: ${replayed.problem}`;
  if (kind === 'retry' && run.state === 4 && !replayed.position.suspended) return undefined;
  if (kind === 'retry' && run.state !== 4 && replayed.position.effects.size === 0)
    return 'it neither needs attention nor waits for a call';
  return whyNot(kind, {}, replayed.position);
}

function whyNotAt(kind: ActKind, path: string, replayed: Replayed | string): string | undefined {
  if (typeof replayed === 'string') return replayed;
  if (replayed.problem !== undefined) return `it cannot be replayed: ${replayed.problem}`;
  const call = replayed.position.steps.get(path)?.call;
  // With what the call has now: whether such an act is possible at all, not whether a certain content is.
  const bodies: Partial<Record<ActKind, object>> = {
    edit: { path, request: call?.request },
    resolve: { path, verdict: 'refused', detail: 'none', evidence: 'none' },
    resend: { path },
  };
  if (kind === 'skip')
    return call?.options.skippable === true ? undefined : 'the flow does not say that this call may be skipped';
  try {
    return whyNot(kind, (bodies[kind] ?? {}) as Parameters<typeof whyNot>[1], replayed.position);
  } catch (thrown) {
    // The input that the flow made is itself not valid: a reason to edit it.
    if (isFailure(thrown) && thrown.type === 'CONTRACT_VIOLATED') return undefined;
    throw thrown;
  }
}
