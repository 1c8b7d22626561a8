/** One run's snapshot, kept fresh by its stream. */
import { useCallback, useEffect, useState } from 'react';
import { getRun, problemOf } from './api.ts';
import type { Problem, RunDetail } from './api.ts';
import { applyRunEvent } from './runEvents.ts';
import { useLive } from './useLive.ts';

export function useRun(id: string): {
  readonly detail: RunDetail | null;
  readonly problem: Problem | null;
  readonly reload: () => void;
} {
  const [detail, setDetail] = useState<RunDetail | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback(
    async (signal?: AbortSignal) => {
      try {
        setDetail(await getRun(id, signal));
        setProblem(null);
      } catch (thrown) {
        if (signal?.aborted !== true) setProblem(problemOf(thrown));
      }
    },
    [id],
  );
  useEffect(() => {
    const stop = new AbortController();
    setDetail(null);
    void load(stop.signal);
    return () => stop.abort();
  }, [load]);
  const reload = () => void load();
  useLive(`run:${id}`, detail?.lastSeq ?? null, {
    onEvents: (events) => setDetail((old) => (old === null ? old : events.reduce(applyRunEvent, old))),
    refetch: reload,
  });
  return { detail, problem, reload };
}
