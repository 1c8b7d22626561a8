/** One exchange on the wire: request and answer as masked canonical JSON, result, signature check, sizes and hashes. */
import { useEffect, useRef, useState } from 'react';
import { getExchange, problemOf } from './api.ts';
import type { Exchange, Message, Problem, RunDetail } from './api.ts';
import { useConsole } from './context.tsx';
import { formatDuration } from './format.ts';
import { Icon } from './icons.tsx';
import { JsonView } from './jsonView.tsx';
import { CopyButton, ErrorPanel, Moment, Skeleton } from './pieces.tsx';

type ExchangePanelProps = {
  readonly id: string;
  readonly detail: RunDetail;
  readonly onOpen: (id: string | null) => void;
};

export function ExchangePanel({ id, detail, onOpen }: ExchangePanelProps) {
  const { t, say } = useConsole();
  const { messages } = detail;
  const index = messages.findIndex((message) => message.id === id);
  const message = messages[index];
  const { exchange, problem, reload } = useExchange(id, message);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onOpen(null);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onOpen]);
  const title = message === undefined ? (exchange?.operation ?? t('exchange')) : say(message.verb);
  const step = (by: number) => {
    const to = messages[index + by];
    if (to !== undefined) onOpen(to.id);
  };
  return (
    <aside className="exchange" aria-label={`${t('exchange')}: ${title}`} ref={panel}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          className="button icon-only"
          aria-label={t('previousMessage')}
          disabled={index <= 0}
          onClick={() => step(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          className="button icon-only"
          aria-label={t('nextMessage')}
          disabled={index < 0 || index >= messages.length - 1}
          onClick={() => step(1)}
        >
          <Icon name="down" />
        </button>
        <button type="button" className="button icon-only" aria-label={t('close')} onClick={() => onOpen(null)}>
          <Icon name="close" />
        </button>
      </header>
      {problem !== null && <ErrorPanel problem={problem} retry={reload} />}
      {problem === null && exchange === null && <Skeleton />}
      {problem === null && exchange !== null && <ExchangeView key={exchange.id} exchange={exchange} />}
    </aside>
  );
}

function ExchangeView({ exchange }: { readonly exchange: Exchange }) {
  const { t, lang } = useConsole();
  const [side, setSide] = useState<'request' | 'answer'>(exchange.state === 'refused' ? 'answer' : 'request');
  const { failure } = exchange;
  return (
    <div className="exchange-body">
      <p className="exchange-line">
        <span className={`outcome ${exchange.state}`}>
          <Icon name={exchange.state} size={14} /> {t(`message.${exchange.state}`)}
        </span>
        {exchange.status !== null && <span>HTTP {exchange.status}</span>}
        {exchange.ms !== null && <span>{formatDuration(exchange.ms, lang)}</span>}
        <span className={`signature signed-${exchange.verified}`}>
          <Icon name="shield" size={14} /> {t(`signature.${exchange.verified}`)}
        </span>
      </p>
      {failure !== null && (
        <div className={`failure ${exchange.state}`}>
          <code>{failure.code}</code> {failure[lang]}
          {failure.detail !== null && <p>{failure.detail}</p>}
        </div>
      )}
      <dl className="facts stacked">
        <div>
          <dt>{t('operation')}</dt>
          <dd>
            <code>{exchange.operation}</code> · {exchange.system} ·{' '}
            {t(exchange.direction === 'in' ? 'inbound' : 'outbound')}
          </dd>
        </div>
        <div>
          <dt>{t('time')}</dt>
          <dd>
            <Moment at={exchange.at} full />
          </dd>
        </div>
      </dl>
      <div className="segments wide" role="group" aria-label={t('exchange')}>
        {(['request', 'answer'] as const).map((name) => (
          <button key={name} type="button" aria-pressed={side === name} onClick={() => setSide(name)}>
            {t(name)}
          </button>
        ))}
      </div>
      <JsonView key={side} value={exchange[side]} />
      <Wire exchange={exchange} side={side} />
    </div>
  );
}

function Wire({ exchange: { wire }, side }: { readonly exchange: Exchange; readonly side: 'request' | 'answer' }) {
  const { t } = useConsole();
  const bytes = side === 'request' ? wire.requestBytes : wire.answerBytes;
  const hash = side === 'request' ? wire.requestSha256 : wire.answerSha256;
  return (
    <dl className="facts stacked wire">
      <div>
        <dt>{t('wire')}</dt>
        <dd>
          <code>
            {wire.method} {wire.path}
          </code>
        </dd>
      </div>
      <div>
        <dt>{t('contentType')}</dt>
        <dd>
          {wire.contentType ?? '–'}
          {bytes !== null && ` · ${t('bytes', { n: bytes })}`}
        </dd>
      </div>
      {hash !== null && (
        <div>
          <dt>SHA-256</dt>
          <dd>
            <code className="hash">{hash}</code> <CopyButton text={hash} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Reads again when the message changes its state, so that an exchange in flight fills in. */
function useExchange(id: string, message: Message | undefined) {
  const [exchange, setExchange] = useState<Exchange | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const state = message?.state;
  useEffect(() => {
    const stop = new AbortController();
    getExchange(id, stop.signal).then(
      (read) => {
        setExchange(read);
        setProblem(null);
      },
      (thrown: unknown) => {
        if (!stop.signal.aborted) setProblem(problemOf(thrown));
      },
    );
    return () => stop.abort();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- they only say when to read again
  }, [id, state, round]);
  return { exchange, problem, reload: () => setRound((n) => n + 1) };
}
