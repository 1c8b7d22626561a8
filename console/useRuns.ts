/** The list of runs: pages by cursor, live changes in place, new runs held back while someone is reading. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { getRuns, problemOf } from './api.ts';
import type { Problem, RunFilters, RunRow } from './api.ts';
import { applyListEvent, matchesFilters } from './runEvents.ts';
import type { StreamEvent } from './live.ts';
import { useLive } from './useLive.ts';

export type Runs = {
  readonly rows: readonly RunRow[] | null;
  readonly fresh: readonly RunRow[];
  readonly next: string | null;
  readonly loading: boolean;
  readonly problem: Problem | null;
  readonly reload: () => void;
  readonly loadMore: () => void;
  readonly showFresh: () => void;
};

/** `reading()` tells whether a row is under the operator's pointer or keyboard: then nothing may move. */
export function useRuns(filters: RunFilters, reading: () => boolean): Runs {
  const [rows, setRows] = useState<readonly RunRow[] | null>(null);
  const [fresh, setFresh] = useState<readonly RunRow[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { state, flow, q } = filters;
  const turn = useRef(0);

  const load = useCallback(
    async (before: string | null) => {
      const mine = ++turn.current; // An answer that was overtaken by a newer question is dropped.
      setLoading(true);
      try {
        const list = await getRuns({ state, flow, q }, before);
        if (mine !== turn.current) return;
        setRows((old) => (before === null ? list.runs : [...(old ?? []), ...list.runs]));
        if (before === null) setFresh([]);
        setNext(list.next);
        setProblem(null);
      } catch (thrown) {
        if (mine === turn.current) setProblem(problemOf(thrown));
      } finally {
        if (mine === turn.current) setLoading(false);
      }
    },
    [state, flow, q],
  );
  useEffect(() => void load(null), [load]);

  const held = useRef({ rows, fresh });
  held.current = { rows, fresh };
  const onEvents = (events: readonly StreamEvent[]) => {
    let { rows: current, fresh: waiting } = held.current;
    if (current === null) return;
    for (const { event, data } of events) {
      if (event !== 'run.changed') continue;
      const changed = data as RunRow;
      const applied = applyListEvent(current, changed);
      current = applied.rows;
      if (applied.fresh === null || !matchesFilters(changed, filters)) continue;
      waiting = [changed, ...waiting.filter((row) => row.id !== changed.id)];
    }
    const hold = reading();
    setRows(hold ? current : [...waiting, ...current]);
    setFresh(hold ? waiting : []);
  };
  const reload = () => void load(null);
  useLive('runs', '', { onEvents, refetch: reload });
  return {
    rows,
    fresh,
    next,
    loading,
    problem,
    reload,
    loadMore: () => void load(next),
    showFresh: () => {
      setRows([...fresh, ...(rows ?? [])]);
      setFresh([]);
    },
  };
}
