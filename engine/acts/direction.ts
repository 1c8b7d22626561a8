/** What people decided about one call, as every replay reads it from the journal. */
import type { ActBody, JournaledAct } from './kinds.ts';

export interface SkipOrder {
  readonly kind: 'skip';
  readonly output: unknown;
  readonly why: string;
}

export interface ResolveOrder {
  readonly kind: 'resolve';
  /** `absent` after so many attempts: holds for this number of them only, so that it is sent again once. */
  readonly verdict: { readonly response: unknown } | { readonly refused: string } | { readonly absent: number };
  readonly why: string;
}

export interface Direction {
  /** How often its input was replaced: part of the effect's key, since another input is another effect. */
  readonly edits: number;
  readonly request: unknown;
  /** The last word; `resend` holds for this number of attempts only, so that it is done once. */
  readonly order: SkipOrder | ResolveOrder | { readonly kind: 'resend'; readonly attempts: number } | undefined;
}

type Told = Exclude<ActBody, Record<string, never>> & Record<string, unknown>;

export function directed(before: Direction | undefined, act: JournaledAct): Direction {
  const body = act.body as Told;
  const { edits, request } = before ?? { edits: 0, request: undefined };
  const why = `${act.kind} by ${act.by}, approved by ${act.approvedBy ?? 'nobody'}: ${act.reason}`;
  switch (act.kind) {
    case 'edit':
      return { edits: edits + 1, request: body['request'], order: undefined };
    case 'skip':
      return { edits, request, order: { kind: 'skip', output: body['output'], why } };
    case 'resolve': {
      const order = { kind: 'resolve', why: `${why} (${String(body['evidence'])})` } as const;
      if (body['verdict'] === 'absent')
        return { edits, request, order: { ...order, verdict: { absent: Number(body['attempts']) } } };
      const verdict =
        body['verdict'] === 'confirmed' ? { response: body['response'] } : { refused: String(body['detail']) };
      return { edits, request, order: { ...order, verdict } };
    }
    case 'resend':
      return { edits, request, order: { kind: 'resend', attempts: Number(body['attempts']) } };
    default:
      return before ?? { edits: 0, request: undefined, order: undefined };
  }
}
