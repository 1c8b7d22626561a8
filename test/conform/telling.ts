/** What an outcome says where a table's row is due. */
import type { Outcome } from '../../adapters/adapter.ts';

/** The row stands at this path of the response: `response.status` of an enquiry, `result` of an answer. */
export function tells(path: string, due: (row: unknown) => unknown = (row) => row) {
  return (outcome: Outcome, row: unknown): string | undefined => {
    if (outcome.outcome !== 'confirmed') return 'is not confirmed';
    const found = valueAt(outcome.response, path);
    return found === due(row) ? undefined : `says ${String(found)} and not ${String(due(row))}`;
  };
}

export function valueAt(value: unknown, path: string): unknown {
  let here: unknown = value;
  for (const step of path.split('.'))
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[step] : undefined;
  return here;
}

/** The row is what the enquiry comes to: `pending`, `notFound`, `refused`, or else confirmed. */
export function enquiryIs(outcome: Outcome, row: unknown): string | undefined {
  return tells('outcome')(outcome, row);
}

export const sixDigits = (prefix: string, turn: number): string => `${prefix}20261123-${String(turn).padStart(6, '0')}`;
