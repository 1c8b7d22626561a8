/** `npx lianshu lifecycles`: the life cycles of everything that has a state, drawn from the data that the database enforces. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transition } from '../ledger/lifecycleKinds.ts';
import { keyColumn, lifecycles, type Entity } from '../ledger/lifecycles.ts';

const file = join(import.meta.dirname, '..', 'docs', 'lifecycles.md');
const entities = (Object.keys(lifecycles) as Entity[]).toSorted();

export interface LifecyclesOptions {
  readonly json: boolean;
  /** Only compares `docs/lifecycles.md`; exit code 1 when it is not what the data makes. */
  readonly check: boolean;
}

export async function drawLifecycles({ json, check }: LifecyclesOptions): Promise<number> {
  if (json) {
    process.stdout.write(`${JSON.stringify(lifecycles)}\n`);
    return 0;
  }
  const drawn = lifecyclesText();
  if (check) return (await readFile(file, 'utf8').catch(() => '')) === drawn ? 0 : 1;
  await writeFile(file, drawn);
  process.stdout.write(`${entities.length} life cycles: docs/lifecycles.md\n`);
  return 0;
}

/** The page. */
function lifecyclesText(): string {
  return `<!-- Made by: npx lianshu lifecycles. Do not edit. -->
# Life cycles (状态机)

Whatever is not drawn here is refused with \`ILLEGAL_TRANSITION\`, by the database itself. Who: the codes of the domain (OPS
operator 运营方, UNIT trading unit 经营单位, CUST borrower 客户, CORE core enterprise 核心企业, FND funder 资金方, WH keeper 保管人,
SUP supervisor 监管方, REG registry 中登网, PAY bank or clearing, IDV verification, ESIGN e-signature, SYS the hub). An event with
two people (四眼) takes an approval by maker and checker of the row as it stands.

${entities.map(chapter).join('\n')}`;
}

function chapter(entity: Entity): string {
  const transitions: readonly Transition[] = lifecycles[entity];
  const edges = transitions.map(([from, event, to]) => `  ${from === '' ? '[*]' : from} --> ${to}: ${event}`);
  const ends = endsOf(transitions).map((state) => `  ${state} --> [*]`);
  const rows = transitions.map(
    ([from, event, to, who, two]) =>
      `| ${from === '' ? '–' : from} | ${event} | ${to} | ${who}${two ? ' (two people 四眼)' : ''} |`,
  );
  return `## ${entity}

Known by \`${keyColumn[entity]}\`.

\`\`\`mermaid
stateDiagram-v2
${[...edges, ...ends].join('\n')}
\`\`\`

| From | Event | To | Who |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** States that nothing leads out of. */
function endsOf(transitions: readonly Transition[]): string[] {
  const left = new Set(transitions.filter(([from, , to]) => from !== to).map(([from]) => from));
  return [...new Set(transitions.map(([, , to]) => to))].filter((state) => !left.has(state));
}
