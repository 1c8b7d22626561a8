/** The console's entry: two routes in one frame. */
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Link, Navigate, Route, Routes } from 'react-router';
import { ConsoleProvider, useConsole, useNowMs } from './context.tsx';
import { formatFull, formatMoment, formatUtc } from './format.ts';
import { Mark } from './icons.tsx';
import { RunPage } from './runPage.tsx';
import { RunsPage } from './runsPage.tsx';
import { useFreshness } from './useLive.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <BrowserRouter>
    <ConsoleProvider>
      <TopBar />
      <Routes>
        <Route path="/" element={<Navigate to="/runs" replace />} />
        <Route path="/runs" element={<RunsPage />} />
        <Route path="/runs/:id" element={<RunPage />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </ConsoleProvider>
  </BrowserRouter>,
);

function TopBar() {
  const { t, lang, setLang, speed, nowMs } = useConsole();
  // Until the clock is read we do not know where we are, and a false red would be as bad as a false green.
  const environment = nowMs() === null ? null : speed > 1 ? 'sandbox' : 'production';
  return (
    <header className={environment === 'production' ? 'topbar production' : 'topbar'}>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <Link className="brand" to="/runs">
        <Mark />
        <b>{t('product')}</b>
        <span className="tagline">{t('tagline')}</span>
      </Link>
      <span className="spring" />
      <BusinessClock />
      {environment !== null && <span className={`environment ${environment}`}>{t(environment)}</span>}
      <FreshnessDot />
      <div className="languages" role="group" aria-label={t('language')}>
        <button type="button" aria-pressed={lang === 'zh'} onClick={() => setLang('zh')} lang="zh-CN">
          中
        </button>
        <button type="button" aria-pressed={lang === 'en'} onClick={() => setLang('en')} lang="en" aria-label="English">
          EN
        </button>
      </div>
    </header>
  );
}

function BusinessClock() {
  const { t, speed } = useConsole();
  const now = useNowMs();
  if (now === null) return null;
  return (
    <span className="clock" title={speed > 1 ? `${formatUtc(now)} · ${t('sandboxClock', { speed })}` : formatUtc(now)}>
      {formatFull(now)}
      {speed > 1 && <span className="speed">×{speed}</span>}
    </span>
  );
}

function FreshnessDot() {
  const { t } = useConsole();
  const freshness = useFreshness();
  const text =
    freshness.kind === 'stale' ? t('stale', { time: formatMoment(freshness.sinceMs, true) }) : t(freshness.kind);
  return (
    <span
      className={`freshness ${freshness.kind}`}
      role="status"
      title={freshness.kind === 'stale' ? t('staleHint') : text}
    >
      <i aria-hidden="true" />
      {text}
    </span>
  );
}

function NotFound() {
  const { t } = useConsole();
  return (
    <main className="page" id="main">
      <section className="panel-note">
        <h1>{t('notFound')}</h1>
        <Link className="button" to="/runs">
          {t('back')}
        </Link>
      </section>
    </main>
  );
}
