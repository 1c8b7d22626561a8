/** Small pieces that both pages show: state tags, moments, running waits, error panels, copy buttons. */
import { useEffect, useState } from 'react';
import type { Problem, RunState } from './api.ts';
import { useConsole, useNowMs } from './context.tsx';
import { formatDuration, formatFull, formatMoment, formatUtc } from './format.ts';
import { Icon } from './icons.tsx';

/** Icon, word and colour: never colour alone. */
export function StateTag({ state }: { readonly state: RunState }) {
  const { t } = useConsole();
  return (
    <span className={`tag ${state}`}>
      <Icon name={state} size={14} />
      {t(`state.${state}`)}
    </span>
  );
}

/** A moment in Asia/Shanghai; the hover shows UTC. */
export function Moment({ at, full = false, seconds = false }: MomentProps) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatUtc(at)}>
      {full ? formatFull(at) : formatMoment(at, seconds)}
    </time>
  );
}
type MomentProps = { readonly at: string; readonly full?: boolean; readonly seconds?: boolean };

/** Time since `at` on the business clock, running. */
export function Waited({ since }: { readonly since: string }) {
  const { t, lang } = useConsole();
  const now = useNowMs();
  if (now === null) return <>…</>;
  return <>{t('waited', { time: formatDuration(now - Date.parse(since), lang) })}</>;
}

export function ErrorPanel({ problem, retry }: { readonly problem: Problem; readonly retry: () => void }) {
  const { t } = useConsole();
  const forbidden = problem.status === 401 || problem.status === 403;
  return (
    <section className="panel-note error" role="alert">
      <Icon name={forbidden ? 'shield' : 'attention'} size={28} />
      <h2>{forbidden ? t('forbiddenTitle') : `${t('errorTitle')}: ${problem.title}`}</h2>
      <p>{forbidden ? t('forbiddenText') : problem.detail}</p>
      <p className="meta">
        <code>{problem.code}</code>
        {problem.requestId !== null && (
          <>
            {' · '}
            {t('requestId')} <code>{problem.requestId}</code> <CopyButton text={problem.requestId} />
          </>
        )}
      </p>
      <button type="button" className="button primary" onClick={retry}>
        {t('retry')}
      </button>
    </section>
  );
}

export function CopyButton({ text }: { readonly text: string }) {
  const { t } = useConsole();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void copyText(text).then(setCopied);
  return (
    <button type="button" className="button small" onClick={copy}>
      <Icon name={copied ? 'ok' : 'copy'} size={14} />
      <span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
    </button>
  );
}

/** Appears only when loading takes longer than 300 ms (the delay is in the style sheet). */
export function Skeleton() {
  const { t } = useConsole();
  return (
    <div className="skeleton late" role="status" aria-label={t('loading')}>
      <div className="bone tall" />
      {Array.from({ length: 8 }, (_, i) => (
        <div className="bone" key={i} />
      ))}
    </div>
  );
}

/** The clipboard needs a secure context; on plain HTTP in a test network the old way still works. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
