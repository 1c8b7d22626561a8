/**
 * The conformance suite, in a slice: for every dialect the operation that could do most harm, under every fault, and one
 * notice. All of it: `npx lianshu conform --all`.
 */
import { afterAll, expect, test } from '@jest/globals';
import type { Group } from './conform/case.ts';
import { missing, registeredDialects } from './conform/registered.ts';
import type { Subject } from './conform/subject.ts';
import { chosen, conform, end, groupsOf, prove } from './conform/suite.ts';

const sliceMs = 180_000; // For one dialect: a few seconds where nothing else runs.

afterAll(end);

test('every dialect, operation, notice and code table is in the conformance suite', async () => {
  expect(await missing()).toEqual([]);
  expect(await chosen(undefined)).toHaveLength(registeredDialects().length);
});

const cases = new Map<string, number>();

test.each(registeredDialects().map(({ kind, vendor }) => `${kind}/${vendor}`))(
  '%s keeps its promises under every fault',
  async (only) => {
    const report = await conform({ only, groups: inSlice });
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ dialects: 1, failed: 0 });
    expect(report.cases).toBeGreaterThan(20);
    cases.set(only, report.cases);
  },
  sliceMs,
);

test('the slice is more than a thousand cases', () => {
  const all = [...cases.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(`conform.test.ts: ${all} cases of ${cases.size} dialects\n`);
  expect(all).toBeGreaterThan(1_000);
});

test(
  'a dialect that takes an answer that did not come for a no is found out',
  async () => {
    const report = await conform({
      only: 'price/quotes',
      bug: 'unknown-is-refused',
      cases: (name) => /^(timeout|reset)/.test(name),
    });
    expect(report.passed).toBe(0);
    expect(report.failures[0]?.why).toContain('may be unknown only');
  },
  sliceMs,
);

test(
  'a mistake is caught by the first case that shows it, and that case is named',
  async () => {
    const proofs = await prove('cfca/idv');
    expect(proofs.filter(({ caughtBy }) => caughtBy === undefined)).toEqual([]);
    expect(proofs.map(({ bug }) => bug)).toContain('believes-anybody');
  },
  sliceMs,
);

/** The one that moves value or goods, else the first that does anything, else the first; and the first notice. */
function inSlice(subject: Subject, group: Group): boolean {
  const groups = groupsOf(subject);
  const names = groups.filter(({ what }) => what === 'operation').map(({ name }) => name);
  const effectOf = (name: string) => subject.kind.operations[name]?.effect;
  const operation =
    names.find((name) => effectOf(name) === 'money') ?? names.find((name) => effectOf(name) === 'write') ?? names[0];
  const notice = groups.find(({ what }) => what === 'notice')?.name;
  return (group.what === 'operation' && group.name === operation) || (group.what === 'notice' && group.name === notice);
}
