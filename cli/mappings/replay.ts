/** Recorded messages through a mapping as it is now, and what comes out differently, field by field and masked. */
import { isFailure } from '../../contracts/failures.ts';
import type { AnyMapping } from '../../contracts/mapping.ts';
import { mask } from '../../contracts/mask.ts';
import type { Example } from './examples.ts';
import { differencesOf, leavesIn } from './values.ts';

export interface FieldChange {
  /** `/lines/0/unit`; `/` when one of the two gave nothing at all. */
  readonly field: string;
  /** Masked by the marks of the target contract; absent where the field was not there. */
  readonly was?: unknown;
  readonly now?: unknown;
}

export interface Replayed {
  readonly file: string;
  readonly changes: readonly FieldChange[];
}

type Outcome = { readonly message: unknown } | { readonly refusal: string };

/**
 * @param before the mapping to compare with; without it, what was recorded
 * @throws Error when a record says nothing of what came out and there is no `before`
 */
export function replay(mapping: AnyMapping, recorded: readonly Example[], before?: AnyMapping): Replayed[] {
  return recorded.map(({ file, from, to }) => {
    if (!before && to === undefined)
      throw new Error(`${file} does not say what came out ("to"): compare with --against`);
    const was = before ? outcomeOf(before, from) : { message: to };
    return { file, changes: changesBetween(mapping, was, outcomeOf(mapping, from)) };
  });
}

function outcomeOf(mapping: AnyMapping, source: unknown): Outcome {
  try {
    return { message: mapping(source as never) };
  } catch (thrown) {
    if (!isFailure(thrown)) return { refusal: 'a bug' }; // Its message may hold anything.
    const places = thrown.errors.map(({ pointer, code }) => ` ${pointer} ${code}`).join(',');
    return { refusal: `${thrown.type}${places}` };
  }
}

function changesBetween(mapping: AnyMapping, was: Outcome, now: Outcome): FieldChange[] {
  if ('refusal' in was || 'refusal' in now) {
    const [before, after] = [was, now].map((each) => ('refusal' in each ? each.refusal : 'a message'));
    return before === after ? [] : [{ field: '/', was: before, now: after }];
  }
  const [shownBefore, shownAfter] = [was, now].map(({ message }) => shownOf(mapping, message));
  return differencesOf(was.message, now.message).map(({ place, was, now }) => ({
    field: place === '' ? '/' : place,
    ...(was === undefined ? {} : { was: shownBefore?.get(place) }),
    ...(now === undefined ? {} : { now: shownAfter?.get(place) }),
  }));
}

function shownOf(mapping: AnyMapping, message: unknown): Map<string, unknown> {
  return new Map(leavesIn(mask(mapping.to, message)).map(({ place, value }) => [place, value]));
}
