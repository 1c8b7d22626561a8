/** Nothing to list, said exactly: no data yet, or a filter that excludes all. (Not allowed is an error panel.) */
import { useEffect, useState } from 'react';
import { getRuns } from './api.ts';
import type { RunFilters, RunState } from './api.ts';
import { useConsole } from './context.tsx';
import { Icon } from './icons.tsx';
import { CopyButton } from './pieces.tsx';
import type { WordKey } from './words.ts';

const FIRST_ORDER = 'npx lianshu send <file>';

export function NoRuns() {
  const { t } = useConsole();
  return (
    <section className="panel-note">
      <Icon name="empty" size={36} />
      <h2>{t('emptyTitle')}</h2>
      <p>{t('emptyText')}</p>
      <p className="command">
        <code>{FIRST_ORDER}</code>
        <CopyButton text={FIRST_ORDER} />
      </p>
    </section>
  );
}

export function NoMatch({ filters, setFilter }: NoMatchProps) {
  const { t } = useConsole();
  const active = (Object.keys(filters) as (keyof RunFilters)[]).filter((name) => filters[name] !== '');
  const counts = useCountsWithout(filters);
  const clearAll = () => {
    for (const name of active) setFilter(name, '');
  };
  return (
    <section className="panel-note">
      <Icon name="search" size={32} />
      <h2>{t('noMatch')}</h2>
      <p>{t('noMatchText')}</p>
      <p className="chips">
        {active.map((name) => {
          const what = `${t(LABELS[name])} = ${name === 'state' ? t(`state.${filters.state as RunState}`) : filters[name]}`;
          const count = counts[name];
          return (
            <button
              key={name}
              type="button"
              className="chip"
              aria-label={t('removeFilter', { what })}
              onClick={() => setFilter(name, '')}
            >
              {count === undefined ? what : t('without', { what, n: count })}
              <Icon name="close" size={12} />
            </button>
          );
        })}
      </p>
      {active.length > 1 && (
        <button type="button" className="button" onClick={clearAll}>
          {t('clearAll')}
        </button>
      )}
    </section>
  );
}
type NoMatchProps = {
  readonly filters: RunFilters;
  readonly setFilter: (name: keyof RunFilters, value: string) => void;
};

const LABELS = { state: 'state', flow: 'flow', q: 'searched' } as const satisfies Record<keyof RunFilters, WordKey>;

/** How many runs each filter alone hides, one page deep ("50+" beyond). */
function useCountsWithout({ state, flow, q }: RunFilters): Partial<Record<keyof RunFilters, string>> {
  const [counts, setCounts] = useState<Partial<Record<keyof RunFilters, string>>>({});
  useEffect(() => {
    const stop = new AbortController();
    const filters: RunFilters = { state, flow, q };
    setCounts({});
    for (const name of ['state', 'flow', 'q'] as const) {
      if (filters[name] === '') continue;
      getRuns({ ...filters, [name]: '' }, null, stop.signal).then(
        ({ runs, next }) =>
          setCounts((old) => ({ ...old, [name]: next === null ? String(runs.length) : `${runs.length}+` })),
        () => undefined, // The chip then simply shows no number.
      );
    }
    return () => stop.abort();
  }, [state, flow, q]);
  return counts;
}
