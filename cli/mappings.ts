/** `mappings check` and `mappings replay`: what mappings do with every field, and what a changed one does differently. */
import type { AnyMapping } from '../contracts/mapping.ts';
import { codeTables, mappings as all } from '../mappings/mappings.ts';
import { mappingsAt } from './mappings/earlier.ts';
import { examplesOf, readExamples } from './mappings/examples.ts';
import { replay, type Replayed } from './mappings/replay.ts';
import { reviewOf, type Review } from './mappings/review.ts';

export interface MappingsOptions {
  readonly json?: boolean | undefined;
  /** Of `replay`: a file or a folder of recorded messages. */
  readonly from?: string | undefined;
  /** Of `replay`: a commit, to compare with its mapping instead of with what was recorded. */
  readonly against?: string | undefined;
  /** Of `replay`: the differences are wanted. */
  readonly accept?: boolean | undefined;
}

/** 0: nothing is wrong; 1: something is, and it is named; 2: not understood. */
export async function mappings(positionals: readonly string[], options: MappingsOptions): Promise<number> {
  const [act, name, ...more] = positionals;
  if (more.length > 0) return misunderstood();
  if (act === 'check' && options.from === undefined) return check(name, options.json ?? false);
  if (act === 'replay' && name !== undefined && options.from !== undefined)
    return replayed(name, options.from, options);
  return misunderstood();
}

function misunderstood(): number {
  process.stderr.write(
    '用法 usage: mappings check [name] [--json] | mappings replay <name> --from <file|folder> [--against <commit>] [--accept] [--json]\n',
  );
  return 2;
}

/** A name, or the beginning of some: `bank`, `bank.open`. */
function named(name: string | undefined): readonly AnyMapping[] {
  return name === undefined ? all : all.filter((each) => each.name === name || each.name.startsWith(`${name}.`));
}

function check(name: string | undefined, json: boolean): number {
  const chosen = named(name);
  if (chosen.length === 0) return unknown(name);
  const reviews = chosen.map((mapping) => reviewOf(mapping, examplesOf(mapping), codeTables));
  const wrong = reviews.filter(({ problems }) => problems.length > 0);
  const counts = {
    mappings: reviews.length,
    examples: reviews.reduce((sum, { examples }) => sum + examples.length, 0),
    codeTables: codeTables.length,
    codes: codeTables.reduce((sum, { rows }) => sum + Object.keys(rows).length, 0),
    wrong: wrong.length,
  };
  if (json) print(`${JSON.stringify({ ...counts, reviews })}\n`);
  else {
    print(reviews.map((review) => (reviews.length === 1 ? fullText(review) : line(review))).join(''));
    print(wrong.flatMap(({ name, problems }) => problems.map((problem) => `✗ ${name}: ${problem}\n`)).join(''));
    print(
      `${counts.mappings} 个映射 mappings, ${counts.examples} 个样例 examples, ${counts.codeTables} 张码表 code tables with ${counts.codes} 个码 codes, ${counts.wrong} 个有问题 wrong\n`,
    );
  }
  return wrong.length === 0 ? 0 : 1;
}

function unknown(name: string | undefined): number {
  process.stderr.write(`没有映射 no such mapping: ${name}\n${all.map((each) => `  ${each.name}\n`).join('')}`);
  return 2;
}

function line(review: Review): string {
  const count = (part: object) => Object.keys(part).length;
  const parts = [
    `${review.examples.length} 样例 examples`,
    `${count(review.carried)} 带过 carried`,
    `${review.decides.length} 仅判断 only decide`,
    `${count(review.dropped)} 丢弃 dropped`,
    `${count(review.defaulted)} 默认 defaulted`,
    ...(count(review.unfilled) > 0 ? [`${count(review.unfilled)} 未填 unfilled`] : []),
  ];
  return `${review.problems.length === 0 ? '✓' : '✗'} ${review.name}: ${parts.join(', ')}\n`;
}

function fullText(review: Review): string {
  const reasons = (record: Readonly<Record<string, string | null>>) =>
    Object.entries(record).map(([path, reason]) => `${path}  — ${reason ?? '未说明 not said why'}`);
  const sections: [string, readonly string[]][] = [
    ['带过 carried', Object.entries(review.carried).map(([path, to]) => `${path} → ${to.join(', ')}`)],
    ['仅用于判断 only decide', review.decides],
    ['丢弃 dropped', reasons(review.dropped)],
    ['默认或生成 defaulted', Object.entries(review.defaulted).map(([path, values]) => `${path} = ${shown(values)}`)],
    ['未填必填 required, unfilled', reasons(review.unfilled)],
    ['样例未涉及的来源 source, in no example', review.unseen.source],
    ['样例未涉及的目标 target, optional, in no example', review.unseen.target],
  ];
  const text = sections.flatMap(([title, rows]) =>
    rows.length === 0 ? [] : [`  ${title}\n`, ...rows.map((row) => `    ${row}\n`)],
  );
  return `${review.name}: ${review.from} → ${review.to} (${review.examples.join(', ')})\n${text.join('')}`;
}

function shown(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' | ');
}

async function replayed(name: string, from: string, options: MappingsOptions): Promise<number> {
  const mapping = all.find((each) => each.name === name);
  if (!mapping) return unknown(name);
  const { against } = options;
  const before =
    against === undefined ? undefined : (await mappingsAt(against)).find((each) => each.name === mapping.name);
  if (against !== undefined && !before) throw new Error(`${against} has no mapping ${name}`);
  const messages = replay(mapping, readExamples(from), before);
  const different = messages.filter(({ changes }) => changes.length > 0);
  if (options.json) {
    const counts = {
      mapping: name,
      against: against ?? 'recorded',
      messages: messages.length,
      different: different.length,
    };
    print(`${JSON.stringify({ ...counts, accepted: options.accept ?? false, changed: different })}\n`);
  } else {
    print(different.map(changesText).join(''));
    print(`${messages.length} 条报文 messages, ${different.length} 条有差异 different\n`);
  }
  return different.length === 0 || options.accept === true ? 0 : 1;
}

function changesText({ file, changes }: Replayed): string {
  const side = (value: unknown) => (value === undefined ? '∅' : JSON.stringify(value));
  return `${file}\n${changes.map(({ field, was, now }) => `  ${field}: ${side(was)} → ${side(now)}\n`).join('')}`;
}

function print(text: string): void {
  process.stdout.write(text);
}
