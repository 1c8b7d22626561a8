/** `/runs/:id`: where one run stands, who is waited for, and every message between the parties. */
import { useCallback, useEffect, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import type { RunDetail } from './api.ts';
import { useConsole } from './context.tsx';
import { ExchangePanel } from './exchangePanel.tsx';
import { formatMoney } from './format.ts';
import { Icon } from './icons.tsx';
import { Milestones } from './milestones.tsx';
import { ErrorPanel, Moment, Skeleton, StateTag } from './pieces.tsx';
import { RunBanner } from './runBanner.tsx';
import { MessagesTab, StepsTab } from './runTabs.tsx';
import { milestonesAsOf } from './sequence.ts';
import { SequenceDiagram } from './sequenceDiagram.tsx';
import { useQuery } from './useQuery.ts';
import { useRun } from './useRun.ts';
import type { WordKey } from './words.ts';

const TABS = { sequence: 'tabSequence', steps: 'tabSteps', messages: 'tabMessages' } as const satisfies Record<
  string,
  WordKey
>;
type Tab = keyof typeof TABS;

export function RunPage() {
  const { id = '' } = useParams();
  const { t } = useConsole();
  const { detail, problem, reload } = useRun(id);
  const key = detail?.run.key;
  useEffect(() => {
    document.title = `${key ?? t('runs')} · ${t('product')} Lianshu`;
  }, [key, t]);
  return (
    <main className="page run" id="main">
      {problem !== null && <ErrorPanel problem={problem} retry={reload} />}
      {detail === null && problem === null && <Skeleton />}
      {detail !== null && <RunView key={detail.run.id} detail={detail} />}
    </main>
  );
}

function RunView({ detail }: { readonly detail: RunDetail }) {
  const [search, changeQuery] = useQuery();
  const [replayAtMs, setReplayAtMs] = useState<number | null>(null);
  const asked = search.get('tab') ?? 'sequence';
  const tab: Tab = asked in TABS ? (asked as Tab) : 'sequence';
  const opened = search.get('e');
  const open = useCallback((id: string | null) => changeQuery({ e: id }), [changeQuery]);
  const milestones = replayAtMs === null ? detail.milestones : milestonesAsOf(detail.milestones, replayAtMs);
  return (
    <>
      <RunBanner detail={detail} />
      <RunHeader detail={detail} />
      <Milestones milestones={milestones} parties={detail.parties} />
      <TabBar tab={tab} onTab={(next) => changeQuery({ tab: next === 'sequence' ? null : next })} detail={detail} />
      <div className={opened === null ? 'split' : 'split open'}>
        <div className="split-main" role="tabpanel" id="tabpanel" aria-labelledby={`tab-${tab}`}>
          {tab === 'sequence' && (
            <SequenceDiagram detail={detail} opened={opened} onOpen={open} onReplay={setReplayAtMs} />
          )}
          {tab === 'steps' && <StepsTab steps={detail.steps} />}
          {tab === 'messages' && <MessagesTab detail={detail} opened={opened} onOpen={open} />}
        </div>
        {opened !== null && <ExchangePanel id={opened} detail={detail} onOpen={open} />}
      </div>
    </>
  );
}

function RunHeader({ detail: { run } }: { readonly detail: RunDetail }) {
  const { t, say } = useConsole();
  const finished = run.finishedAt;
  return (
    <header className="run-head">
      <Link className="button icon-only" to="/runs" aria-label={t('back')}>
        <Icon name="left" />
      </Link>
      <div className="run-title">
        <h1>{run.key}</h1>
        <StateTag state={run.state} />
      </div>
      <dl className="facts">
        <Fact label={t('caseNo')}>{run.case}</Fact>
        <Fact label={t('flow')}>
          {say(run.flowName)} <span className="version">{t('version', { n: run.version })}</span>
        </Fact>
        {run.party !== null && <Fact label={t('party')}>{run.party}</Fact>}
        {run.amount !== null && <Fact label={t('amount')}>{formatMoney(run.amount)}</Fact>}
        <Fact label={t('started')}>
          <Moment at={run.startedAt} />
        </Fact>
        {finished !== null && (
          <Fact label={t('finished')}>
            <Moment at={finished} />
          </Fact>
        )}
      </dl>
    </header>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type TabBarProps = { readonly tab: Tab; readonly onTab: (tab: Tab) => void; readonly detail: RunDetail };

function TabBar({ tab, onTab, detail }: TabBarProps) {
  const { t } = useConsole();
  const names = Object.keys(TABS) as Tab[];
  const counts = { sequence: null, steps: detail.steps.length, messages: detail.messages.length };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = names[(names.indexOf(tab) + step + names.length) % names.length];
    if (step === 0 || next === undefined) return;
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" onKeyDown={onKey}>
      {names.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={tab === name}
          aria-controls="tabpanel"
          tabIndex={tab === name ? 0 : -1}
          onClick={() => onTab(name)}
        >
          {t(TABS[name])}
          {counts[name] !== null && <small>{counts[name]}</small>}
        </button>
      ))}
    </div>
  );
}
