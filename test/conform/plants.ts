/** Mistakes that any dialect could have, for planting: each is one that somebody has made. */
import type { Dialect, Inbound } from '../../adapters/adapter.ts';
import { exchangeHttp } from '../../adapters/http.ts';
import { exchangeTcp } from '../../adapters/tcp.ts';
import type { Wire, WireAnswer, WireRequest } from '../../adapters/wire.ts';
import { Failure, isFailure } from '../../contracts/failures.ts';
import type { Kind } from '../../contracts/kind.ts';
import type { Bug } from './subject.ts';

type Act = (request: unknown, wire: Wire) => Promise<unknown>;

/** The dialect with another road under it, or another end to each operation. */
export function changed(
  dialect: Dialect<Kind>,
  change: {
    wire?: (wire: Wire) => Wire;
    act?: (act: Act, operation: string) => Act;
    inbound?: (inbound: Inbound, wire: Wire) => Inbound;
  },
): Dialect<Kind> {
  const { wire: road = (same: Wire) => same, act: around = (same: Act) => same, inbound: seen } = change;
  const acts = Object.entries(dialect.operations as unknown as Record<string, Act>).map(([name, act]) => {
    const own: Act = (request, wire) => act(request, road(wire));
    return [name, around(own, name)];
  });
  const { receive } = dialect;
  return {
    ...dialect,
    operations: Object.fromEntries(acts) as Dialect<Kind>['operations'],
    ...(receive
      ? { receive: (inbound: Inbound, wire: Wire) => receive(seen?.(inbound, wire) ?? inbound, road(wire)) }
      : {}),
  };
}

type Send = (request: WireRequest) => Promise<WireAnswer>;

/** Another way to send. */
export function sending(around: (send: Send, wire: Wire) => Send): (wire: Wire) => Wire {
  return (wire) => ({
    ...wire,
    get system() {
      return wire.system;
    },
    send: around((request) => wire.send(request), wire),
  });
}

export const followsRedirects: Bug = {
  what: 'follows a redirect to wherever it leads',
  plant: (dialect) =>
    changed(dialect, {
      wire: sending((send) => async (request) => {
        const answer = await send(request);
        const { location } = answer.headers;
        if (answer.status < 300 || answer.status > 399 || location === undefined) return answer;
        const followed = await fetch(location, { method: 'GET' });
        const body = Buffer.from(await followed.arrayBuffer());
        return { status: followed.status, headers: Object.fromEntries(followed.headers), body };
      }),
    }),
};

export const sendsAgain: Bug = {
  what: 'sends again by itself when no answer came',
  plant: (dialect) =>
    changed(dialect, {
      wire: sending((send) => async (request) => {
        try {
          return await send(request);
        } catch {
          return send(request);
        }
      }),
    }),
};

export const unknownIsRefused: Bug = {
  what: 'takes an answer that did not come for a no',
  plant: (dialect) =>
    changed(dialect, {
      act: (act) => async (request, wire) => {
        try {
          return await act(request, wire);
        } catch (thrown) {
          if (!isFailure(thrown) || thrown.type !== 'OUTCOME_UNKNOWN') throw thrown;
          throw new Failure('SYSTEM_REFUSED', { detail: thrown.message, cause: thrown });
        }
      },
    }),
};

export const failureIsNotFound: Bug = {
  what: 'takes a query that failed for "never heard of it"',
  plant: (dialect) =>
    changed(dialect, {
      act: (act, operation) => async (request, wire) => {
        try {
          return await act(request, wire);
        } catch (thrown) {
          if (/^(query|read)/.test(operation) && isFailure(thrown)) return { outcome: 'notFound' };
          throw thrown;
        }
      },
    }),
};

/** Everything else is as it should be. */
export const forgetsDeadline: Bug = {
  what: 'forgets the deadline',
  plant: (dialect) =>
    changed(dialect, {
      wire: (wire) => ({
        ...wire,
        get system() {
          return wire.system;
        },
        send: ({ path, url, ...request }) => {
          const address = url ?? wire.system.url.replace(/\/$/, '') + path;
          return exchangeHttp({ ...request, url: address, timeoutMs: anHourMs, allowPrivate: true });
        },
        sendFramed: ({ request, frame }) =>
          exchangeTcp({ request, frame, url: wire.system.url, timeoutMs: anHourMs, allowPrivate: true }),
      }),
    }),
};

/** Over TCP; everything else is as it should be. */
export const takesTheFirstPiece: Bug = {
  what: 'takes what arrives first for the whole answer',
  plant: (dialect) =>
    changed(dialect, {
      wire: (wire) => ({
        ...wire,
        get system() {
          return wire.system;
        },
        sendFramed: (request) => wire.sendFramed({ ...request, frame: (soFar) => soFar.length }),
      }),
    }),
};

const anHourMs = 3_600_000;
