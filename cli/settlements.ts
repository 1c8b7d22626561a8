/**
 * The hub's own operation that takes settlement files (日终对账, F10): adapters read them, the ledger compares them, and a flow asks for it
 * like for anything else. It is put together here because nobody below may know both sides.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Context, ServiceSchema } from 'moleculer';
import { settlementFeed, uploadFeed } from '../adapters/clearing/files/feed.ts';
import type { ActionParams, HubPort, Outcome } from '../adapters/adapter.ts';
import { clearing } from '../contracts/clearing/clearing.ts';
import type { SettlementFeed } from '../contracts/clearing/settlement.ts';
import type { Message } from '../contracts/contract.ts';
import { consequenceOf, isFailure } from '../contracts/failures.ts';
import { hub as hubKind } from '../contracts/hub/hub.ts';
import type { Engine } from '../engine/engine.ts';
import { keepSignal, signalKey } from '../engine/signals.ts';
import { takeSettlements, type SettlementOutcome } from '../ledger/money/settlement.ts';
import type { Purpose } from '../ledger/money/payments.ts';
import type { SettlementBooks } from '../ledger/money/settlementRuns.ts';
import type { Store } from '../store/store.ts';

const { takeSettlements: operation } = hubKind.operations;
type Asked = Message<typeof operation.request>;
type Taken = Message<typeof operation.response>;

/** A line of a file has no parts: how a split ended is asked of the clearing house itself. */
const endedBy: Readonly<Partial<Record<Purpose, typeof clearing.notices.collectionSettled>>> = {
  REPAY: clearing.notices.collectionSettled,
  REFUND: clearing.notices.refundSettled,
};
/** What goes through a clearing house of ours. */
const cleared: SettlementBooks['purposes'] = ['REPAY', 'COLLECTION_SPLIT', 'REFUND'];
const textMax = 500;

export interface SettlementParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly port: HubPort;
  /** Where people put files that came by another road, a folder for each system. */
  readonly uploads: string;
}

export function settlementService(parts: SettlementParts): ServiceSchema {
  return {
    name: hubKind.name,
    actions: { takeSettlements: (ctx: Context<ActionParams>) => perform(parts, ctx.params) },
  };
}

/** Kept like every exchange with a system. */
async function perform(parts: SettlementParts, { system, request, effect }: ActionParams): Promise<Outcome> {
  const { port } = parts;
  const [at, startedAt] = [port.now(), performance.now()];
  const outcome = await answered(parts, system, request);
  const failed = outcome.outcome === 'confirmed' ? undefined : outcome;
  await port.record({
    id: randomUUID(),
    system,
    operation: operation.name,
    direction: 'out',
    run: effect?.run,
    case: effect?.case,
    attempt: effect?.attempt ?? 1,
    state: failed ? (failed.outcome === 'unknown' ? 'unknown' : 'refused') : 'ok',
    verified: undefined,
    code: failed?.code,
    detail: failed?.detail,
    ms: performance.now() - startedAt,
    at,
    request,
    answer: outcome.outcome === 'confirmed' ? outcome.response : undefined,
    parts: [],
  });
  return outcome;
}

async function answered(parts: SettlementParts, system: string, request: unknown): Promise<Outcome> {
  try {
    const response = await take(parts, system, operation.request.check(request));
    return { outcome: 'confirmed', response: operation.response.check(response) };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : 'something was thrown that is no error';
    if (isFailure(thrown)) return { outcome: consequenceOf(thrown), code: thrown.type, detail: `${system}: ${detail}` };
    // The books are as before: a file is taken in one transaction.
    return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: `${system}: ${detail}` };
  }
}

async function take(parts: SettlementParts, system: string, { on, uploadedSha256 }: Asked): Promise<Taken> {
  const told = new Set<string>();
  const feed = feedOf(parts, system, uploadedSha256 !== undefined);
  try {
    const which = uploadedSha256 === undefined ? { on } : { on, sha256: uploadedSha256 };
    const { outcomes, unfinished, refused } = await takeSettlements(booksOf(parts, system, told), feed, which);
    return {
      reached: true,
      runs: outcomes.map(shown),
      unfinished: unfinished.length,
      refused: refused.map(({ name, detail }) => ({ name: name.slice(0, 64), detail: detail.slice(0, textMax) })),
    };
  } catch (thrown) {
    // A server that is not there is an answer: at nine o'clock people hear of it, and nobody waits for ever.
    if (!isFailure(thrown) || consequenceOf(thrown) !== 'later') throw thrown;
    return { reached: false, detail: thrown.message.slice(0, textMax), runs: [], unfinished: 0, refused: [] };
  } finally {
    await feed.close();
    if (told.size > 0) await parts.engine.signalled([...told]);
  }
}

function feedOf({ port, uploads }: SettlementParts, system: string, uploaded: boolean): SettlementFeed {
  const known = port.system(system);
  return uploaded ? uploadFeed(known, join(uploads, known.id)) : settlementFeed(known, port.keys(known.id));
}

/** The third road of a fact (callback, query, file): under the same key and id it is the same fact. */
function booksOf({ store }: SettlementParts, connector: string, told: Set<string>): SettlementBooks {
  return {
    store,
    connector,
    purposes: cleared,
    actor: `settlement:${connector}`,
    async tell(tx, facts) {
      const numbers = facts.map(({ instructionNo }) => instructionNo);
      const { rows } = await tx.query<{ no: string; purpose: Purpose }>(
        'select no, purpose from payment where no = any($1)',
        [numbers],
      );
      const purposes = new Map(rows.map(({ no, purpose }) => [no, purpose]));
      for (const message of facts) {
        const notice = endedBy[purposes.get(message.instructionNo) ?? 'FEE'];
        if (!notice) continue;
        const fact = { notice: notice.name, key: notice.keyOf(message), id: notice.idOf(message), message };
        await keepSignal(tx, fact);
        told.add(signalKey(fact));
      }
    },
  };
}

function shown(outcome: SettlementOutcome): Taken['runs'][number] {
  const { runNo } = outcome;
  if (outcome.outcome === 'parked') return { runNo, outcome: 'parked', reason: outcome.reason.slice(0, textMax) };
  return { runNo, outcome: outcome.outcome };
}
