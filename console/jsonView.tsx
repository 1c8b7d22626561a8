/** Masked JSON with its parts told apart. What the gateway masked is marked, so that nobody takes it for the value. */
import { useMemo } from 'react';
import { useConsole } from './context.tsx';
import { jsonTokens } from './jsonTokens.ts';
import { CopyButton } from './pieces.tsx';

/** Longer bodies show their head only: a browser that lays out megabytes of JSON stops answering. */
const SHOWN_LIMIT_CHARS = 64_000;

export function JsonView({ value }: { readonly value: unknown }) {
  const { t } = useConsole();
  const text = useMemo(() => (value === null || value === undefined ? '' : JSON.stringify(value, null, 2)), [value]);
  const tokens = useMemo(() => jsonTokens(text.slice(0, SHOWN_LIMIT_CHARS)), [text]);
  if (text === '') return <p className="muted json-empty">{t('noBody')}</p>;
  return (
    <div className="json">
      <div className="json-tools">
        {tokens.some((token) => token.kind === 'masked') && <span className="muted">{t('masked')}</span>}
        <span className="spring" />
        <CopyButton text={text} />
      </div>
      {/* A scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0}>
        <code>
          {tokens.map((token, index) =>
            token.kind === 'plain' ? (
              token.text
            ) : (
              <span key={index} className={token.kind}>
                {token.text}
              </span>
            ),
          )}
        </code>
      </pre>
      {text.length > SHOWN_LIMIT_CHARS && <p className="muted">{t('cut', { n: SHOWN_LIMIT_CHARS })}</p>}
    </div>
  );
}
