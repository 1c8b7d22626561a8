/** The first thing an operator needs: who is waited for, since when, until when, and what comes next. */
import type { RunDetail, RunRow, WaitingOn } from './api.ts';
import { useConsole, useNowMs } from './context.tsx';
import { formatDuration } from './format.ts';
import { Icon } from './icons.tsx';
import { Moment, Waited } from './pieces.tsx';

export function RunBanner({ detail }: { readonly detail: RunDetail }) {
  const { run } = detail;
  return (
    <section className={`banner ${run.state}`} aria-live="off">
      <Icon name={run.state} size={20} />
      <div className="banner-main">
        {run.waitingOn === null ? <Standing run={run} /> : <Waiting on={run.waitingOn} />}
      </div>
      <NextStep detail={detail} />
    </section>
  );
}

function Waiting({ on }: { readonly on: WaitingOn }) {
  const { t, say } = useConsole();
  const now = useNowMs();
  const since = Date.parse(on.since);
  return (
    <>
      <strong>{t('waitFor', { party: say(on.name), what: say(on.what) })}</strong>
      <span className="running-clock">
        <Waited since={on.since} />
      </span>
      <span className="muted">
        <Moment at={on.since} /> → {on.until === null ? '…' : <Moment at={on.until} />}
      </span>
      {on.until !== null && now !== null && <Limit since={since} until={Date.parse(on.until)} now={now} />}
    </>
  );
}

/** How much of the agreed time is used. Past the limit the bar is full and red, and words say by how much. */
function Limit({ since, until, now }: { readonly since: number; readonly until: number; readonly now: number }) {
  const { t, lang } = useConsole();
  const used = until > since ? Math.min(100, Math.max(0, Math.round(((now - since) / (until - since)) * 100))) : 100;
  const over = now > until;
  const time = formatDuration(Math.abs(until - now), lang);
  return (
    <span className={over ? 'limit over' : 'limit'}>
      <progress max={100} value={used} aria-label={t('slaUsed', { n: used })} />
      {t(over ? 'overdue' : 'remaining', { time })}
    </span>
  );
}

/** How flows end, in people's words; an ending that is not here shows as it is. */
const endings: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  disbursed: { zh: '已放款', en: 'disbursed' },
  released: { zh: '已解押', en: 'released' },
  returned: { zh: '已退回', en: 'returned' },
  rejected: { zh: '资方未批准', en: 'rejected by the funder' },
  unpaid: { zh: '未收到还款', en: 'not repaid' },
};

function Standing({ run }: { readonly run: RunRow }) {
  const { t, say, lang } = useConsole();
  const step = run.stepName === null ? '' : say(run.stepName);
  const time = formatDuration(Date.parse(run.finishedAt ?? run.startedAt) - Date.parse(run.startedAt), lang);
  const words = {
    running: t('bannerRunning', { step }),
    waiting: t('bannerRunning', { step }),
    attention: t('bannerAttention'),
    done: t('bannerDone', { time }),
    failed: t('bannerFailed'),
    cancelled: t('bannerCancelled'),
  };
  const ending = endings[run.outcome ?? ''];
  return (
    <>
      <strong>{words[run.state]}</strong>
      {run.outcome !== null && (ending === undefined ? <code>{run.outcome}</code> : <span>{say(ending)}</span>)}
    </>
  );
}

function NextStep({ detail: { run, milestones } }: { readonly detail: RunDetail }) {
  const { t, say } = useConsole();
  if (run.finishedAt !== null) return null;
  const next = milestones.find((milestone) => milestone.state === 'todo');
  return (
    <span className="banner-next">
      <span className="muted">{t('next')}</span>{' '}
      {next === undefined ? t('nothingNext') : `${next.no} ${say(next.name)}`}
    </span>
  );
}
