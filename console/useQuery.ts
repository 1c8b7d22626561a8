/** Changes the query of the address. Reads the address itself, so that two changes in a row or an old closure lose nothing. */
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type ChangeQuery = (changes: Readonly<Record<string, string | null>>, push?: boolean) => void;

export function useQuery(): readonly [URLSearchParams, ChangeQuery] {
  const [search, setSearch] = useSearchParams();
  const change = useCallback<ChangeQuery>(
    (changes, push = false) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
      }
      setSearch(next, { replace: !push, preventScrollReset: true });
    },
    [setSearch],
  );
  return [search, change];
}
