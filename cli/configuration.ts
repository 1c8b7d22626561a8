/** `npx lianshu configuration`: products, templates and rule sets in versions, and decisions with their reasons. */
import { readFile } from 'node:fs/promises';
import { configurationKinds, type ConfigurationKind } from '../contracts/configuration/configuration.ts';
import { Failure, isFailure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import {
  draftConfiguration,
  publishConfiguration,
  submitConfiguration,
} from '../ledger/configuration/configuration.ts';
import { explainConstraint } from '../ledger/constraints.ts';
import { openStore, type Store } from '../store/store.ts';
import { runningHub } from './running.ts';

export interface ConfigurationOptions {
  readonly json: boolean;
  readonly by?: string | undefined;
}

interface Answer {
  readonly body: unknown;
  readonly lines: readonly string[];
}

/** Exit code 0 done, 1 refused, 2 wrong usage. */
export async function configuration(words: readonly string[], options: ConfigurationOptions): Promise<number> {
  const [verb = 'list', ...rest] = words;
  const { databaseUrl } = await runningHub();
  const store = await openStore(databaseUrl, { maxConnections: 1, applicationName: 'lianshu-configuration' });
  try {
    const answer = await answerTo(store, verb, rest, options.by);
    if (!answer) {
      process.stderr.write('npx lianshu configuration --help\n');
      return 2;
    }
    process.stdout.write(options.json ? `${JSON.stringify(answer.body)}\n` : `${answer.lines.join('\n')}\n`);
    return 0;
  } catch (thrown) {
    const { constraint } = thrown as { constraint?: string };
    const failure = isFailure(thrown) ? thrown : constraint === undefined ? undefined : explainConstraint(constraint);
    if (!failure) throw thrown;
    process.stderr.write(`✗ ${failure.type}: ${failure.message}\n`);
    return 1;
  } finally {
    await store.close();
  }
}

function answerTo(
  store: Store,
  verb: string,
  [first, second, file]: readonly string[],
  by: string | undefined,
): Promise<Answer> | undefined {
  switch (verb) {
    case 'list':
      return list(store);
    case 'show':
      return first === undefined ? undefined : show(store, first);
    case 'decisions':
      return decisions(store, first);
    case 'draft':
      return isKind(first) && second !== undefined && file !== undefined && by !== undefined
        ? draft(store, first, second, file, by)
        : undefined;
    case 'publish':
      return first === undefined || by === undefined ? undefined : publish(store, first, by);
    default:
      return undefined;
  }
}

async function list(store: Store): Promise<Answer> {
  const found = await store.pool.query<{ id: string; state: string; title: string | null; since: Date }>(
    `select c.id, c.state, coalesce(c.body ->> 'title', c.body ->> 'name') title,
       (select max(at) from history h where h.entity = 'configuration' and h.entity_id = c.id) since
     from configuration c order by c.kind, c.code, c.version desc`,
  );
  return {
    body: found.rows,
    lines: found.rows.map((row) => `${row.state.padEnd(10)} ${row.id.padEnd(40)} ${row.title ?? ''}`),
  };
}

async function show(store: Store, id: string): Promise<Answer> {
  const found = await store.pool.query<{ body: unknown; state: string }>(
    'select body, state from configuration where id = $1',
    [id],
  );
  const people = await store.pool.query<{ event: string; maker: string; checker: string | null; state: string }>(
    `select event, maker, checker, state from approval where entity = 'configuration' and entity_id = $1 order by at`,
    [id],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no ${id}; npx lianshu configuration list shows all` });
  return {
    body: { id, ...row, approvals: people.rows },
    lines: [
      `${id}  ${row.state}`,
      JSON.stringify(row.body, null, 2),
      ...people.rows.map((a) => `${a.event}: 经办 ${a.maker}, 复核 ${a.checker ?? '–'}  ${a.state}`),
    ],
  };
}

interface DecisionRow {
  readonly case_id: string | null;
  readonly subject: string;
  readonly rules_id: string;
  readonly outcome: string;
  readonly points: string;
  readonly why: readonly {
    title: string;
    held: boolean;
    conditions: readonly { fact: string; told?: string | boolean }[];
  }[];
}

async function decisions(store: Store, caseId: string | undefined): Promise<Answer> {
  const found = await store.pool.query<DecisionRow>(
    `select case_id, subject, rules_id, outcome, points::text, why, at from decision
     where $1::text is null or case_id = $1 order by id desc limit 50`,
    [caseId ?? null],
  );
  const lines = found.rows.flatMap((row) => [
    `${row.outcome.padEnd(7)} ${row.case_id ?? '–'}  ${row.subject}  ${row.rules_id}  ${row.points}`,
    ...row.why.map(
      ({ held, title, conditions }) =>
        `        ${held ? '●' : '○'} ${title}  (${conditions.map(({ fact, told }) => `${fact}: ${told === undefined ? '?' : String(told)}`).join(', ')})`,
    ),
  ]);
  return { body: found.rows, lines };
}

async function draft(store: Store, kind: ConfigurationKind, code: string, file: string, by: string): Promise<Answer> {
  const body = configurationKinds[kind].check(parseJson(await readFile(file)));
  const actor = `person:${by}`;
  const id = await store.tx(async (tx) => {
    const made = await draftConfiguration(tx, kind, code, body, actor);
    await submitConfiguration(tx, made, by, actor);
    return made;
  });
  return {
    body: { id },
    lines: [`${id}  REVIEW`, `next: npx lianshu configuration publish ${id} --by <another person>`],
  };
}

async function publish(store: Store, id: string, by: string): Promise<Answer> {
  await store.tx(async (tx) => {
    const open = await tx.query<{ id: string }>(
      `select id from approval where entity = 'configuration' and entity_id = $1 and state = 'PROPOSED' order by at desc limit 1`,
      [id],
    );
    const [approval] = open.rows;
    if (!approval)
      throw new Failure('NOT_FOUND', {
        detail: `${id} waits for nobody's approval; npx lianshu configuration show ${id}`,
      });
    await publishConfiguration(tx, id, approval.id, by, `person:${by}`);
  });
  return { body: { id, state: 'PUBLISHED' }, lines: [`${id}  PUBLISHED`] };
}

function isKind(word: string | undefined): word is ConfigurationKind {
  return word !== undefined && Object.hasOwn(configurationKinds, word);
}
