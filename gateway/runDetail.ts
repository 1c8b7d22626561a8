/** One run as its page shows it: where its case stands, every message of the case, and the run's own steps. */
import { Failure, failures, isFailure } from '../contracts/failures.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { kindNames, kinds, type JournaledFailure, type Kind } from '../engine/journal.ts';
import { openedEntry } from '../engine/sealed.ts';
import { sealingOf } from '../store/sealing/of.ts';
import type { Store } from '../store/store.ts';
import { messagesOf } from './messages.ts';
import { milestonesOf, reachedIn } from './milestones.ts';
import { hubParty, type Pictures } from './pictures.ts';
import { problemOfRun, readRuns } from './runs.ts';
import { scrubbed } from './scrub.ts';
import type { Health, MessageView, PartyView, RunDetailView, StepView } from './view.ts';

/** A run has tens of steps. One with more shows its latest. */
const stepsMax = 2_000;
/** So many of a party's last answers in the case tell how it does. */
const healthWindow = 3;

/** @throws Failure NOT_FOUND */
export async function readRunDetail(store: Store, pictures: Pictures, id: string): Promise<RunDetailView> {
  const [run] = await readRuns(store, pictures, { ids: [id], limit: 1 });
  if (!run) throw new Failure('NOT_FOUND', { detail: 'there is no such run' });
  const ofCase = await store.pool.query<{ id: string; open: boolean }>(
    `select r.id, c.closed_at is null as open
     from (select id, case_id from run where case_id = $1 union all select id, case_id from run_done where case_id = $1) r
       left join cases c on c.id = r.case_id`,
    [run.case],
  );
  const runs = ofCase.rows.map((row) => row.id);
  const [reached, { messages, lastSeq }, steps] = await Promise.all([
    reachedIn(store, [run.case]),
    messagesOf(store, pictures, run.case, runs),
    stepsOf(store, pictures, run.flow, id),
  ]);
  const seen = new Set(messages.flatMap((message) => [message.from, message.to]));
  const milestones = milestonesOf(pictures, run.flow, reached.get(run.case) ?? [], ofCase.rows[0]?.open ?? true, seen);
  const ids = new Set([
    ...seen,
    ...milestones.map((milestone) => milestone.party),
    ...(run.waitingOn ? [run.waitingOn.party] : []),
  ]);
  const parties = pictures.partiesIn(ids).map((party): PartyView => ({
    id: party.id,
    name: party.name,
    system: party.system,
    health: party.id === hubParty ? 'ok' : healthOf(messages, party.id),
  }));
  return { run, milestones, parties, messages, steps, lastSeq: `${lastSeq}.${steps.at(-1)?.seq ?? 0}` };
}

/** What the case itself has seen of a party. A refusal is an answer like any other: the party is well. */
function healthOf(messages: readonly MessageView[], party: string): Health {
  const last = messages
    .filter((m) => (m.from === party || m.to === party) && m.state !== 'inflight')
    .slice(-healthWindow);
  const silent = last.filter((message) => message.state === 'unknown').length;
  if (last.length === 0) return 'unknown';
  if (silent === healthWindow) return 'down';
  return silent > 0 ? 'degraded' : 'ok';
}

interface StepRecord {
  seq: number;
  kind: Kind;
  path: string;
  /** Only of kinds whose body is short and holds no message. */
  body: Buffer | null;
  at: Date;
}

async function stepsOf(store: Store, pictures: Pictures, flow: string, run: string): Promise<StepView[]> {
  const [found, problem] = await Promise.all([
    store.pool.query<StepRecord>(
      `select seq, kind, path, at, case when kind = any($2::smallint[]) then body end as body
       from journal where run_id = $1 order by seq desc limit $3`,
      [run, [kinds.intent, kinds.refused, kinds.milestone, kinds.output], stepsMax],
    ),
    problemOfRun(store, run),
  ]);
  const sealing = await sealingOf(store.pool);
  const toldOf = async (record: StepRecord): Promise<string | null> => {
    try {
      return detailOf(pictures, flow, record.kind, await openedEntry(sealing, { run, ...record }));
    } catch (thrown) {
      if (isFailure(thrown)) return failures[thrown.type].zh;
      throw thrown;
    }
  };
  const steps = await Promise.all(
    found.rows.toReversed().map(async (record): Promise<StepView> => {
      const { seq, path, at } = record;
      const kind = kindOf(pictures, record);
      return { seq, path, kind, at: shanghaiTime(at), detail: await toldOf(record) };
    }),
  );
  const last = steps.at(-1);
  if (problem === null || !last) return steps;
  // Not in the journal: why the run stands still. The next real step takes its place.
  return [...steps, { seq: last.seq + 1, path: 'attention', kind: 'refused', at: last.at, detail: scrubbed(problem) }];
}

/** The journal has one kind for every result; what was no call of an operation changed the books. */
function kindOf(pictures: Pictures, { kind, path }: StepRecord): StepView['kind'] {
  if (kind !== kinds.result) return kindNames[kind] as StepView['kind'];
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/#\d+$/, '');
  return pictures.isOperation(name) ? 'result' : 'record';
}

function detailOf(pictures: Pictures, flow: string, kind: Kind, body: unknown): string | null {
  const told = (body ?? {}) as Record<string, unknown>;
  switch (kind) {
    case kinds.intent:
      return [told['system'], told['number']].filter((part) => typeof part === 'string').join(' ') || null;
    case kinds.refused: {
      const { type, detail, externalCode } = told as unknown as JournaledFailure;
      return scrubbed([type, externalCode === undefined ? '' : `(${externalCode})`, detail].filter(Boolean).join(' '));
    }
    case kinds.milestone:
      return (
        pictures.wayOf(flow).milestones.find((milestone) => milestone.no === told['no'])?.name.zh ?? String(told['no'])
      );
    case kinds.output:
      return scrubbed([told['outcome'], told['detail']].filter((part) => typeof part === 'string').join(': '));
    default:
      return null;
  }
}
