/**
 * The live sequence diagram across parties: lifelines that stay in view, one row per message, idle time as a
 * torn band. To assistive technology it is an ordered list of sentences.
 */
import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Message, RunDetail } from './api.ts';
import { useConsole } from './context.tsx';
import { Icon } from './icons.tsx';
import { HUB, idleLimitMs, isFiltering, laneOrder, layoutRows, NO_FILTER } from './sequence.ts';
import type { SequenceFilter } from './sequence.ts';
import { Lifelines, LaneHeads } from './sequenceLanes.tsx';
import { Replay, useReplay } from './sequenceReplay.tsx';
import { SequenceRow, WaitingRow } from './sequenceRows.tsx';
import type { Lanes } from './sequenceRows.tsx';
import { sequenceSvg } from './sequenceSvg.ts';
import { useFollow } from './useFollow.ts';

type SequenceDiagramProps = {
  readonly detail: RunDetail;
  readonly opened: string | null;
  readonly onOpen: (id: string | null) => void;
  /** Tells the page which business moment a replay stands at; null when live. */
  readonly onReplay: (atMs: number | null) => void;
};

export function SequenceDiagram({ detail, opened, onOpen, onReplay }: SequenceDiagramProps) {
  const { t, speed, say, lang } = useConsole();
  const [filter, setFilter] = useState<SequenceFilter>(NO_FILTER);
  const [openFolds, setOpenFolds] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLOListElement>(null);
  const replay = useReplay(detail.messages, speed, onReplay);
  const messages = replay.position === null ? detail.messages : detail.messages.slice(0, replay.position);
  const milestones = replay.position === null ? detail.milestones : reachedBy(detail, messages.at(-1));
  const rows = useMemo(
    () => layoutRows({ messages, milestones, filter, idleMs: idleLimitMs(speed), opened: openFolds }),
    [messages, milestones, filter, speed, openFolds],
  );
  const lanes = useMemo<Lanes>(() => {
    const parties = laneOrder(detail.parties);
    return { parties, index: new Map(parties.map((party, index) => [party.id, index])) };
  }, [detail.parties]);
  const follow = useFollow(messages.length, replay.position !== null);
  const toggleFold = (id: string) =>
    setOpenFolds((old) => {
      const copy = new Set(old);
      if (!copy.delete(id)) copy.add(id);
      return copy;
    });
  const exportSvg = () =>
    download(
      `${detail.run.case}.svg`,
      sequenceSvg({ rows, parties: lanes.parties, lang, title: `${detail.run.key} · ${say(detail.run.flowName)}` }),
    );
  const waitingOn = replay.position === null && !isFiltering(filter) ? detail.run.waitingOn : null;
  const current = rows.some((row) => row.id === opened)
    ? opened
    : (rows.find((row) => row.kind === 'message')?.id ?? null);
  return (
    <section className="sequence">
      <Toolbar filter={filter} onFilter={setFilter} count={messages.length} onExport={exportSvg} />
      <LaneHeads lanes={lanes} focused={filter.party} onFocus={(party) => setFilter({ ...filter, party })} />
      <div className="sequence-body">
        <Lifelines
          count={lanes.parties.length}
          hub={lanes.index.get(HUB) ?? -1}
          focused={filter.party === null ? -1 : (lanes.index.get(filter.party) ?? -1)}
        />
        <ol className="rows" role="list" ref={list} onKeyDown={(event) => moveFocus(event, list.current)}>
          {rows.map((row) => (
            <SequenceRow
              key={row.id}
              row={row}
              lanes={lanes}
              selected={row.id === opened}
              tabbable={row.id === current}
              onOpen={onOpen}
              onFold={toggleFold}
            />
          ))}
          {waitingOn !== null && <WaitingRow on={waitingOn} lanes={lanes} />}
        </ol>
        {rows.length === 0 && (
          <p className="muted sequence-empty">{t(isFiltering(filter) ? 'noMessagesMatch' : 'noMessages')}</p>
        )}
      </div>
      {follow.unseen > 0 && (
        <button type="button" className="pill bottom" onClick={follow.jump}>
          <Icon name="down" size={14} /> {t('newMessages', { n: follow.unseen })}
        </button>
      )}
      <Replay replay={replay} messages={detail.messages} />
    </section>
  );
}

type ToolbarProps = {
  readonly filter: SequenceFilter;
  readonly onFilter: (filter: SequenceFilter) => void;
  readonly count: number;
  readonly onExport: () => void;
};

function Toolbar({ filter, onFilter, count, onExport }: ToolbarProps) {
  const { t } = useConsole();
  return (
    <div className="sequence-tools">
      <span className="search">
        <Icon name="search" />
        <input
          className="control"
          type="search"
          maxLength={80}
          placeholder={t('filterText')}
          aria-label={t('filterText')}
          value={filter.text}
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
        />
      </span>
      <button
        type="button"
        className="button toggle"
        aria-pressed={filter.failedOnly}
        onClick={() => onFilter({ ...filter, failedOnly: !filter.failedOnly })}
      >
        <Icon name="refused" size={14} /> {t('failedOnly')}
      </button>
      {isFiltering(filter) && (
        <button type="button" className="button text" onClick={() => onFilter(NO_FILTER)}>
          {t('clearAll')}
        </button>
      )}
      <span className="spring" />
      <span className="muted">{t('messagesCount', { n: count })}</span>
      <button type="button" className="button" onClick={onExport}>
        <Icon name="download" size={14} /> {t('exportSvg')}
      </button>
    </div>
  );
}

/** ↑ ↓ Home End move between the rows; Enter opens, as on any button. */
function moveFocus(event: KeyboardEvent, list: HTMLOListElement | null): void {
  const buttons = [...(list?.querySelectorAll<HTMLButtonElement>('button.row-button') ?? [])];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  buttons[Math.min(buttons.length - 1, Math.max(0, to))]?.focus();
}

function reachedBy(detail: RunDetail, last: Message | undefined): RunDetail['milestones'] {
  const atMs = last === undefined ? -Infinity : Date.parse(last.at);
  return detail.milestones.filter((m) => m.at !== null && Date.parse(m.at) <= atMs);
}

function download(name: string, svg: string): void {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
