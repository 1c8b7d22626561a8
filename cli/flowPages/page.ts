/** One page of a flow: its sequence diagram, its steps, the life cycles that it moves, and how it ends. */
import type { Kind, Label } from '../../contracts/kind.ts';
import type { AnyFlow } from '../../engine/flow.ts';
import type { Transition } from '../../ledger/lifecycleKinds.ts';
import { lifecycles, type Entity } from '../../ledger/lifecycles.ts';
import { stepsIn, type Change, type Item, type Step } from './reading.ts';

export const made = '<!-- Made by: npx lianshu flows. Do not edit. -->';

export function pageOf(flow: AnyFlow, file: string, items: readonly Item[], kinds: readonly Kind[]): string {
  const words = new Words(kinds, flow);
  const steps = items.flatMap(stepsIn);
  const starts = flow.startedBy.map((name) => `\`${name}\``).join(', ') || 'the hub itself, or another flow';
  return [
    made,
    `# ${flow.title.zh} ${flow.title.en}`,
    `Flow \`${flow.name}\`, version ${flow.version}: [\`${file}\`](../../${file}). Begun by ${starts}.`,
    '## Sequence 时序',
    `\`\`\`mermaid\nsequenceDiagram\n${[...participants(steps), ...drawn(items, words, '  ')].join('\n')}\n\`\`\``,
    '## Steps 步骤',
    'In the order in which the code says them; what is in `opt` of the diagram happens only then. Guards are evaluated with the step.',
    stepTable(steps, words),
    '## States 状态',
    stateTable(steps),
    '## Endings 结局',
    endings(steps),
    '',
  ].join('\n\n');
}

/** What things are called in the contracts. */
class Words {
  readonly #labels: ReadonlyMap<string, Label>;
  readonly #milestones: ReadonlyMap<string, Label>;

  constructor(kinds: readonly Kind[], flow: AnyFlow) {
    this.#labels = new Map(
      kinds.flatMap((kind) =>
        [...Object.values(kind.operations), ...Object.values(kind.notices)].map(
          ({ name, label }) => [name, label] as const,
        ),
      ),
    );
    this.#milestones = new Map(flow.milestones.map(({ no, name }) => [String(no), name]));
  }

  of(step: Step): string {
    const label = step.kind === 'milestone' ? this.#milestones.get(step.what) : this.#labels.get(step.what);
    if (label) return `${label.zh} ${label.en}`;
    return step.what;
  }
}

const hub = 'hub';

/** The kind of system behind a call or a wait; `people` decide. */
function otherSide(step: Step): string {
  if (step.kind === 'ask') return 'people';
  const kind = /^([a-z]+)\.\w+$/.exec(step.what)?.[1];
  if (kind === 'portal') return /^'(\w+)'$/.exec(step.party ?? '')?.[1] ?? 'portal';
  return kind ?? 'counterparty';
}

function participants(steps: readonly Step[]): string[] {
  const seen = new Set<string>();
  for (const step of steps) if (['call', 'wait', 'ask'].includes(step.kind)) seen.add(otherSide(step));
  seen.delete(hub);
  return ['  participant hub as 链枢 hub', ...[...seen].map((name) => `  participant ${name}`)];
}

function drawn(items: readonly Item[], words: Words, indent: string): string[] {
  return items.flatMap((item) => {
    if ('step' in item) return line(item.step, words).map((text) => indent + text);
    return [
      `${indent}${item.block === 'alt' ? 'opt' : item.block === 'par' ? 'par' : 'loop'} ${plain(item.label)}`,
      ...drawn(item.items, words, `${indent}  `),
      `${indent}end`,
    ];
  });
}

function line(step: Step, words: Words): string[] {
  const what = plain(words.of(step));
  const limit = step.within ? ` (≤ ${plain(step.within)})` : '';
  switch (step.kind) {
    case 'call':
      return [`hub->>${otherSide(step)}: ${what}`];
    case 'wait':
      return [`${otherSide(step)}-->>hub: ${what}${limit}`];
    case 'ask':
      return [`hub->>people: ${what}${limit}`, 'people-->>hub: decided'];
    case 'tell':
      return [`Note over hub: tells ${what}`];
    case 'sleep':
      return [`Note over hub: waits ${what}${limit}`];
    case 'milestone':
      return [`Note over hub: ◆ ${step.what} ${what}`];
    case 'stop':
    case 'return':
      return [`Note over hub: ■ ${what}`];
    default:
      return [
        `Note over hub: ${what}${step.evidence.length > 0 ? ` [${step.evidence.map((node) => node.slice(0, 3)).join(' ')}]` : ''}`,
      ];
  }
}

/** Of these mermaid makes something of its own. */
function plain(text: string): string {
  return text
    .replaceAll(/[;#]/g, ',')
    .replaceAll(/[{}<>]/g, '')
    .slice(0, 120);
}

function stepTable(steps: readonly Step[], words: Words): string {
  const rows = steps
    .filter(({ kind }) => kind !== 'milestone' && kind !== 'return')
    .map((step, place) => {
      const changes = step.changes.map(({ entity, event }) => `${entity}: ${event}`);
      const limits = [step.within ? `≤ ${step.within}` : '', step.poll ? `or by \`${step.poll}\`` : ''].filter(
        (part) => part !== '',
      );
      const undo = step.undo.map(({ kind, what, changes: back }) =>
        kind === 'record' && what === 'undo' ? back.map(({ entity, event }) => `${entity}: ${event}`).join(', ') : what,
      );
      return cells(
        String(place + 1),
        step.kind,
        ['call', 'wait', 'tell'].includes(step.kind)
          ? `\`${step.what}\` ${words.of(step) === step.what ? '' : words.of(step)}`
          : step.what,
        limits.join(', '),
        [...changes, ...step.guards.map((guard) => `*${guard}*`)].join('; '),
        step.evidence.join(', '),
        undo.join('; '),
      );
    });
  return [
    '| # | | What | Limit | Books and guards | Evidence | Taken back by |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function stateTable(steps: readonly Step[]): string {
  const all = steps.flatMap((step) => [...step.changes, ...step.undo.flatMap(({ changes }) => changes)]);
  const byName = new Map(all.map((change) => [`${change.entity} ${change.event}`, change]));
  const rows = [...byName.keys()].toSorted().map((name) => {
    const { entity, event } = byName.get(name) ?? { entity: '', event: '' };
    return cells(`[${entity}](../lifecycles.md#${entity})`, event, movesOf({ entity, event }));
  });
  return rows.length === 0 ? 'None.' : ['| What | Event | From → to |', '|---|---|---|', ...rows].join('\n');
}

function movesOf({ entity, event }: Change): string {
  const transitions: readonly Transition[] = Object.hasOwn(lifecycles, entity) ? lifecycles[entity as Entity] : [];
  const moves = transitions
    .filter(([, by]) => by === event)
    .map(([from, , to]) => `${from === '' ? '–' : from} → ${to}`);
  return moves.join(', ') || 'as the code decides';
}

function endings(steps: readonly Step[]): string {
  const all = steps.filter(({ kind }) => kind === 'stop' || kind === 'return');
  const rows = [
    ...new Set(
      all.map(({ kind, what }) => cells(what, kind === 'stop' ? 'what has an undo is taken back' : 'all stands')),
    ),
  ];
  return ['| Outcome | |', '|---|---|', ...rows].join('\n');
}

const cells = (...texts: string[]): string => `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
