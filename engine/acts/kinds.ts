/** The acts (干预) that people may do to a run, what each is told, and which need a second person. */
import { Type } from 'typebox';
import { contract, strict, type Contract, type Message } from '../../contracts/contract.ts';

const Path = Type.String({ minLength: 1, maxLength: 500 });
const Evidence = Type.String({ minLength: 4, maxLength: 2_000 });
const Nothing = contract('act/nothing', strict({}));

/** Another input for a call that was certainly not sent. */
export const Edit = contract('act/edit', strict({ path: Path, request: Type.Unknown() }));
/** The call is not made; the flow goes on with this answer. */
export const Skip = contract('act/skip', strict({ path: Path, output: Type.Unknown() }));
/** What became of an effect whose outcome nobody could tell, and how that is known. */
export const Resolve = contract(
  'act/resolve',
  Type.Union([
    strict({ path: Path, verdict: Type.Literal('confirmed'), response: Type.Unknown(), evidence: Evidence }),
    strict({ path: Path, verdict: Type.Literal('refused'), detail: Evidence, evidence: Evidence }),
    // It never came: the same instruction is sent again, under the same number.
    strict({ path: Path, verdict: Type.Literal('absent'), evidence: Evidence }),
  ]),
);
/** The same bytes again under the same number. */
export const Resend = contract('act/resend', strict({ path: Path }));
export const Move = contract('act/move', strict({ version: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }));
export const Remap = contract('act/remap', strict({ exchange: Type.String({ format: 'uuid' }) }));

interface ActSpec {
  readonly body: Contract;
  /** Decided by one person, approved by another. */
  readonly fourEyes: boolean;
  /** Void when the run has moved on since it was decided. */
  readonly staleable: boolean;
  /**
   * Who carries it out: the execution that owns the run, between two steps; whoever holds the run's row while nobody
   * executes it; or the one who asks, at once.
   */
  readonly by: 'owner' | 'row' | 'asker';
}

const spec = (body: Contract, by: ActSpec['by'], rest: { fourEyes?: true; staleable?: true } = {}): ActSpec => ({
  body,
  by,
  fourEyes: rest.fourEyes ?? false,
  staleable: rest.staleable ?? false,
});
const any = (typed: unknown) => typed as Contract;

export const actKinds = {
  /** Clears why it stands still and grants the bounded counters again; asks at once for what it waits. */
  retry: spec(any(Nothing), 'owner', { staleable: true }),
  edit: spec(any(Edit), 'owner', { fourEyes: true, staleable: true }),
  skip: spec(any(Skip), 'owner', { fourEyes: true, staleable: true }),
  resolve: spec(any(Resolve), 'owner', { fourEyes: true, staleable: true }),
  resend: spec(any(Resend), 'owner', { staleable: true }),
  /** Ends the run; everything that has an undo is undone, last first. */
  cancel: spec(any(Nothing), 'owner'),
  suspend: spec(any(Nothing), 'owner'),
  resume: spec(any(Nothing), 'owner'),
  /** Ends the run as it stands; nothing is undone. */
  terminate: spec(any(Nothing), 'row', { fourEyes: true }),
  /** To another version of its flow. */
  move: spec(any(Move), 'row', { staleable: true }),
  /** A new run with the same input. */
  duplicate: spec(any(Nothing), 'asker'),
  /** Reads a stored message again with today's mapping and keeps its facts. */
  remap: spec(any(Remap), 'asker'),
} as const;

export type ActKind = keyof typeof actKinds;

export type ActBody =
  | Message<typeof Edit>
  | Message<typeof Skip>
  | Message<typeof Resolve>
  | Message<typeof Resend>
  | Message<typeof Move>
  | Message<typeof Remap>
  | Record<string, never>;

export interface ActRow {
  readonly id: string;
  readonly bulk: string | null;
  readonly run: string | null;
  readonly kind: ActKind;
  readonly body: ActBody;
  readonly reason: string;
  /** Length of the journal on which it was decided. */
  readonly seqSeen: number;
  readonly payloadHash: string;
  readonly by: string;
  readonly approvedBy: string | null;
  readonly state: 'proposed' | 'open' | 'applied' | 'stale' | 'refused';
  readonly detail: string | null;
  readonly at: Date;
  readonly approvedAt: Date | null;
  readonly expiresAt: Date;
  readonly dueAt: Date;
  readonly settledAt: Date | null;
}

export const actColumns = `id, bulk_id bulk, run_id run, kind, body, reason, seq_seen "seqSeen", payload_hash "payloadHash",
  proposed_by "by", approved_by "approvedBy", state, detail, proposed_at at, approved_at "approvedAt",
  expires_at "expiresAt", due_at "dueAt", settled_at "settledAt"`;

/** What of an act stands in the journal. */
export interface JournaledAct {
  readonly id: string;
  readonly kind: ActKind;
  readonly by: string;
  readonly approvedBy: string | null;
  readonly reason: string;
  readonly body: ActBody;
}
