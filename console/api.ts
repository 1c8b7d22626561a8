/** The gateway's HTTP interface as the console sees it. Types are stated here, because the console imports nothing but HTTP. */

export type Bilingual = { readonly zh: string; readonly en: string };
export type RunState = 'running' | 'waiting' | 'attention' | 'done' | 'failed' | 'cancelled';
export type MessageState = 'ok' | 'refused' | 'unknown' | 'inflight';
export type Health = 'ok' | 'degraded' | 'down' | 'unknown';

export type WaitingOn = {
  readonly party: string;
  readonly name: Bilingual;
  readonly what: Bilingual;
  readonly since: string;
  readonly until: string | null;
};

export type RunRow = {
  readonly id: string;
  readonly case: string;
  readonly flow: string;
  readonly flowName: Bilingual;
  readonly version: number;
  readonly key: string;
  readonly party: string | null;
  /** Yuan as a decimal string. Never parsed into a number. */
  readonly amount: string | null;
  readonly state: RunState;
  readonly outcome: string | null;
  /** Milestones reached, milestones in all. */
  readonly step: readonly [number, number];
  readonly stepName: Bilingual | null;
  readonly waitingOn: WaitingOn | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
};

export type Milestone = {
  readonly no: number;
  readonly name: Bilingual;
  readonly party: string;
  readonly state: 'done' | 'current' | 'todo';
  readonly at: string | null;
  readonly ms: number | null;
};

export type Party = {
  readonly id: string;
  readonly name: Bilingual;
  readonly system: string;
  readonly health: Health;
};

/** One message between two parties. `at` is business time, `ms` is real time on the wire. */
export type Message = {
  readonly id: string;
  readonly seq: string;
  readonly run: string | null;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly verb: Bilingual;
  readonly operation: string;
  readonly state: MessageState;
  readonly status: number | null;
  readonly code: string | null;
  readonly ms: number | null;
  readonly attempt: number;
  readonly importance: 'high' | 'low';
};

export type Step = {
  readonly seq: number;
  readonly path: string;
  readonly kind:
    | 'input'
    | 'intent'
    | 'result'
    | 'refused'
    | 'signal'
    | 'timer'
    | 'record'
    | 'guard'
    | 'milestone'
    | 'output';
  readonly at: string;
  readonly detail: string | null;
};

export type RunDetail = {
  readonly run: RunRow;
  readonly milestones: readonly Milestone[];
  readonly parties: readonly Party[];
  readonly messages: readonly Message[];
  readonly steps: readonly Step[];
  readonly lastSeq: string;
};

export type Exchange = {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly direction: 'in' | 'out';
  readonly at: string;
  readonly ms: number | null;
  readonly status: number | null;
  readonly state: MessageState;
  readonly verified: boolean | null;
  readonly request: unknown;
  readonly answer: unknown;
  readonly wire: {
    readonly method: string;
    readonly path: string;
    readonly requestBytes: number | null;
    readonly requestSha256: string | null;
    readonly answerBytes: number | null;
    readonly answerSha256: string | null;
    readonly contentType: string | null;
  };
  readonly failure: {
    readonly code: string;
    readonly zh: string;
    readonly en: string;
    readonly detail: string | null;
  } | null;
};

export type ClockReading = { readonly now: string; readonly real: string; readonly speed: number };
export type RunFilters = { readonly state: string; readonly flow: string; readonly q: string };
export type RunList = {
  readonly runs: readonly RunRow[];
  readonly next: string | null;
  readonly applied_filters: Readonly<Record<string, unknown>>;
};

/** A problem document (RFC 9457), or what we make of a broken connection, so that screens know one shape. */
export type Problem = {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
};

/** Carries a problem document through `throw`. Read `problem`, not the class. */
class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

const REQUEST_TIMEOUT_MS = 15_000;
const LIST_LIMIT_ROWS = 50;

export function getClock(signal?: AbortSignal): Promise<ClockReading> {
  return getJson<ClockReading>('/v1/clock', signal);
}

/**
 * A page of runs, newest first. A filter that the gateway did not echo as applied is an error: showing
 * unfiltered rows under a filter has led operators of other systems to act on the wrong set.
 */
export async function getRuns(filters: RunFilters, before: string | null, signal?: AbortSignal): Promise<RunList> {
  const query = new URLSearchParams({ limit: String(LIST_LIMIT_ROWS) });
  const asked = Object.entries(filters).filter(([, value]) => value !== '');
  for (const [name, value] of asked) query.set(name, value);
  if (before !== null) query.set('before', before);
  const list = await getJson<RunList>(`/v1/runs?${query}`, signal);
  const ignored = asked.find(([name, value]) => list.applied_filters[name] !== value);
  if (ignored !== undefined) throw new ProblemError(filterIgnored(ignored[0]));
  return list;
}

export function getRun(id: string, signal?: AbortSignal): Promise<RunDetail> {
  return getJson<RunDetail>(`/v1/runs/${encodeURIComponent(id)}`, signal);
}

export function getExchange(id: string, signal?: AbortSignal): Promise<Exchange> {
  return getJson<Exchange>(`/v1/exchanges/${encodeURIComponent(id)}`, signal);
}

/** The problem inside whatever was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (typeof thrown === 'object' && thrown !== null && 'problem' in thrown) return thrown.problem as Problem;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { title: 'Network error', status: 0, code: 'NETWORK', detail, requestId: null };
}

async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const answer = await fetch(path, {
    headers: { accept: 'application/json, application/problem+json' },
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  if (answer.ok) return (await answer.json()) as T;
  throw new ProblemError(await readProblem(answer));
}

async function readProblem(answer: Response): Promise<Problem> {
  const body: unknown = await answer.json().catch(() => null);
  const read = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string, otherwise: string) => {
    const value = read[name];
    return typeof value === 'string' ? value : otherwise;
  };
  return {
    title: text('title', answer.statusText || `HTTP ${answer.status}`),
    status: answer.status,
    code: text('code', `HTTP_${answer.status}`),
    detail: text('detail', ''),
    requestId: text('request_id', answer.headers.get('x-request-id') ?? '') || null,
  };
}

function filterIgnored(name: string): Problem {
  const detail = `The gateway did not apply the filter "${name}".`;
  return { title: 'Filter not applied', status: 200, code: 'FILTER_IGNORED', detail, requestId: null };
}
