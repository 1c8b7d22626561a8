/** The stage on which scenarios play: a hub and its counterparties that run already, reached from outside as anybody would. */
import { createHash, createHmac, randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { Clock, type ClockSetting } from '../clock.ts';
import { readEffects } from '../effects.ts';
import { secretOf } from '../provision.ts';
import { Traders } from '../traders.ts';
import { dealers, materials } from '../world.ts';
import { patienceMs, type Answer, type Stage, type Task } from './scenario.ts';

const pollMs = 100;
const answerMs = 20_000;

export interface OpenStage extends Stage {
  /** One person's decision on a task. False when it was not taken. */
  vote(task: string, decision: object): Promise<boolean>;
  /** An act of an operator on a run. False when it was not taken. */
  operate(run: string, act: object): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws when no hub runs in that home */
export async function openStage(home: string, how: { readonly lookMs?: number } = {}): Promise<OpenStage> {
  const { url: hub, databaseUrl } = fileIn(home, 'hub.json') as { url: string; databaseUrl: string };
  const { control } = fileIn(home, 'sandbox.json') as { control: string };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, application_name: 'lianshu-scenario' });
  pool.on('error', () => undefined);
  const clock = new Clock();
  const about = (await asked(control)) as { clock: ClockSetting; twins: { name: string; control: string }[] };
  clock.set({ setting: about.clock });
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
    signed(home, hub, caller, 'POST', path, JSON.stringify(body));
  const tasks = async (caseNo?: string): Promise<readonly Task[]> => {
    const found = (await asked(`${hub}/v1/tasks`)) as { tasks: Task[] };
    return found.tasks.filter((task) => caseNo === undefined || task.case === caseNo);
  };
  const stage: OpenStage = {
    hub,
    secretOf: (caller) => secretOf(home, caller),
    now: () => clock.now(),
    today: () => new Date(clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
    unique: () => String(randomInt(100_000, 1_000_000)),
    async advance(period) {
      await asked(`${hub}/v1/sandbox/clock`, { advance: period });
      const { clock: now } = (await asked(control)) as { clock: ClockSetting };
      clock.set({ setting: now });
    },
    send,
    async command(caller, path, body) {
      const answer = await send(caller, path, body);
      if (answer.status >= 300) throw new Error(`${caller} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer;
    },
    read: (caller, path) => signed(home, hub, caller, 'GET', path, ''),
    async placeOrder(wish = {}) {
      const orderNo = `46${String(randomInt(10_000_000, 100_000_000))}`;
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
      await asked(`${hub}/v1/tasks/${id}/decide`, {
        by: person,
        ...(role === undefined ? {} : { role }),
        decision,
        payloadHash,
        reason,
      });
    },
    rows,
    value,
    async until(what, holds, limitMs = patienceMs) {
      const deadline = performance.now() + limitMs;
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
