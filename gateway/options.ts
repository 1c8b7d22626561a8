/** What a gateway is started with. It knows the engine and the contracts, never an adapter: those it reaches over the broker. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceBroker } from 'moleculer';
import type { Kind, Label } from '../contracts/kind.ts';
import type { CallerRole } from '../contracts/portal/command.ts';
import type { MapAgain } from '../engine/acts/again.ts';
import type { Clock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Exchanges } from '../engine/exchanges.ts';
import type { AnyFlow } from '../engine/flow.ts';
import type { Lanes } from '../engine/lanes.ts';
import type { Relation } from '../ledger/isolation/relations.ts';
import type { Store } from '../store/store.ts';

/** A party of the pictures. */
export interface PartyEntry {
  readonly id: string;
  readonly name: Label;
  /** The system through which it speaks. */
  readonly system: string;
  /** The kind of that system: a milestone may be the turn of whichever system of a kind the case has dealt with. */
  readonly kind?: string;
}

export interface GatewayOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  /** Under which callers reach the hub; default: the address listened on. Its host name is served. */
  readonly publicUrl?: string;
  /** Further host names that are served. Any other is refused: a page elsewhere could rebind its name to us. */
  readonly hostNames?: readonly string[];
  readonly store: Store;
  readonly engine: Engine;
  /** The roads to the systems; without them operators find no `/v1/lanes`. */
  readonly lanes?: Lanes;
  readonly exchanges: Exchanges;
  readonly clock: Clock;
  readonly broker: ServiceBroker;
  readonly flows: readonly AnyFlow[];
  /** Reads a stored message with today's mapping; without it operators cannot ask for that. */
  readonly mapAgain?: MapAgain;
  /** All kinds, portal included: labels of messages, and contracts to mask them by. */
  readonly kinds: readonly Kind[];
  readonly parties: readonly PartyEntry[];
  /** The party of a system or caller, where `parties` alone does not tell. */
  readonly partyOf?: (systemOrCaller: string) => string | undefined;
  /** The built console. Without it the hub says how to build it. */
  readonly consoleFolder?: string;
  /** HMAC secret of a trading unit or dealer: `whsec_` and base64, or plain base64. */
  readonly secretOf: (caller: string) => string | undefined;
  /** As whom a caller speaks; nobody, where the operator has not said. */
  readonly roleOf: (caller: string) => CallerRole | undefined;
  /** USCC of the company for which a caller speaks, where the operator has said. */
  readonly companyOf?: (caller: string) => string | undefined;
  /** The party for which a caller speaks, and in which relation to a case; without it callers have no work list, and hear of nothing. */
  readonly speaksFor?: (
    caller: string,
  ) => Promise<{ readonly party: string; readonly uscc?: string; readonly relation: Relation | undefined } | undefined>;
  /** Business fields of a case, merged into the answer of `GET /v1/cases/:caseNo`. */
  readonly describeCase?: (caseId: string, caller: string) => Promise<object>;
  /** Whether a caller may see a case, in addition to those that a message of its own belongs to. */
  readonly mayReadCase?: (caseId: string, caller: string) => Promise<boolean>;
  /** Who may use the console and the metrics. Default: who comes over loopback and through no proxy. */
  readonly mayOperate?: (request: { readonly address: string; readonly headers: IncomingHttpHeaders }) => boolean;
  /** Present in a sandbox only. */
  readonly clockChange?: (change: { advanceMs?: number; speed?: number }) => Promise<void>;
  readonly limits?: Partial<GatewayLimits>;
}

export interface GatewayLimits {
  readonly headersTimeoutMs: number;
  /** For the whole request to arrive. Must stand above the headers' timeout, or Node swaps the two. */
  readonly requestTimeoutMs: number;
  /** How often the two are looked at. */
  readonly timeoutCheckMs: number;
  /** For the answer to be ready. */
  readonly handlerTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly connectionsMax: number;
  readonly callbackBytesMax: number;
  readonly commandBytesMax: number;
  readonly streamsMax: number;
  readonly heartbeatMs: number;
  /** A reader of the stream that is further behind is cut off; it comes back and reads the snapshot. */
  readonly streamBacklogBytesMax: number;
  /** Changes are gathered this long before they are read and sent. */
  readonly coalesceMs: number;
  /** Watched cases are read again this often, for what happened on other nodes. */
  readonly resyncMs: number;
}

export const gatewayLimits: GatewayLimits = {
  headersTimeoutMs: 8_000,
  requestTimeoutMs: 15_000,
  timeoutCheckMs: 1_000,
  handlerTimeoutMs: 30_000,
  keepAliveMs: 60_000,
  connectionsMax: 2_000,
  callbackBytesMax: 2 * 1_048_576,
  commandBytesMax: 1_048_576,
  streamsMax: 200,
  heartbeatMs: 15_000,
  streamBacklogBytesMax: 1_048_576,
  coalesceMs: 100,
  resyncMs: 5_000,
};

/** What the routes share. */
export interface Edge extends Omit<GatewayOptions, 'limits'> {
  readonly limits: GatewayLimits;
  /** Without a slash at the end. */
  publicAddress(): string;
}
