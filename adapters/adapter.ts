/**
 * What every adapter is made of. An adapter is a Moleculer service that wraps one kind of external system: its actions
 * are the kind's canonical operations, plus `receive` for what the system tells. A dialect is how one vendor speaks;
 * it is the only place that knows an envelope, a signature, an encoding or a code.
 *
 * The dialect says what happened by returning or throwing:
 * - it returns the canonical response: the counterparty answered, verifiably, that it was done;
 * - it throws a `Failure`, whose row in `contracts/failures.ts` says what may be concluded (refused, later, unknown);
 * - anything else thrown is a bug, and says nothing about the outside: unknown.
 */
import { randomUUID } from 'node:crypto';
import { type Context, Errors, type ServiceBroker, type ServiceSchema } from 'moleculer';
import type { Static } from 'typebox';
import { consequenceOf, Failure, isFailure, type FailureCode } from '../contracts/failures.ts';
import type { Kind, Operation } from '../contracts/kind.ts';
import type { Keys } from './crypto/keys.ts';
import { problemOf } from '../contracts/problem.ts';
import { wireTo, type Wire, type WirePart } from './wire.ts';

/** One external counterparty system, as the operator configured it. */
export interface System {
  readonly id: string;
  readonly kind: string;
  readonly dialect: string;
  readonly url: string;
  /** Party id under which it appears in pictures. */
  readonly party: string;
  /** Whether its address may be private or loopback: true in a sandbox and for hosts inside one's own network. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  /** Vendor settings that are no secrets: app ids, customer ids, our institution number. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What an action is called with. */
export interface ActionParams {
  readonly system: string;
  readonly request: unknown;
  readonly effect?:
    | { readonly key: string; readonly attempt: number; readonly run: string; readonly case: string }
    | undefined;
}

export type Outcome =
  | { readonly outcome: 'confirmed'; readonly response: unknown }
  | {
      readonly outcome: 'refused' | 'later' | 'unknown';
      readonly code: FailureCode;
      readonly detail: string;
      readonly externalCode?: string | undefined;
    };

/** A message from outside, exactly as it came. */
export interface Inbound {
  readonly method: string;
  /** Path below the system's own address, with a leading slash. */
  readonly path: string;
  /** Decoded query parameters; a repeated one is refused at the edge. */
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Exactly what goes back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Received {
  /** Canonical facts in the message, in its order. */
  readonly notices: readonly { readonly notice: string; readonly message: unknown }[];
  /** The literal that tells this vendor "taken". Sent only after the facts are committed. */
  readonly reply: Reply;
}

/** What one vendor speaks: those operations of the kind that it has, and no others. A write comes with its query. */
export interface Dialect<K extends Kind> {
  readonly operations: {
    readonly [N in keyof K['operations']]?: K['operations'][N] extends Operation<infer Q, infer A>
      ? (request: Static<Q>, wire: Wire) => Promise<Static<A>>
      : never;
  };
  /** The notices that this vendor sends. Default: all of the kind when it has `receive`, none otherwise. */
  readonly tells?: readonly (keyof K['notices'])[];
  /** Verifies over the raw bytes, then maps. Absent when the vendor never calls. @throws Failure */
  readonly receive?: (inbound: Inbound, wire: Wire) => Promise<Received>;
  /** How this vendor is told that its message was not taken. Default: a problem document. */
  readonly refuse?: (failure: Failure, inbound: Inbound, wire: Wire) => Reply;
}

/** One message in or out, as the hub keeps it. */
export interface Exchange {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly direction: 'in' | 'out';
  readonly run: string | undefined;
  readonly case: string | undefined;
  readonly attempt: number;
  readonly state: 'ok' | 'refused' | 'unknown';
  readonly verified: boolean | undefined;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly ms: number;
  /** When it began, in business time. */
  readonly at: Date;
  readonly request: unknown;
  readonly answer: unknown;
  readonly parts: readonly WirePart[];
}

/** What the hub gives its adapters. In production the engine; in a conformance test a few lines of memory. */
export interface HubPort {
  system(id: string): System;
  keys(system: string): Keys;
  /** Business time: the sandbox's clock runs fast. Signatures, nonces and timeouts use the real one. */
  now(): Date;
  record(exchange: Exchange): Promise<void>;
  /** Commits the message and its facts in one transaction; a fact that was taken before is not taken again. */
  deliver(
    exchange: Exchange,
    facts: readonly { notice: string; key: string; id: string; message: unknown }[],
  ): Promise<void>;
  /** True the first time, false for ever after. */
  firstSeen(system: string, nonce: string): Promise<boolean>;
  /** Tells of an act those who trace; `parent` is the span of the call (W3C). Absent or undefined when nobody does. */
  trace?(parent: unknown, operation: string, system: string): ActTrace | undefined;
}

export interface ActTrace {
  /** A request leaves; call the answer with its status when it is there, or with nothing when there is none. */
  sent(method: string): (status: number | undefined) => void;
  end(outcome: string, code?: string): void;
}

const hubs = new WeakMap<ServiceBroker, HubPort>();

export function attachHub(broker: ServiceBroker, hub: HubPort): void {
  hubs.set(broker, hub);
}

export function adapter<K extends Kind>(spec: {
  kind: K;
  dialects: Readonly<Record<string, Dialect<K>>>;
}): ServiceSchema {
  const { kind, dialects } = spec;
  const dialectOf = (system: System): Dialect<K> => {
    const dialect = dialects[system.dialect];
    if (system.kind !== kind.name || !dialect)
      throw new Failure('SYSTEM_UNKNOWN', { detail: `${system.id} speaks no ${kind.name} dialect` });
    return dialect;
  };
  const actions = Object.fromEntries(
    Object.entries(kind.operations).map(([name, operation]) => [
      name,
      (ctx: Context<ActionParams, { traceparent?: unknown }>) =>
        perform(hubOf(ctx.broker), operation, dialectOf, name, ctx.params, ctx.meta.traceparent),
    ]),
  );
  return {
    name: kind.name,
    actions: {
      ...actions,
      receive: (ctx: Context<{ system: string; inbound: WireInbound }>) =>
        receive(hubOf(ctx.broker), kind, dialectOf, ctx.params.system, fromWire(ctx.params.inbound)),
    },
  };
}

/** `Inbound` as it travels over the bus, where bytes are base64. */
export type WireInbound = Omit<Inbound, 'body'> & { readonly body: string };
export type WireReply = Omit<Reply, 'body'> & { readonly body: string };

async function perform<K extends Kind>(
  hub: HubPort,
  operation: Operation,
  dialectOf: (system: System) => Dialect<K>,
  name: string,
  params: ActionParams,
  traceparent: unknown,
): Promise<Outcome> {
  const system = hub.system(params.system);
  const trace = hub.trace?.(traceparent, operation.name, system.id);
  const { wire, parts } = wireTo(hub, system, params.effect?.key ?? randomUUID(), trace);
  const at = hub.now();
  const startedAt = performance.now();
  let outcome: Outcome;
  try {
    const act = dialectOf(system).operations[name] as ((request: unknown, wire: Wire) => Promise<unknown>) | undefined;
    if (!act) throw new Failure('OPERATION_NOT_OFFERED', { detail: `${system.dialect} has no ${operation.name}` });
    const response = await act(operation.request.check(params.request), wire);
    outcome = { outcome: 'confirmed', response: operation.response.check(response) };
  } catch (thrown) {
    outcome = verdictOn(thrown, system, parts.length > 0);
  }
  const failed = outcome.outcome === 'confirmed' ? undefined : outcome;
  trace?.end(outcome.outcome, failed?.code);
  await hub.record({
    id: randomUUID(),
    system: system.id,
    operation: operation.name,
    direction: 'out',
    run: params.effect?.run,
    case: params.effect?.case,
    attempt: params.effect?.attempt ?? 1,
    state: failed ? (failed.outcome === 'unknown' ? 'unknown' : 'refused') : 'ok',
    verified: undefined,
    code: failed?.externalCode ?? failed?.code,
    detail: failed?.detail,
    ms: performance.now() - startedAt,
    at,
    request: params.request,
    answer: outcome.outcome === 'confirmed' ? outcome.response : undefined,
    parts,
  });
  return outcome;
}

/** About what was parsed: before sending it is our request, after sending the counterparty's answer. */
const aboutContent: ReadonlySet<FailureCode> = new Set([
  'CONTRACT_VIOLATED',
  'BODY_MALFORMED',
  'BODY_TOO_LARGE',
  'SIGNATURE_MISMATCH',
  'KEY_NOT_ADMITTED',
]);

/** Nothing sent and a contract violated: refused. A bug or an unreadable answer after something was sent: unknown. */
function verdictOn(thrown: unknown, system: System, sent: boolean): Outcome {
  if (isFailure(thrown) && !(sent && aboutContent.has(thrown.type))) {
    return {
      outcome: consequenceOf(thrown),
      code: thrown.type,
      detail: `${system.id}: ${thrown.message}`,
      externalCode: thrown.externalCode,
    };
  }
  const detail = `${system.id}: ${thrown instanceof Error ? thrown.message : 'something was thrown that is no error'}`;
  return sent
    ? { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail }
    : { outcome: 'refused', code: 'INTERNAL', detail };
}

async function receive<K extends Kind>(
  hub: HubPort,
  kind: K,
  dialectOf: (system: System) => Dialect<K>,
  systemId: string,
  inbound: Inbound,
): Promise<WireReply> {
  const system = hub.system(systemId);
  const dialect = dialectOf(system);
  const { wire } = wireTo(hub, system, '');
  const startedAt = performance.now();
  const parts: WirePart[] = [];
  const base = {
    id: randomUUID(),
    system: system.id,
    direction: 'in',
    at: hub.now(),
    run: undefined,
    case: undefined,
    attempt: 1,
    parts,
  } as const;
  try {
    if (!dialect.receive) throw new Failure('METHOD_UNKNOWN', { detail: `${system.id} sends nothing to the hub` });
    const { notices, reply } = await dialect.receive(inbound, wire);
    const facts = notices.map(({ notice, message }) => {
      const spec = kind.notices[notice];
      if (!spec) throw new Errors.MoleculerError(`${kind.name} has no notice ${notice}`);
      const checked = spec.contract.check(message);
      return { notice: spec.name, key: spec.keyOf(checked), id: spec.idOf(checked), message: checked };
    });
    parts.push({
      method: inbound.method,
      path: inbound.path,
      request: inbound.body,
      status: reply.status,
      answer: reply.body,
      ms: performance.now() - startedAt,
    });
    await hub.deliver(
      {
        ...base,
        operation: facts[0]?.notice ?? `${kind.name}.receive`,
        state: 'ok',
        verified: true,
        code: undefined,
        detail: undefined,
        ms: performance.now() - startedAt,
        request: facts.length === 1 ? facts[0]?.message : facts.map((fact) => fact.message),
        answer: undefined,
      },
      facts,
    );
    return toWire(reply);
  } catch (thrown) {
    const failure = isFailure(thrown) ? thrown : new Failure('INTERNAL', { cause: thrown });
    const reply = (dialect.refuse ?? problemReply)(failure, inbound, wire);
    parts.push({
      method: inbound.method,
      path: inbound.path,
      request: inbound.body,
      status: reply.status,
      answer: reply.body,
      ms: performance.now() - startedAt,
    });
    await hub.record({
      ...base,
      operation: `${kind.name}.receive`,
      state: 'refused',
      verified: failure.type === 'SIGNATURE_MISMATCH' ? false : undefined,
      code: failure.type,
      detail: failure.message,
      ms: performance.now() - startedAt,
      request: undefined,
      answer: undefined,
    });
    return toWire(reply);
  }
}

/** RFC 9457, in the shape that the whole edge uses. */
export function problemReply(failure: Failure): Reply {
  const { status, body } = problemOf(failure);
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function hubOf(broker: ServiceBroker): HubPort {
  const hub = hubs.get(broker);
  if (!hub) throw new Error('this node has no hub attached: call attachHub(broker, hub) before it starts');
  return hub;
}

const fromWire = (inbound: WireInbound): Inbound => ({ ...inbound, body: Buffer.from(inbound.body, 'base64') });
const toWire = (reply: Reply): WireReply => ({ ...reply, body: reply.body.toString('base64') });
