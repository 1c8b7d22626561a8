/** The business steps of the flow as a strip: done, current, to do, with the responsible party and the time. */
import { useEffect, useRef } from 'react';
import type { Milestone, Party } from './api.ts';
import { useConsole } from './context.tsx';
import { formatFull, formatMoment, formatUtc } from './format.ts';
import { Icon } from './icons.tsx';

type MilestonesProps = { readonly milestones: readonly Milestone[]; readonly parties: readonly Party[] };

export function Milestones({ milestones, parties }: MilestonesProps) {
  const { t, say } = useConsole();
  const strip = useRef<HTMLOListElement>(null);
  const current = milestones.findIndex((milestone) => milestone.state === 'current');
  useEffect(() => {
    const list = strip.current;
    const item = list?.children[current];
    if (list == null || !(item instanceof HTMLElement)) return;
    // Only the strip scrolls: scrollIntoView would move the page under the operator's hands.
    list.scrollLeft = item.offsetLeft - list.clientWidth / 2 + item.clientWidth / 2;
  }, [current]);
  return (
    <ol className="milestones" aria-label={t('milestones')} ref={strip} tabIndex={0}>
      {milestones.map((milestone) => {
        const party = parties.find((p) => p.id === milestone.party);
        return (
          <li
            key={milestone.no}
            className={milestone.state}
            aria-current={milestone.state === 'current' ? 'step' : undefined}
          >
            <span className="bead" aria-hidden="true">
              {milestone.state === 'done' ? <Icon name="ok" size={14} /> : milestone.no}
            </span>
            <span className="milestone-name">{say(milestone.name)}</span>
            <small>{party === undefined ? milestone.party : say(party.name)}</small>
            <small
              className="milestone-at"
              title={milestone.at === null ? undefined : `${formatFull(milestone.at)} · ${formatUtc(milestone.at)}`}
            >
              {milestone.at === null ? t(`milestone.${milestone.state}`) : formatMoment(milestone.at)}
            </small>
          </li>
        );
      })}
    </ol>
  );
}
