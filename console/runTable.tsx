/** The table of runs: one line says where a run stands, who is waited for and for how long. */
import { memo, useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import { Link, useNavigate } from 'react-router';
import type { RunRow } from './api.ts';
import { useConsole } from './context.tsx';
import { formatMoney } from './format.ts';
import { Moment, StateTag, Waited } from './pieces.tsx';

export function RunTable({ rows, dim }: { readonly rows: readonly RunRow[]; readonly dim: boolean }) {
  const { t } = useConsole();
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <table className={dim ? 'runs dim' : 'runs'}>
      <thead>
        <tr>
          <th scope="col">{t('state')}</th>
          <th scope="col">{t('key')}</th>
          <th scope="col">{t('flow')}</th>
          <th scope="col">{t('party')}</th>
          <th scope="col">{t('step')}</th>
          <th scope="col">{t('waiting')}</th>
          <th scope="col" className="right">
            {t('amount')}
          </th>
          <th scope="col" className="right">
            {t('started')}
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => (
          <RunLine key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

const RunLine = memo(function RunLine({ row }: { readonly row: RunRow }) {
  const { t, say } = useConsole();
  const navigate = useNavigate();
  const to = `/runs/${row.id}`;
  const [done, total] = row.step;
  return (
    <tr onClick={(event) => !isOnLink(event.target) && void navigate(to)}>
      <td className="cell-state">
        <StateTag state={row.state} />
      </td>
      <td className="cell-key">
        <Link to={to}>{row.key}</Link>
        <small>{row.case}</small>
      </td>
      <td className="cell-flow">
        {say(row.flowName)} <small className="version">{t('version', { n: row.version })}</small>
      </td>
      <td className="cell-party">{row.party ?? '–'}</td>
      <td className="cell-step">
        {row.stepName !== null && <span className="step-name">{say(row.stepName)}</span>}
        <span className={`progress ${row.state}`}>
          <progress max={total} value={done} aria-label={t('progress')} />
          <small>
            {done}/{total}
          </small>
        </span>
      </td>
      <td className="cell-waiting">
        <WaitingCell row={row} />
      </td>
      <td className="cell-amount right">{row.amount === null ? '–' : formatMoney(row.amount)}</td>
      <td className="cell-started right">
        <Moment at={row.startedAt} />
      </td>
    </tr>
  );
});

function WaitingCell({ row }: { readonly row: RunRow }) {
  const { say } = useConsole();
  if (row.waitingOn === null) return <span className="muted">–</span>;
  return (
    <>
      <span>
        {say(row.waitingOn.name)} · {say(row.waitingOn.what)}
      </span>
      <small>
        <Waited since={row.waitingOn.since} />
      </small>
    </>
  );
}

/** `j` and `k` move the focus from row to row; Enter is the link's own. */
function useRowKeys(body: RefObject<HTMLTableSectionElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key !== 'j' && event.key !== 'k') return;
      const links = [...(body.current?.querySelectorAll<HTMLAnchorElement>('.cell-key a') ?? [])];
      const at = links.findIndex((link) => link === document.activeElement);
      const target = at < 0 ? links[0] : links[at + (event.key === 'j' ? 1 : -1)];
      target?.focus();
      target?.closest('tr')?.scrollIntoView({ block: 'nearest' });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [body]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, select, textarea');
}

function isOnLink(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a') !== null;
}
