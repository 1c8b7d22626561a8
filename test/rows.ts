/**
 * The steps of the business (F1–F13) and what carries each: the journal entry of a flow, with its message, and the evidence that is
 * kept. `scenarios.test.ts` holds this against what the journals of the scenarios really contain. A step that nothing carries says so.
 */
import { carriers } from './rowsCarried.ts';
import { steps } from './rowsOfBusiness.ts';

export interface Row {
  /** Flow and number of the step: `F3.7b`. */
  readonly row: string;
  readonly what: string;
  /** Evidence nodes that the step calls for. */
  readonly evidence: readonly string[];
  readonly carried: Carrier | { readonly not: string };
}

export interface Carrier {
  /** Any of these flows. */
  readonly flow: string;
  /** The journal's path of the entry, without its turn: a message by its name, or the name of the step. */
  readonly step: string;
  /** Evidence that is kept with it; default: what the step calls for. */
  readonly evidence?: readonly string[];
  /** What of the step is not carried. */
  readonly but?: string;
}

const rows: readonly Row[] = steps.map(([row, what, evidence]) => ({
  row,
  what,
  evidence,
  carried: carriers[row] ?? { not: 'nothing is said of it' },
}));

/** What the scenarios left behind, of every flow. */
export interface Seen {
  /** `<flow> <step>`. */
  readonly entries: ReadonlySet<string>;
  /** `<flow> <node>`: kept in a case in which the flow ran. */
  readonly evidence: ReadonlySet<string>;
}

/** One line for each step; what is wrong with it, where it is not as said. */
export function heldAgainst(seen: Seen): { readonly lines: readonly string[]; readonly wrong: readonly string[] } {
  const lines: string[] = [];
  const wrong: string[] = [];
  for (const { row, what, evidence, carried } of rows) {
    const told = what.slice(0, 70).padEnd(70);
    if ('not' in carried) {
      lines.push(`${row.padEnd(7)} ${told} not carried: ${carried.not}`);
      continue;
    }
    const kept = carried.evidence ?? evidence;
    lines.push(
      `${row.padEnd(7)} ${told} ${carried.flow}: ${carried.step} ${kept.join(' ')}${carried.but ? ` (but: ${carried.but})` : ''}`,
    );
    if (!seen.entries.has(`${carried.flow} ${carried.step}`))
      wrong.push(`${row}: no journal of ${carried.flow} has ${carried.step}`);
    for (const node of kept)
      if (!seen.evidence.has(`${carried.flow} ${node}`)) wrong.push(`${row}: no case of ${carried.flow} keeps ${node}`);
  }
  return { lines, wrong };
}
