/** Which dialects there are, which the suite knows, and what of each it lacks: a dialect without a subject fails the build. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { codeTables } from '../../mappings/mappings.ts';
import type { Kind, Operation } from '../../contracts/kind.ts';
import type { CodeTable } from '../../mappings/codes/codeTable.ts';
import type { Subject } from './subject.ts';

const root = new URL('../../', import.meta.url);

interface Registered {
  readonly kind: string;
  readonly vendor: string;
}

/** As the services name them: what a hub would load. */
export function registeredDialects(): Registered[] {
  const kinds = readdirSync(new URL('adapters/', root), { withFileTypes: true }).filter((each) => each.isDirectory());
  return kinds.flatMap(({ name: kind }) => {
    const file = new URL(`adapters/${kind}/${kind}.service.ts`, root);
    if (!existsSync(file)) return [];
    const named = /dialects:\s*\{([^}]*)\}/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    return [...named.matchAll(/(\w+)\s*[:,}]|(\w+)\s*$/g)].flatMap(([whole, vendor]) =>
      vendor !== undefined && whole.endsWith(':') ? [{ kind, vendor }] : [],
    );
  });
}

/** The subject of a dialect, or what is wrong about it. */
export async function subjectOf({ kind, vendor }: Registered): Promise<Subject | undefined> {
  const file = new URL(`test/conform/subjects/${kind}-${vendor}.ts`, root);
  if (!existsSync(file)) return undefined;
  const module = (await import(file.href)) as { subject?: Subject };
  return module.subject;
}

export function tablesOf({ kind, vendor }: Registered): readonly CodeTable[] {
  return codeTables.filter(({ name }) => name.startsWith(`${kind}.${vendor}.`));
}

/** Everything that every dialect must have in the suite, and has not. */
export async function missing(): Promise<string[]> {
  const found: string[] = [];
  for (const dialect of registeredDialects()) {
    const place = `test/conform/subjects/${dialect.kind}-${dialect.vendor}.ts`;
    const subject = await subjectOf(dialect);
    if (!subject) found.push(`${place}: is missing`);
    else found.push(...gapsOf(subject, dialect).map((gap) => `${place}: ${gap}`));
  }
  return found;
}

function gapsOf(subject: Subject, dialect: Registered): string[] {
  const lacks = (what: string, due: readonly string[], there: object) => [
    ...due.filter((name) => !Object.hasOwn(there, name)).map((name) => `no ${what} ${name}`),
    ...Object.keys(there)
      .filter((name) => !due.includes(name))
      .map((name) => `a ${what} ${name} that there is not`),
  ];
  const { kind, vendor, notices, dialect: spoken } = subject;
  const offered = Object.keys(spoken.operations);
  const told = spoken.tells ?? (spoken.receive ? Object.keys(kind.notices) : []);
  const tells = Object.keys(notices).length > 0;
  return [
    ...(kind.name === dialect.kind && vendor === dialect.vendor ? [] : [`is of ${kind.name}/${vendor}`]),
    ...lacks('operation', offered, subject.operations),
    ...withoutQuery(kind, offered),
    ...lacks('notice', told, notices),
    ...lacks(
      'code table',
      tablesOf(dialect).map(({ name }) => name),
      subject.tables,
    ),
    ...(Object.keys(subject.bugs).length > 0 ? [] : ['plants no bug']),
    ...(tells && !(subject.noticeSeal && subject.taken) ? ['does not say how a notice is signed and taken'] : []),
    ...(subject.limits.some(({ why }) => why.length < 20) ? ['a limit without a reason'] : []),
  ];
}

/** What is done may be unknown afterwards: then somebody must be able to ask. */
function withoutQuery({ name: kind, operations }: Kind, offered: readonly string[]): string[] {
  return offered.flatMap((name) => {
    const query = (operations as Record<string, Operation>)[name]?.query?.slice(kind.length + 1);
    return query !== undefined && !offered.includes(query) ? [`offers ${name} and not its query ${query}`] : [];
  });
}
