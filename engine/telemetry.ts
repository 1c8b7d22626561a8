/**
 * What traces tell of runs, in the words of OpenTelemetry. Off unless the process says otherwise (`turnOn`): then each of
 * these costs one look at a variable.
 *
 * Invariants:
 * - The trace of a run is its id: whatever node, before a crash or after it, all spans of a run are one trace. The first
 *   stay in memory is the root, every later one hangs below it.
 * - A message from outside has a trace of its own, named by its exchange; the run that takes it links to it.
 * - Attributes name and count, they never quote: no message, no person, no text of a counterparty.
 */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
} from '@opentelemetry/api';

/** What is told of a stay's parts; ending says how it went. */
export interface Traced {
  /** W3C, for the service that is called. */
  readonly traceparent: string;
  end(outcome: string, code?: string): void;
  /** Ends with the answer, or with what was thrown instead. */
  of<T extends { readonly outcome: string; readonly code?: string }>(answer: Promise<T>): Promise<T>;
}

/** The act of a service, and the bytes that it sends. */
export interface TracedAct {
  sent(method: string): (status: number | undefined) => void;
  end(outcome: string, code?: string): void;
}

interface Ids {
  readonly trace: string;
  readonly span: string;
}

const scope = 'lianshu';
const parentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])$/;
let on = false;
/** The ids of the span that begins now, when they are not left to chance. */
let given: Ids | undefined;

/** From now on there is somebody who listens. */
export function turnOn(): void {
  on = true;
}

export function turnOff(): void {
  on = false;
}

/** For the generator of ids: what the span that begins now must be called. */
export function givenIds(): Ids | undefined {
  return given;
}

/** One stay of a run in memory. */
export class Stay {
  readonly #span: Span;
  readonly #context: Context;

  private constructor(span: Span) {
    this.#span = span;
    this.#context = trace.setSpan(ROOT_CONTEXT, span);
  }

  /** Undefined when nobody listens. `first` is the one in which the run began; `cause` is the message that began it. */
  static begin(run: string, caseId: string, flow: string, first: boolean, cause?: string): Stay | undefined {
    if (!on) return undefined;
    const ids = idsOf(run);
    const attributes = { 'lianshu.run': run, 'lianshu.case': caseId, 'lianshu.flow': flow };
    const name = `run ${flow}`;
    return new Stay(
      first
        ? startAs(ids, name, { attributes, links: linksTo(cause) })
        : tracer().startSpan(name, { attributes }, below(ids.trace, ids.span)),
    );
  }

  call(operation: string, system: string, key: string, attempt: number): Traced {
    const attributes = { 'lianshu.system': system, 'lianshu.effect': key, 'lianshu.attempt': attempt };
    return tracedOf(tracer().startSpan(operation, { kind: SpanKind.CLIENT, attributes }, this.#context));
  }

  record(path: string): Traced {
    return tracedOf(tracer().startSpan(`record ${path}`, {}, this.#context));
  }

  /** A fact that was waited for is there; `exchange` is the message that carried it. */
  took(notice: string, exchange: string | undefined): void {
    tracer()
      .startSpan(`take ${notice}`, { links: linksTo(exchange) }, this.#context)
      .end();
  }

  end(how: string): void {
    this.#span.setAttribute('lianshu.left', how);
    this.#span.end();
  }
}

/** A message from outside that is being kept, with the facts in it. `ms` is how long ago it came. */
export function traceInbound(exchange: string, system: string, operation: string, ms: number): Traced | undefined {
  if (!on) return undefined;
  const attributes = { 'lianshu.system': system, 'lianshu.exchange': exchange };
  const startTime = Date.now() - ms;
  return tracedOf(startAs(idsOf(exchange), `receive ${operation}`, { kind: SpanKind.SERVER, attributes, startTime }));
}

/** What a service does for a call, on whatever node it stands. */
export function traceAct(parent: unknown, operation: string, system: string): TracedAct | undefined {
  if (!on) return undefined;
  const [, traceId, spanId] = (typeof parent === 'string' && parentPattern.exec(parent)) || [];
  const above = traceId && spanId ? below(traceId, spanId) : ROOT_CONTEXT;
  const attributes = { 'lianshu.system': system };
  const span = tracer().startSpan(`act ${operation}`, { kind: SpanKind.SERVER, attributes }, above);
  const inside = trace.setSpan(ROOT_CONTEXT, span);
  const act = tracedOf(span);
  return {
    sent(method) {
      const http = tracer().startSpan(
        `HTTP ${method}`,
        { kind: SpanKind.CLIENT, attributes: { ...attributes, 'http.request.method': method } },
        inside,
      );
      return (status) => {
        if (status === undefined) http.setStatus({ code: SpanStatusCode.ERROR, message: 'no answer' });
        else http.setAttribute('http.response.status_code', status);
        http.end();
      };
    },
    end: (outcome, code) => act.end(outcome, code),
  };
}

function tracer() {
  return trace.getTracer(scope);
}

function tracedOf(span: Span): Traced {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const end = (outcome: string, code?: string) => {
    span.setAttribute('lianshu.outcome', outcome);
    if (code !== undefined) span.setAttribute('lianshu.code', code);
    if (outcome === 'unknown' || outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
  return {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`,
    end,
    async of(answer) {
      try {
        const known = await answer;
        end(known.outcome, known.code);
        return known;
      } catch (thrown) {
        end('failed');
        throw thrown;
      }
    },
  };
}

/** Beginning a span is synchronous: nobody else's ids can come between. */
function startAs(ids: Ids, name: string, options: SpanOptions): Span {
  given = ids;
  try {
    return tracer().startSpan(name, { ...options, root: true }, ROOT_CONTEXT);
  } finally {
    given = undefined;
  }
}

function linksTo(exchange: string | undefined): Link[] {
  return exchange === undefined ? [] : [{ context: contextOf(idsOf(exchange)) }];
}

/** A UUID is a trace id; its second half, which is never all zero, is the id of the span at the root. */
function idsOf(uuid: string): Ids {
  const hex = uuid.replaceAll('-', '');
  return { trace: hex, span: hex.slice(16) };
}

function contextOf(ids: Ids): SpanContext {
  return { traceId: ids.trace, spanId: ids.span, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

function below(traceId: string, spanId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, contextOf({ trace: traceId, span: spanId }));
}
