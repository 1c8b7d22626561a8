/**
 * A gateway that only tells a story: serves the built console and the HTTP interface from memory, under the
 * same content security policy. For developing the console and for its tests; never part of the product.
 *
 * By hand: `node console/fixture.ts` (after `vite build --config console/vite.config.ts`), then open the address.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Message, RunDetail, RunRow } from './api.ts';
import * as story from './fixtureStory.ts';

export type FixtureOptions = {
  readonly dist: string;
  readonly port?: number;
  /** How many messages of the story have happened when the page opens. */
  readonly shown?: number;
  readonly speed?: number;
  readonly runs?: number;
};

export type Fixture = {
  readonly url: string;
  /** The next message of the story happens now. Undefined when the story is over. */
  readonly tell: () => Message | undefined;
  /** A run nobody has seen yet appears in the list. */
  readonly startRun: (row: RunRow) => void;
  /** Cuts all streams and refuses new ones until called with false. */
  readonly cut: (off: boolean) => void;
  /** The next requests to the interface fail with this status, until called with null. */
  readonly failWith: (status: number | null) => void;
  readonly close: () => Promise<void>;
};

const CSP = "default-src 'self'; style-src 'self'";
const BIG_RUN_ID = '0199b6a0-0000-7000-8000-000000001000';
const BIG_RUN_MESSAGES = 1000;
const HEARTBEAT_MS = 15_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export async function startFixture(options: FixtureOptions): Promise<Fixture> {
  const told = story.storyMessages();
  const state = {
    shown: options.shown ?? 21,
    cut: false,
    failStatus: null as number | null,
    rows: otherRuns(options.runs ?? 37),
    streams: new Set<ServerResponse>(),
    seq: 9000,
  };
  const startedMs = Date.now();
  const speed = options.speed ?? 60;
  const last = told[state.shown - 1]?.message.at ?? story.isoShanghai(story.STORY_START_MS);
  const originMs = Date.parse(last) + 27 * 3_600_000; // 1 day and 3 hours of waiting when the page opens.
  const nowMs = () => originMs + (Date.now() - startedMs) * speed;

  const send = (event: string, data: unknown) => {
    state.seq += 1;
    for (const stream of state.streams)
      stream.write(`id: ${state.seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (!url.pathname.startsWith('/v1/')) return void serveFile(options.dist, url.pathname, response);
    if (state.failStatus !== null && url.pathname !== '/v1/clock') return problem(response, state.failStatus);
    if (url.pathname === '/v1/clock')
      return json(response, { now: story.isoShanghai(nowMs()), real: new Date().toISOString(), speed });
    if (url.pathname === '/v1/runs')
      return json(
        response,
        listRuns(options.runs === 0 ? [] : [story.storyRun(state.shown), ...state.rows], url.searchParams),
      );
    if (url.pathname === '/v1/stream') return state.cut ? problem(response, 503) : openStream(response, state.streams);
    const [kind, id = ''] = url.pathname.slice('/v1/'.length).split('/');
    if (kind === 'runs') {
      const detail = id === story.RUN_ID ? storyDetail(state.shown) : id === BIG_RUN_ID ? bigDetail() : null;
      return detail === null ? problem(response, 404) : json(response, detail);
    }
    const message = told.find((entry) => entry.message.id === id)?.message;
    return kind === 'exchanges' && message !== undefined
      ? json(response, story.storyExchange(message))
      : problem(response, 404);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const heartbeat = setInterval(() => state.streams.forEach((stream) => stream.write(': beat\n\n')), HEARTBEAT_MS);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell: () => {
      const next = told[state.shown];
      if (next === undefined) return undefined;
      state.shown += 1;
      send('run.message', next.message);
      if (next.reaches !== null)
        for (const milestone of story.storyMilestones(state.shown)) send('run.milestone', milestone);
      send('run.changed', story.storyRun(state.shown));
      return next.message;
    },
    startRun: (row) => {
      state.rows = [row, ...state.rows];
      send('run.changed', row);
    },
    cut: (off) => {
      state.cut = off;
      if (off) for (const stream of state.streams) stream.destroy();
    },
    failWith: (status) => {
      state.failStatus = status;
    },
    close: async () => {
      clearInterval(heartbeat);
      for (const stream of state.streams) stream.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function storyDetail(shown: number): RunDetail {
  return {
    run: story.storyRun(shown),
    milestones: story.storyMilestones(shown),
    parties: story.PARTIES,
    messages: story
      .storyMessages()
      .slice(0, shown)
      .map((entry) => entry.message),
    steps: story.storySteps(shown),
    lastSeq: String(1000 + shown),
  };
}

/** The story told again and again: what a thousand messages cost the browser. */
function bigDetail(): RunDetail {
  const told = story.storyMessages();
  const messages = Array.from({ length: BIG_RUN_MESSAGES }, (_, index): Message[] => {
    const message = told[index % told.length]?.message;
    if (message === undefined) return [];
    const atMs = Date.parse(message.at) + Math.floor(index / told.length) * 100 * 86_400_000;
    return [{ ...message, id: `big-${index}`, seq: String(index), run: BIG_RUN_ID, at: story.isoShanghai(atMs) }];
  }).flat();
  const detail = storyDetail(told.length);
  return { ...detail, messages, run: { ...detail.run, id: BIG_RUN_ID, key: 'PO-4500009999' } };
}

function listRuns(rows: readonly RunRow[], query: URLSearchParams): unknown {
  const [state, flow, q] = ['state', 'flow', 'q'].map((name) => query.get(name) ?? '');
  const found = rows.filter(
    (row) =>
      (state === '' || row.state === state) &&
      (flow === '' || row.flow === flow) &&
      `${row.key} ${row.case} ${row.party}`.toLowerCase().includes((q ?? '').toLowerCase()),
  );
  const start = Number(query.get('before') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  const applied = Object.fromEntries(
    ['state', 'flow', 'q'].flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])),
  );
  const more = start + limit < found.length;
  return {
    runs: found.slice(start, start + limit),
    next: more ? String(start + limit) : null,
    applied_filters: applied,
  };
}

const STATES: readonly RunRow['state'][] = [
  'done',
  'waiting',
  'running',
  'done',
  'attention',
  'waiting',
  'done',
  'failed',
  'done',
  'cancelled',
];

/** Other people's runs, the same each time. */
function otherRuns(count: number): readonly RunRow[] {
  return Array.from({ length: count }, (_, index): RunRow => {
    const credit = index % 3 === 1;
    const base = story.storyRun([47, 21, 25, 39, 8, 24][index % 6] ?? 21);
    const state = STATES[index % STATES.length] ?? 'done';
    const ended = state === 'done' || state === 'failed' || state === 'cancelled';
    const total = credit ? 8 : 11;
    const startedMs = story.STORY_START_MS - (index + 1) * 97 * 60_000;
    const waitsFor = base.waitingOn ?? story.storyRun(21).waitingOn;
    return {
      ...base,
      id: index === 0 ? BIG_RUN_ID : `0199b6a0-0000-7000-8000-${String(2000 + index).padStart(12, '0')}`,
      case: `CASE-20261122-${String(900 - index).padStart(6, '0')}`,
      key: `${credit ? 'SO-88' : 'PO-45'}0000${String(1230 - index * 7).padStart(4, '0')}`,
      flow: credit ? 'credit-finance' : 'spot-pledge',
      flowName: credit ? { zh: '信用融资', en: 'Credit finance' } : { zh: '现货质押', en: 'Spot pledge' },
      version: credit ? 3 : 1,
      party:
        ['厦门**有限公司', '福建**金属贸易有限公司', '泉州**供应链股份有限公司', '漳州**铝业有限公司'][index % 4] ??
        null,
      amount: `${((index + 3) * 738_213) % 9_999_999}.${String((index * 37) % 100).padStart(2, '0')}`,
      state,
      step: [state === 'done' ? total : Math.min(total - 1, (index * 3) % total), total],
      stepName: ended ? null : (base.stepName ?? story.storyRun(21).stepName),
      outcome: ended ? state : null,
      waitingOn:
        (state === 'waiting' || state === 'attention') && waitsFor !== null
          ? { ...waitsFor, since: story.isoShanghai(story.STORY_START_MS + ((index * 53) % 900) * 60_000) }
          : null,
      startedAt: story.isoShanghai(startedMs),
      finishedAt: ended ? story.isoShanghai(startedMs + 86_400_000) : null,
    };
  });
}

function openStream(response: ServerResponse, streams: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': hello\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

async function serveFile(dist: string, pathname: string, response: ServerResponse): Promise<void> {
  const root = path.resolve(dist);
  const wanted = path.join(root, path.normalize(pathname));
  const isAsset = wanted.startsWith(path.join(root, 'assets') + path.sep);
  const file = isAsset ? wanted : path.join(root, 'index.html');
  const body = await readFile(file).catch(() => null);
  if (body === null) return problem(response, 404);
  response.writeHead(200, {
    'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
  });
  response.end(body);
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number): void {
  const title = { 403: 'Forbidden', 404: 'Not found', 503: 'Unavailable' }[status] ?? 'Internal error';
  const body = {
    type: 'about:blank',
    title,
    status,
    code: title.toUpperCase().replace(' ', '_'),
    detail: `The fixture answers ${status}.`,
    request_id: 'req_fixture_1',
  };
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify(body));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = fileURLToPath(new URL('dist', import.meta.url));
  const fixture = await startFixture({ dist, port: Number(process.env.PORT ?? 5180) });
  process.stdout.write(`${fixture.url}  (a message every 3 s)\n`);
  setInterval(fixture.tell, 3000);
}
