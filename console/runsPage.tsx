/** `/runs`: the list of runs. Filters live in the URL, so that a view can be shared and the back button works. */
import { useEffect, useRef, useState } from 'react';
import type { RunFilters, RunRow, RunState } from './api.ts';
import { useConsole } from './context.tsx';
import { Icon } from './icons.tsx';
import { ErrorPanel, Skeleton } from './pieces.tsx';
import { NoMatch, NoRuns } from './runsEmpty.tsx';
import { RunTable } from './runTable.tsx';
import { useQuery } from './useQuery.ts';
import { useRuns } from './useRuns.ts';

const STATES: readonly RunState[] = ['running', 'waiting', 'attention', 'done', 'failed', 'cancelled'];
const SEARCH_PAUSE_MS = 250;

export function RunsPage() {
  const { t } = useConsole();
  const [search, changeQuery] = useQuery();
  const table = useRef<HTMLDivElement>(null);
  const filters: RunFilters = {
    state: search.get('state') ?? '',
    flow: search.get('flow') ?? '',
    q: search.get('q') ?? '',
  };
  const reading = () => window.scrollY > 80 || table.current?.matches(':hover, :focus-within') === true;
  const runs = useRuns(filters, reading);
  const setFilter = (name: keyof RunFilters, value: string) => changeQuery({ [name]: value }, name !== 'q');
  useEffect(() => {
    document.title = `${t('runs')} · ${t('product')} Lianshu`;
  }, [t]);

  const filtering = filters.state !== '' || filters.flow !== '' || filters.q !== '';
  const { rows } = runs;
  return (
    <main className="page" id="main">
      <div className="page-head">
        <h1>{t('runs')}</h1>
        {rows !== null && rows.length > 0 && <span className="muted">{t('loaded', { n: rows.length })}</span>}
        <span className="spring" />
        <span className="muted keys">{t('keysHint')}</span>
      </div>
      <FilterBar filters={filters} setFilter={setFilter} flows={flowsOf(rows ?? [])} />
      <div className={runs.loading && rows !== null ? 'busy on' : 'busy'} aria-hidden="true" />
      {runs.fresh.length > 0 && (
        <button type="button" className="pill top" onClick={runs.showFresh}>
          <Icon name="up" size={14} /> {t('newRuns', { n: runs.fresh.length })}
        </button>
      )}
      {runs.problem !== null && <ErrorPanel problem={runs.problem} retry={runs.reload} />}
      {rows === null && runs.problem === null && <Skeleton />}
      {rows !== null && rows.length > 0 && (
        <div ref={table}>
          <RunTable rows={rows} dim={runs.loading} />
        </div>
      )}
      {rows !== null &&
        rows.length === 0 &&
        runs.problem === null &&
        !runs.loading &&
        (filtering ? <NoMatch filters={filters} setFilter={setFilter} /> : <NoRuns />)}
      {rows !== null && runs.next !== null && (
        <button type="button" className="button more" onClick={runs.loadMore} disabled={runs.loading}>
          {t('more')}
        </button>
      )}
    </main>
  );
}

type FilterBarProps = {
  readonly filters: RunFilters;
  readonly setFilter: (name: keyof RunFilters, value: string) => void;
  readonly flows: readonly RunRow[];
};

function FilterBar({ filters, setFilter, flows }: FilterBarProps) {
  const { t, say } = useConsole();
  return (
    <div className="filters" role="search">
      <div className="segments" role="group" aria-label={t('state')}>
        {['', ...STATES].map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={filters.state === state}
            onClick={() => setFilter('state', state)}
          >
            {state === '' ? t('allStates') : t(`state.${state as RunState}`)}
          </button>
        ))}
      </div>
      <select
        className="control"
        aria-label={t('flow')}
        value={filters.flow}
        onChange={(event) => setFilter('flow', event.target.value)}
      >
        <option value="">{t('allFlows')}</option>
        {filters.flow !== '' && !flows.some((row) => row.flow === filters.flow) && (
          <option value={filters.flow}>{filters.flow}</option>
        )}
        {flows.map((row) => (
          <option key={row.flow} value={row.flow}>
            {say(row.flowName)}
          </option>
        ))}
      </select>
      <SearchBox value={filters.q} onChange={(q) => setFilter('q', q)} />
    </div>
  );
}

/** Asks after a pause in typing, not on every letter. `/` jumps here. */
function SearchBox({ value, onChange }: { readonly value: string; readonly onChange: (q: string) => void }) {
  const { t } = useConsole();
  const [typed, setTyped] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => latest.current(typed.trim()), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey) return;
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', jump);
    return () => document.removeEventListener('keydown', jump);
  }, []);
  return (
    <span className="search">
      <Icon name="search" />
      <input
        ref={input}
        className="control"
        type="search"
        maxLength={80}
        placeholder={t('search')}
        aria-label={t('search')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </span>
  );
}

function flowsOf(rows: readonly RunRow[]): readonly RunRow[] {
  return [...new Map(rows.map((row) => [row.flow, row])).values()];
}
