/** The stage on which scenarios play: a hub and its counterparties that run already, reached from outside as anybody would. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { anySeed, chanceOf } from '../chance.ts';
import { Clock, type ClockSetting } from '../clock.ts';
import { readEffects } from '../effects.ts';
import { secretOf } from '../provision.ts';
import { Traders } from '../traders.ts';
import { dealers, materials } from '../world.ts';
import { patienceMs, type Answer, type Stage, type Task } from './scenario.ts';

const pollMs = 100;
const hearMs = 200;
const earlyMax = 100;
const answerMs = 20_000;
/** So long a hub may be away: one that died comes back, and whoever needs it asks again. */
const awayMs = 90_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Business time that may pass while a request is on its way. */
const minuteMs = 60_000;
/** Where a hub dies again and again, everything takes so much longer. */
const patience = Number(process.env['LIANSHU_PATIENCE'] ?? '1');

/** Who tells a story again and again wants its numbers to be the same each time: what is met twice has one name. */
const numbersSeed = process.env['LIANSHU_NUMBERS'];

export interface OpenStage extends Stage {
  /** One person's decision on a task. False when it was not taken. */
  vote(task: string, decision: object): Promise<boolean>;
  /** An act of an operator on a run. False when it was not taken. */
  operate(run: string, act: object): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws when no hub runs in that home */
export async function openStage(home: string, how: { readonly lookMs?: number } = {}): Promise<OpenStage> {
  const { databaseUrl } = fileIn(home, 'hub.json') as { databaseUrl: string };
  // The address that counterparties know: it stays when another process takes over.
  const { control, hub } = fileIn(home, 'sandbox.json') as { control: string; hub: string };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, application_name: 'lianshu-scenario' });
  pool.on('error', () => undefined);
  const clock = new Clock();
  const about = (await asked(control)) as { clock: ClockSetting; twins: { name: string; control: string }[] };
  clock.set({ setting: about.clock });
  // Others move time, too: the console, a command, whoever tells a story under kills.
  const hear = () => void clock.set({ setting: fileIn(home, 'clock.json') });
  const listening = setInterval(hear, hearMs);
  const traders = new Traders({ hub, clock, secretOf: (caller) => secretOf(home, caller), ...how });
  const addressOf = (system: string): string => {
    const found = about.twins.find(({ name }) => name === system);
    if (!found) throw new Error(`the sandbox has no ${system}`);
    return `${found.control}/_twin`;
  };
  const rows = async <T>(sql: string, values: readonly unknown[] = []): Promise<T[]> =>
    (await pool.query(sql, [...values])).rows as T[];
  const value = async (sql: string, values: readonly unknown[] = []): Promise<unknown> => {
    const [row] = (await pool.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' })).rows;
    return row?.[0];
  };
  const send = (caller: string, path: string, body: object) =>
    patiently(() => signed(home, hub, caller, 'POST', path, JSON.stringify(body)));
  const tasks = async (caseNo?: string): Promise<readonly Task[]> => {
    const found = (await patiently(() => asked(`${hub}/v1/tasks`))) as { tasks: Task[] };
    return found.tasks.filter((task) => caseNo === undefined || task.case === caseNo);
  };
  const chance = chanceOf(numbersSeed ?? anySeed(), 'story');
  let draws = 0;
  const drawn = (below: number) => Number.parseInt(chance.hex(12, (draws += 1)), 16) % below;
  const stage: OpenStage = {
    secretOf: (caller) => secretOf(home, caller),
    now() {
      hear();
      return clock.now();
    },
    today: () => new Date(stage.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
    unique: () => String(100_000 + drawn(900_000)),
    async advance(period) {
      const aimMs = clock.now().getTime() + msOf(period);
      for (let left = period; ;) {
        const answer = await posted(`${hub}/v1/sandbox/clock`, { advance: left }).catch(() => undefined);
        if (answer !== undefined && answer.status >= 300) throw new Error(`the clock: ${answer.status}`);
        const { clock: now } = (await asked(control)) as { clock: ClockSetting };
        clock.set({ setting: now });
        const restMs = aimMs - clock.now().getTime();
        // A hub that died over it may have told some of the others, or none.
        if (answer !== undefined || restMs < minuteMs) return;
        await sleep(pollMs);
        left = restMs > 9_999 * minuteMs ? `${Math.ceil(restMs / 3_600_000)}h` : `${Math.ceil(restMs / minuteMs)}m`;
      }
    },
    send,
    post: (path, body) => patiently(() => posted(hub + path, body)),
    async command(caller, path, body) {
      let answer = await send(caller, path, body);
      // A case knows those who take part in it a moment after it was opened: whoever is early comes again.
      for (let tries = 0; isEarly(answer) && tries < earlyMax; tries += 1) {
        await sleep(pollMs);
        answer = await send(caller, path, body);
      }
      if (answer.status >= 300) throw new Error(`${caller} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer;
    },
    read: (caller, path) => patiently(() => signed(home, hub, caller, 'GET', path, '')),
    async placeOrder(wish = {}) {
      const orderNo = `46${String(10_000_000 + drawn(90_000_000))}`;
      await asked(`${addressOf('sap-s4')}/acts/placeOrder`, {
        dealer: wish.dealer ?? dealers[0]?.sapNo,
        material: wish.material ?? materials[0].code,
        quantity: wish.quantity ?? '1200.500',
        salesOrganization: wish.salesOrganization ?? '1000',
        orderNo,
      });
      return orderNo;
    },
    people(orderNo, changes = {}, dealer = dealers[0]?.sapNo ?? '') {
      traders.adopt(orderNo, dealer, changes);
    },
    async caseOf(orderNo) {
      let found: unknown;
      await stage.until(`a case of order ${orderNo}`, async () => {
        found = await value('select id from cases where key = $1', [orderNo]);
        return found !== undefined;
      });
      return String(found);
    },
    act: (system, act, args = {}) => asked(`${addressOf(system)}/acts/${act}`, args),
    async fault(system, fault, how = {}) {
      await asked(`${addressOf(system)}/faults`, { fault, ...how });
    },
    async clearFaults(system) {
      await fetch(`${addressOf(system)}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(answerMs) });
    },
    effects: (system, kind) =>
      readEffects(join(home, 'twins', system, 'effects.ndjson')).filter(
        (line) => kind === undefined || line.kind === kind,
      ),
    async memory(system) {
      const state = (await asked(`${addressOf(system)}/state`)) as { memory: Record<string, unknown> };
      return state.memory;
    },
    tasks,
    async decide(caseNo, title, { person, role, decision = 'approved', reason = 'scenario' }) {
      let task: Task | undefined;
      await stage.until(`a task “${title}” of ${caseNo}`, async () => {
        task = (await tasks(caseNo)).find((open) => open.title.en.includes(title));
        return task !== undefined;
      });
      const { id, payloadHash } = task ?? { id: '', payloadHash: '' };
      const path = `/v1/tasks/${id}/decide`;
      const body = { by: person, ...(role === undefined ? {} : { role }), decision, payloadHash, reason };
      let asks = 0;
      const { status, body: said } = await patiently(() => {
        asks += 1;
        return posted(hub + path, body);
      });
      // A hub that died after it had taken the decision refuses the same once more.
      if (status >= 300 && asks === 1)
        throw new Error(`${path} answered ${status}: ${JSON.stringify(said).slice(0, 500)}`);
    },
    rows,
    value,
    async until(what, holds, limitMs = patienceMs) {
      const deadline = performance.now() + limitMs * patience;
      let last: unknown;
      for (;;) {
        const held = await holds().catch((thrown: unknown) => {
          last = thrown;
          return false;
        });
        if (held) return;
        if (performance.now() > deadline)
          throw new Error(
            `waited for ${what}${last === undefined ? '' : `; last: ${last instanceof Error ? last.message : 'no error'}`}`,
          );
        await sleep(pollMs);
      }
    },
    async caseEnds(caseNo, state, limitMs = patienceMs) {
      try {
        await stage.until(
          `${caseNo} to be ${state}`,
          async () => (await value('select state from cases where id = $1', [caseNo])) === state,
          limitMs,
        );
      } catch (thrown) {
        throw new Error(`${String(thrown)}: ${JSON.stringify(await standingOf(rows, caseNo))}`, { cause: thrown });
      }
    },
    same(what, actual, expected) {
      if (isDeepStrictEqual(actual, expected)) return;
      throw new Error(`${what}: ${JSON.stringify(actual)}, and should be ${JSON.stringify(expected)}`);
    },
    async evidence(caseNo) {
      const kept = await rows<{ node: string }>('select node from evidence where case_id = $1 order by no', [caseNo]);
      return kept.map(({ node }) => node.slice(0, 3));
    },
    vote: (task, decision) => taken(`${hub}/v1/tasks/${task}/decide`, decision),
    operate: (run, act) => taken(`${hub}/v1/runs/${run}/acts`, act),
    async close() {
      clearInterval(listening);
      traders.stop();
      await pool.end();
    },
  };
  return stage;
}

type Rows = <T>(sql: string, values?: readonly unknown[]) => Promise<T[]>;

/** What a reader wants to know when a case did not end as it should. */
async function standingOf(rows: Rows, caseNo: string): Promise<object> {
  return {
    case: await rows('select state from cases where id = $1', [caseNo]),
    live: await rows('select flow, state, problem from run where case_id = $1', [caseNo]),
    done: await rows('select flow, outcome, detail from run_done where case_id = $1', [caseNo]),
    waits: await rows(
      'select key, party, what_en, deadline from wait where run_id in (select id from run where case_id = $1)',
      [caseNo],
    ),
  };
}

async function signed(
  home: string,
  hub: string,
  caller: string,
  method: string,
  path: string,
  body: string,
): Promise<Answer> {
  const id =
    method === 'GET'
      ? `msg_${randomUUID()}`
      : `msg_${createHash('sha256')
          .update(path + body)
          .digest('hex')
          .slice(0, 32)}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const secret = Buffer.from(secretOf(home, caller).replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const answer = await fetch(hub + path, {
    method,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
      'x-lianshu-caller': caller,
    },
    ...(method === 'POST' ? { body } : {}),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

function taken(url: string, body: object): Promise<boolean> {
  return asked(url, body).then(
    () => true,
    () => false,
  );
}

function isEarly({ status, body }: Answer): boolean {
  const errors = body['errors'] as readonly { readonly pointer?: string }[] | undefined;
  return status === 404 && errors?.[0]?.pointer === '#/caseNo';
}

function msOf(period: string): number {
  return Number.parseInt(period, 10) * (unitMs[period.slice(-1)] ?? 0);
}

/** Any answer is an answer. */
async function posted(url: string, body: object): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

/**
 * Again when the connection broke, as everybody does who must get through. What had arrived before is told by the answer to the second,
 * such as that the task was decided on; what the story then asserts tells whether it was.
 */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + awayMs;
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      // `fetch` throws this, and nothing else, when there was no answer.
      if (!(thrown instanceof TypeError) || performance.now() > deadline) throw thrown;
      await sleep(pollMs);
    }
  }
}

async function asked(url: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    ...(body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function fileIn(home: string, name: string): unknown {
  return JSON.parse(readFileSync(join(home, name), 'utf8')) as unknown;
}
