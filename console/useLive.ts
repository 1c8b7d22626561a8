/** One stream per page view: events in batches, a snapshot after every gap, polling while the stream is lost. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { markConnecting, markLive, markLost, onFreshness, readFreshness } from './freshness.ts';
import type { Freshness } from './freshness.ts';
import { openStream } from './live.ts';
import type { StreamEvent } from './live.ts';

const BATCH_MS = 250;
const POLL_MS = 5_000;

export type LiveHandlers = {
  readonly onEvents: (events: readonly StreamEvent[]) => void;
  readonly refetch: () => void;
};

/** Streams `topics` once `from` is known (the snapshot's last sequence; '' when the snapshot has none). */
export function useLive(topics: string, from: string | null, handlers: LiveHandlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  const ready = from !== null;
  const start = useRef(from);
  start.current = from;
  const freshness = useFreshness();
  useEffect(() => {
    if (!ready) return undefined;
    markConnecting();
    let batch: StreamEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const events = batch;
      batch = [];
      latest.current.onEvents(events);
    };
    const close = openStream({
      topics,
      lastEventId: start.current,
      onEvent: (event) => {
        batch.push(event);
        timer ??= setTimeout(flush, BATCH_MS);
      },
      onLive: (again) => {
        markLive();
        // A list has no sequence to resume from: read it once more, now that nothing can be missed.
        if (again || start.current === '') latest.current.refetch();
      },
      onLost: markLost,
    });
    return () => {
      clearTimeout(timer);
      close();
    };
  }, [topics, ready]);
  const stale = freshness.kind === 'stale';
  useEffect(() => {
    if (!stale) return undefined;
    const timer = setInterval(() => latest.current.refetch(), POLL_MS);
    return () => clearInterval(timer);
  }, [stale]);
}

export function useFreshness(): Freshness {
  return useSyncExternalStore(onFreshness, readFreshness);
}
