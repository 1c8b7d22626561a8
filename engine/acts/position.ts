/** Where a run stands, and what may be done to it there. The same rules tell people beforehand and judge the act itself. */
import { Failure, isFailure } from '../../contracts/failures.ts';
import type { Label, Operation } from '../../contracts/kind.ts';
import type { CallOptions } from '../flow.ts';
import type { EffectRow } from '../work.ts';
import { Edit, Resolve, Skip, type ActBody, type ActKind } from './kinds.ts';

/** What a step is, for people. */
export interface StepAbout {
  readonly kind: 'call' | 'record' | 'wait' | 'sleep' | 'ask' | 'milestone';
  readonly label: Label;
  readonly party?: string | undefined;
  readonly since?: Date | undefined;
  readonly deadline?: Date | undefined;
  readonly call?: CallAbout | undefined;
}

export interface CallAbout {
  readonly operation: Operation;
  readonly request: unknown;
  readonly options: CallOptions<unknown>;
}

export interface Position {
  /** Length of the journal. */
  readonly seq: number;
  readonly suspended: boolean;
  /** It is being undone, or will be once the outcomes that are open are known. */
  readonly undoing: boolean;
  readonly steps: ReadonlyMap<string, StepAbout>;
  /** Open ones, by path. */
  readonly effects: ReadonlyMap<string, EffectRow>;
  /** Calls whose intent is committed. */
  readonly intents: { has(path: string): boolean };
}

/** Why not, in words for the operator; undefined when the act may be done. @throws Failure CONTRACT_VIOLATED naming the field */
export function whyNot(kind: ActKind, body: ActBody, at: Position): string | undefined {
  switch (kind) {
    case 'edit':
      return whyNotEdit(Edit.check(body), at);
    case 'skip':
      return whyNotSkip(Skip.check(body), at);
    case 'resolve':
      return whyNotResolve(body, at);
    case 'resend':
      return whyNotResend(body, at);
    case 'cancel':
      return at.undoing ? 'the run is being undone already' : undefined;
    case 'suspend':
      return at.suspended ? 'the run is suspended already' : undefined;
    case 'resume':
      return at.suspended ? undefined : 'the run is not suspended';
    case 'retry':
      return at.suspended ? 'the run is suspended: resume it' : undefined;
    default:
      return undefined;
  }
}

/** A byte may have left: only a verdict ends it. */
export function mayBeSent(effect: EffectRow): boolean {
  return effect.state === 'unknown' || (effect.state === 'intent' && effect.nextAt === undefined);
}

function whyNotEdit(body: { path: string; request: unknown }, at: Position): string | undefined {
  const call = callAt(body.path, at);
  if (typeof call === 'string') return call;
  const effect = at.effects.get(body.path);
  const { operation, options } = call;
  if (operation.effect !== 'read') {
    if (effect && mayBeSent(effect)) return 'the call may have been sent: resolve it';
    if (options.before && at.intents.has(body.path))
      return 'the instruction stands in the books as it was: cancel the run and begin anew';
  }
  checked('request', () => operation.request.check(body.request));
  return undefined;
}

function whyNotSkip(body: { path: string; output: unknown }, at: Position): string | undefined {
  const call = callAt(body.path, at);
  if (typeof call === 'string') return call;
  if (call.options.skippable !== true) return 'the flow does not say that this call may be skipped';
  checked('output', () => call.operation.response.check(body.output));
  return undefined;
}

function whyNotResolve(body: ActBody, at: Position): string | undefined {
  const verdict = Resolve.check(body);
  const call = unknownAt(verdict.path, at);
  if (typeof call === 'string') return call;
  if (verdict.verdict === 'confirmed') checked('response', () => call.operation.response.check(verdict.response));
  return undefined;
}

function whyNotResend(body: ActBody, at: Position): string | undefined {
  const call = unknownAt((body as { path: string }).path, at);
  if (typeof call === 'string') return call;
  if (!call.operation.idempotent || call.operation.numberOf === undefined)
    return `${call.operation.name} does not promise one effect for one number`;
  return undefined;
}

function unknownAt(path: string, at: Position): CallAbout | string {
  const call = callAt(path, at);
  if (typeof call === 'string') return call;
  const effect = at.effects.get(path);
  if (call.operation.effect === 'read') return 'a read has no effect: it is asked again';
  return effect && mayBeSent(effect) ? call : 'its outcome is not unknown';
}

function callAt(path: string, at: Position): CallAbout | string {
  const step = at.steps.get(path);
  if (!step) return `the run does not stand at ${path}`;
  return step.call ?? `${path} is not a call`;
}

/** A violated contract names the field within the act. */
function checked(field: string, check: () => unknown): void {
  try {
    check();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    throw new Failure('CONTRACT_VIOLATED', {
      detail: thrown.message,
      errors: thrown.errors.map((error) => ({ ...error, pointer: `#/${field}${error.pointer.replace(/^#/, '')}` })),
    });
  }
}
