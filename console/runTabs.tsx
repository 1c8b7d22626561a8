/** The run as two plain tables: the journal's steps, and the messages. */
import type { RunDetail, Step } from './api.ts';
import { useConsole } from './context.tsx';
import { formatDuration } from './format.ts';
import { Icon } from './icons.tsx';
import { Moment } from './pieces.tsx';

export function StepsTab({ steps }: { readonly steps: readonly Step[] }) {
  const { t } = useConsole();
  return (
    <table className="plain steps">
      <thead>
        <tr>
          <th scope="col" className="right">
            #
          </th>
          <th scope="col">{t('time')}</th>
          <th scope="col">{t('kind')}</th>
          <th scope="col">{t('path')}</th>
          <th scope="col">{t('detail')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.seq}>
            <td className="right muted">{step.seq}</td>
            <td>
              <Moment at={step.at} seconds />
            </td>
            <td>
              <span className={`kind ${step.kind}`}>{t(`kind.${step.kind}`)}</span>
            </td>
            <td>
              <code>{step.path}</code>
            </td>
            <td className="wrap">{step.detail ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type MessagesTabProps = {
  readonly detail: RunDetail;
  readonly opened: string | null;
  readonly onOpen: (id: string) => void;
};

export function MessagesTab({ detail, opened, onOpen }: MessagesTabProps) {
  const { t, say, lang } = useConsole();
  const name = (id: string) => {
    const party = detail.parties.find((p) => p.id === id);
    return party === undefined ? id : say(party.name);
  };
  return (
    <table className="plain messages">
      <thead>
        <tr>
          <th scope="col">{t('time')}</th>
          <th scope="col">{t('fromTo')}</th>
          <th scope="col">{t('exchange')}</th>
          <th scope="col">{t('operation')}</th>
          <th scope="col">{t('status')}</th>
          <th scope="col" className="right">
            {t('duration')}
          </th>
        </tr>
      </thead>
      <tbody>
        {detail.messages.map((message) => (
          <tr key={message.id} className={opened === message.id ? 'selected' : undefined}>
            <td>
              <Moment at={message.at} seconds />
            </td>
            <td>
              {name(message.from)} → {name(message.to)}
            </td>
            <td>
              <button type="button" className="link" onClick={() => onOpen(message.id)}>
                {say(message.verb)}
              </button>
              {message.attempt > 1 && <small className="attempt">{t('attempt', { n: message.attempt })}</small>}
            </td>
            <td>
              <code>{message.operation}</code>
            </td>
            <td className={`outcome ${message.state}`}>
              <Icon name={message.state} size={14} /> {message.code ?? t(`message.${message.state}`)}
            </td>
            <td className="right">{message.ms === null ? '–' : formatDuration(message.ms, lang)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
