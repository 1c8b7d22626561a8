/** Replays the run at ten times its real speed: for training, for demos, and to see what happened before it went wrong. */
import { useEffect, useRef, useState } from 'react';
import type { Message } from './api.ts';
import { useConsole } from './context.tsx';
import { formatFull } from './format.ts';
import { Icon } from './icons.tsx';
import { replayDelayMs } from './sequence.ts';

export type ReplayState = {
  /** How many messages are shown; null when live. */
  readonly position: number | null;
  readonly playing: boolean;
  readonly play: () => void;
  readonly pause: () => void;
  readonly seek: (position: number) => void;
  readonly leave: () => void;
};

export function useReplay(
  messages: readonly Message[],
  speed: number,
  onReplay: (atMs: number | null) => void,
): ReplayState {
  const [position, setPosition] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const shown = position === null ? undefined : messages[position - 1];
  const report = useRef(onReplay);
  report.current = onReplay;
  const shownAt = shown?.at;
  useEffect(() => {
    report.current(position === null ? null : shownAt === undefined ? 0 : Date.parse(shownAt));
  }, [position, shownAt]);
  useEffect(() => () => report.current(null), []);
  useEffect(() => {
    if (!playing || position === null) return undefined;
    if (position >= messages.length) {
      setPlaying(false);
      return undefined;
    }
    const pauseMs = replayDelayMs(messages[position - 1], messages[position], speed);
    const timer = setTimeout(() => setPosition(position + 1), pauseMs);
    return () => clearTimeout(timer);
  }, [playing, position, messages, speed]);
  return {
    position,
    playing,
    play: () => {
      if (position === null || position >= messages.length) setPosition(0);
      setPlaying(true);
    },
    pause: () => setPlaying(false),
    seek: (next) => {
      setPlaying(false);
      setPosition(next);
    },
    leave: () => {
      setPlaying(false);
      setPosition(null);
    },
  };
}

export function Replay({ replay, messages }: { readonly replay: ReplayState; readonly messages: readonly Message[] }) {
  const { t } = useConsole();
  const { position, playing } = replay;
  const at = messages[(position ?? messages.length) - 1]?.at;
  if (messages.length === 0) return null;
  return (
    <div className={position === null ? 'replay' : 'replay on'} role="group" aria-label={t('replay')}>
      <button
        type="button"
        className="button icon-only"
        aria-label={t(playing ? 'replayPause' : 'replayPlay')}
        title={t(playing ? 'replayPause' : 'replayPlay')}
        onClick={playing ? replay.pause : replay.play}
      >
        <Icon name={playing ? 'pause' : 'play'} />
      </button>
      <input
        type="range"
        min={0}
        max={messages.length}
        value={position ?? messages.length}
        aria-label={t('replayPosition')}
        aria-valuetext={at === undefined ? '0' : `${position ?? messages.length}/${messages.length}, ${formatFull(at)}`}
        onChange={(event) => replay.seek(Number(event.target.value))}
      />
      <span className="replay-at">
        {position ?? messages.length}/{messages.length}
        <small>{at === undefined ? '' : formatFull(at)}</small>
      </span>
      {position === null ? (
        <span className="speed">10×</span>
      ) : (
        <button type="button" className="button small" onClick={replay.leave}>
          {t('replayLive')}
        </button>
      )}
    </div>
  );
}
