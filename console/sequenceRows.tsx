/** One row of the diagram: a message, a fold of minor messages, a torn band of idle time, a milestone, or the wait that runs now. */
import { memo } from 'react';
import type { ReactNode } from 'react';
import type { Message, Party, WaitingOn } from './api.ts';
import { useConsole, useNowMs } from './context.tsx';
import { formatDuration, formatFull, formatMoment, formatUtc } from './format.ts';
import { Icon } from './icons.tsx';
import { Waited } from './pieces.tsx';
import { HUB, laneX } from './sequence.ts';
import type { Row } from './sequence.ts';

export type Lanes = { readonly parties: readonly Party[]; readonly index: ReadonlyMap<string, number> };

type SequenceRowProps = {
  readonly row: Row;
  readonly lanes: Lanes;
  readonly selected: boolean;
  readonly tabbable: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFold: (id: string) => void;
};

export const SequenceRow = memo(
  function SequenceRow({ row, lanes, selected, tabbable, onOpen, onFold }: SequenceRowProps) {
    switch (row.kind) {
      case 'message':
        return (
          <MessageRow row={row} lanes={lanes} selected={selected} tabbable={tabbable} onOpen={onOpen} onFold={onFold} />
        );
      case 'fold':
        return <FoldRow row={row} lanes={lanes} onFold={onFold} />;
      case 'gap':
        return <GapRow row={row} lanes={lanes} />;
      case 'milestone':
        return <MilestoneRow row={row} />;
    }
  },
  // Layout makes new row objects each time; what matters for drawing is compared here. Handlers act by id only.
  (a, b) => a.selected === b.selected && a.tabbable === b.tabbable && a.lanes === b.lanes && sameRow(a.row, b.row),
);

function sameRow(a: Row, b: Row): boolean {
  if (a.kind === 'message' && b.kind === 'message') {
    return a.message === b.message && a.offsetMs === b.offsetMs && a.starts === b.starts && a.closes === b.closes;
  }
  if (a.kind === 'fold' && b.kind === 'fold') return a.messages.length === b.messages.length && a.id === b.id;
  if (a.kind === 'gap' && b.kind === 'gap') return a.ms === b.ms && a.id === b.id;
  return a.kind === 'milestone' && b.kind === 'milestone' && a.milestone === b.milestone;
}

type MessageRowProps = Omit<SequenceRowProps, 'row'> & { readonly row: Extract<Row, { kind: 'message' }> };

function MessageRow({ row, lanes, selected, tabbable, onOpen, onFold }: MessageRowProps) {
  const { t, say, lang } = useConsole();
  const { message } = row;
  const offset = row.starts ? formatMoment(message.at) : `+${formatDuration(row.offsetMs, lang)}`;
  const duration = message.ms === null ? null : formatDuration(message.ms, lang);
  const sentence =
    t('sentence', {
      offset,
      from: partyName(lanes, message.from, say),
      to: partyName(lanes, message.to, say),
      verb: say(message.verb),
      state: message.code ?? t(`message.${message.state}`),
    }) +
    (message.attempt > 1 ? `, ${t('attempt', { n: message.attempt })}` : '') +
    (duration === null ? '' : t('sentenceMs', { ms: duration }));
  return (
    <li className={`row ${message.state} ${message.importance}`}>
      <button
        type="button"
        className={selected ? 'row-button selected' : 'row-button'}
        aria-label={sentence}
        aria-current={selected ? 'true' : undefined}
        tabIndex={tabbable ? 0 : -1}
        data-message={message.id}
        onClick={() => onOpen(message.id)}
      >
        <span
          className={row.starts ? 'offset starts' : 'offset'}
          title={`${formatFull(message.at)} · ${formatUtc(message.at)}`}
        >
          {offset}
        </span>
        <Arrow
          message={message}
          lanes={lanes}
          label={say(message.verb)}
          attempt={message.attempt > 1 ? `×${message.attempt}` : null}
        />
        <span className="result">
          <span className={`outcome ${message.state}`}>
            <Icon name={message.state} size={14} />
            <span className="code">
              {message.code ?? (message.state === 'ok' ? (message.status ?? '') : t(`message.${message.state}`))}
            </span>
          </span>
          <span className="took">{duration ?? ''}</span>
        </span>
      </button>
      {row.closes !== null && (
        <button type="button" className="fold-close" onClick={() => row.closes !== null && onFold(row.closes)}>
          {t('unfold')}
        </button>
      )}
    </li>
  );
}

type ArrowProps = {
  readonly message: Message;
  readonly lanes: Lanes;
  readonly label: string;
  readonly attempt: string | null;
};

function Arrow({ message, lanes, label, attempt }: ArrowProps) {
  const from = laneAt(lanes, message.from);
  const to = laneAt(lanes, message.to);
  return (
    <span className="lanes">
      <svg aria-hidden="true" focusable="false">
        <line x1={`${from}%`} y1="27" x2={`${to}%`} y2="27" markerEnd={`url(#tip-${message.state})`} />
        <circle cx={`${from}%`} cy="27" r="3" />
      </svg>
      <Label left={from} right={to}>
        {label}
        {attempt !== null && <b className="attempt">{attempt}</b>}
      </Label>
    </span>
  );
}

/** Sits over the middle of its arrow; near an edge it leans inward, so that long English labels stay inside. */
function Label({
  left,
  right,
  children,
}: {
  readonly left: number;
  readonly right: number;
  readonly children: ReactNode;
}) {
  const middle = (left + right) / 2;
  const lean = middle < 12 ? 'lean-right' : middle > 88 ? 'lean-left' : '';
  const x = lean === '' ? middle : lean === 'lean-right' ? Math.min(left, right) : Math.max(left, right);
  return (
    <span className={`label ${lean}`} style={{ left: `${x}%` }}>
      {children}
    </span>
  );
}

function FoldRow({
  row,
  lanes,
  onFold,
}: {
  readonly row: Extract<Row, { kind: 'fold' }>;
  readonly lanes: Lanes;
  readonly onFold: (id: string) => void;
}) {
  const { t, lang } = useConsole();
  const n = row.messages.length;
  const touched = [...new Set(row.messages.flatMap((m) => [m.from, m.to]))].map((id) => laneAt(lanes, id));
  const [low, high] = [Math.min(...touched), Math.max(...touched)];
  return (
    <li className="row fold">
      <button
        type="button"
        className="row-button"
        aria-expanded="false"
        aria-label={t('foldHint', { n })}
        tabIndex={-1}
        onClick={() => onFold(row.id)}
      >
        <span className="offset">
          {row.starts ? formatMoment(row.messages[0]?.at ?? '') : `+${formatDuration(row.offsetMs, lang)}`}
        </span>
        <span className="lanes">
          <svg aria-hidden="true" focusable="false">
            <line x1={`${low}%`} x2={`${high}%`} y1="14" y2="14" />
            {touched.map((x) => (
              <circle key={x} cx={`${x}%`} cy="14" r="2.5" />
            ))}
          </svg>
          <span className="fold-chip" style={{ left: `${(low + high) / 2}%` }}>
            {t('fold', { n })}
          </span>
        </span>
        <span className="result" />
      </button>
    </li>
  );
}

function GapRow({ row, lanes }: { readonly row: Extract<Row, { kind: 'gap' }>; readonly lanes: Lanes }) {
  const { t, say, lang } = useConsole();
  const time = formatDuration(row.ms, lang);
  return (
    <li className="row gap">
      <span className="torn">
        <Icon name="waiting" size={14} />
        {row.waitedFor === null
          ? t('gap', { time })
          : t('gapFor', { party: partyName(lanes, row.waitedFor, say), time })}
      </span>
    </li>
  );
}

function MilestoneRow({ row: { milestone } }: { readonly row: Extract<Row, { kind: 'milestone' }> }) {
  const { t, say } = useConsole();
  return (
    <li className="row milestone" id={`milestone-${milestone.no}`}>
      <span className="milestone-flag">
        <Icon name="flag" size={12} />
        {t('milestoneReached', { no: milestone.no, name: say(milestone.name) })}
      </span>
    </li>
  );
}

/** The wait that runs now, drawn where the answer will arrive. */
export function WaitingRow({ on, lanes }: { readonly on: WaitingOn; readonly lanes: Lanes }) {
  const { t, say } = useConsole();
  const now = useNowMs();
  const from = laneAt(lanes, on.party);
  const to = laneAt(lanes, HUB);
  const since = Date.parse(on.since);
  const until = on.until === null ? null : Date.parse(on.until);
  const used =
    now === null || until === null || until <= since
      ? null
      : Math.min(100, Math.max(0, ((now - since) / (until - since)) * 100));
  const over = now !== null && until !== null && now > until;
  return (
    <li className={over ? 'row waiting-now over' : 'row waiting-now'}>
      <span className="offset">
        <Icon name="waiting" size={14} />
      </span>
      <span className="lanes">
        <svg aria-hidden="true" focusable="false">
          <line x1={`${from}%`} y1="27" x2={`${to}%`} y2="27" markerEnd="url(#tip-unknown)" />
        </svg>
        <Label left={from} right={to}>
          {t('waitFor', { party: say(on.name), what: say(on.what) })} · <Waited since={on.since} />
        </Label>
      </span>
      <span className="result">
        {used !== null && <progress max={100} value={used} aria-label={t('slaUsed', { n: Math.round(used) })} />}
      </span>
    </li>
  );
}

function laneAt(lanes: Lanes, id: string): number {
  return laneX(lanes.index.get(id) ?? 0, lanes.parties.length);
}

function partyName(lanes: Lanes, id: string, say: (name: Party['name']) => string): string {
  const party = lanes.parties[lanes.index.get(id) ?? -1];
  return party === undefined ? id : say(party.name);
}
