/**
 * How far a case has come (进度), for whoever takes part in it: milestones reached, who is waited for since when and until when, and what
 * comes next. Whoever is waited for is named by what he is, never by his system: a funder does not learn which other one is asked.
 * What people of the hub or of another party are looking at is theirs.
 */
import type { Label } from '../contracts/kind.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import type { AnyFlow, Milestone } from '../engine/flow.ts';
import { kinds } from '../engine/journal.ts';
import type { Edge } from './options.ts';

interface ReachedMilestone {
  readonly flow: Label;
  readonly no: number;
  readonly name: Label;
  readonly at: string;
}

interface Waited {
  readonly who: Label;
  readonly what: Label;
  readonly since: string;
  readonly deadline: string | null;
}

export interface Progress {
  readonly milestones: readonly ReachedMilestone[];
  readonly waiting: readonly Waited[];
  readonly next: Label | null;
  readonly words: Label;
}

const somebody: Label = { zh: '相关方', en: 'another party' };
const hubsPeople: Label = { zh: '平台人员', en: 'the people of the platform' };
const yourPeople: Label = { zh: '贵方人员', en: 'your own people' };
const beingHandled: Label = { zh: '人工处理', en: 'being handled' };

export async function progressOf(edge: Edge, caseId: string, caller: string): Promise<Progress> {
  const [runs, waits, party] = await Promise.all([
    runsOf(edge, caseId),
    waitsOf(edge, caseId),
    edge.speaksFor?.(caller).then((spoken) => spoken?.party),
  ]);
  const flowOf = new Map(edge.flows.map((flow) => [flow.name, flow]));
  const milestones = runs
    .flatMap(({ flow, reached }) => reachedOf(flowOf.get(flow), reached))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const waiting = waits.map((wait) => shownWait(edge, wait, party));
  const next = runs.flatMap(({ flow, live, reached }) => (live ? nextOf(flowOf.get(flow), reached) : []))[0] ?? null;
  return { milestones, waiting, next, words: wordsFor(milestones, waiting, next) };
}

interface RunRow {
  readonly flow: string;
  readonly live: boolean;
  readonly reached: readonly { readonly no: number; readonly at: string }[];
}

async function runsOf({ store }: Edge, caseId: string): Promise<readonly RunRow[]> {
  const found = await store.pool.query<RunRow>(
    `select r.flow, r.live, coalesce((select jsonb_agg(jsonb_build_object('no', (convert_from(j.body, 'UTF8')::jsonb ->> 'no')::int,
         'at', to_char(j.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+08:00"')) order by j.seq)
       from journal j where j.run_id = r.id and j.kind = $2), '[]') reached
     from (select id, flow, true live from run where case_id = $1 union all select id, flow, false from run_done where case_id = $1) r
     order by r.id`,
    [caseId, kinds.milestone],
  );
  return found.rows;
}

interface WaitRow {
  readonly party: string;
  readonly zh: string;
  readonly en: string;
  readonly since: Date;
  readonly deadline: Date | null;
  /** Of a task: whose people, null for those of the hub. */
  readonly isTask: boolean;
  readonly taskParty: string | null;
}

/** Neither timers nor calls that wait for their turn: nobody is waited for there. */
async function waitsOf({ store }: Edge, caseId: string): Promise<readonly WaitRow[]> {
  const found = await store.pool.query<WaitRow>(
    `select w.party, w.what_zh zh, w.what_en en, w.since, w.deadline, t.id is not null "isTask", t.party_id "taskParty"
     from wait w join run r on r.id = w.run_id left join task t on w.key = 'people.decided:' || t.id
     where r.case_id = $1 and w.key not like 'timer:%' and w.path not like '%~poll' order by w.deadline nulls last limit 50`,
    [caseId],
  );
  return found.rows;
}

function shownWait(edge: Edge, wait: WaitRow, own: string | undefined): Waited {
  const since = shanghaiTime(wait.since);
  const deadline = wait.deadline && shanghaiTime(wait.deadline);
  if (!wait.isTask) return { who: whoIs(edge, wait.party), what: { zh: wait.zh, en: wait.en }, since, deadline };
  if (wait.taskParty !== null && wait.taskParty === own)
    return { who: yourPeople, what: { zh: wait.zh, en: wait.en }, since, deadline };
  return { who: wait.taskParty === null ? hubsPeople : somebody, what: beingHandled, since, deadline };
}

/** A system by its kind, a party by its part. */
function whoIs({ parties, partyOf }: Edge, name: string): Label {
  const named = parties.find(({ id }) => id === name) ?? parties.find(({ id }) => id === partyOf?.(name));
  const kind = named?.kind === undefined ? named : parties.find(({ id }) => id === named.kind);
  return kind?.name ?? somebody;
}

function reachedOf(flow: AnyFlow | undefined, reached: RunRow['reached']): ReachedMilestone[] {
  const named = new Map(flow?.milestones.map((milestone: Milestone) => [milestone.no, milestone.name]));
  return reached.flatMap(({ no, at }) => {
    const name = named.get(no);
    return flow && name ? [{ flow: flow.title, no, name, at }] : [];
  });
}

function nextOf(flow: AnyFlow | undefined, reached: RunRow['reached']): Label[] {
  const done = new Set(reached.map(({ no }) => no));
  const next = flow?.milestones.find(({ no }) => !done.has(no));
  return next ? [next.name] : [];
}

function wordsFor(milestones: readonly ReachedMilestone[], waiting: readonly Waited[], next: Label | null): Label {
  const last = milestones.at(-1);
  const day = (instant: string) => instant.slice(0, 16).replace('T', ' ');
  const zh = [
    last ? `已完成“${last.name.zh}”（${day(last.at)}）。` : '已受理。',
    ...waiting.map(
      ({ who, what, since, deadline }) =>
        `等待${who.zh}：${what.zh}，自 ${day(since)} 起${deadline === null ? '' : `，期限 ${day(deadline)}`}。`,
    ),
    next ? `下一步：${next.zh}。` : waiting.length === 0 ? '没有待办事项。' : '',
  ];
  const en = [
    last ? `Reached “${last.name.en}” (${day(last.at)}).` : 'Taken in.',
    ...waiting.map(
      ({ who, what, since, deadline }) =>
        `Waiting for ${who.en}: ${what.en}, since ${day(since)}${deadline === null ? '' : `, until ${day(deadline)}`}.`,
    ),
    next ? `Next: ${next.en}.` : waiting.length === 0 ? 'Nothing is waited for.' : '',
  ];
  return { zh: zh.join(''), en: en.join(' ').trim() };
}
