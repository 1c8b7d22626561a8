/** The lanes of the diagram: heads that stay in view, and the lifelines behind the rows. */
import { useConsole } from './context.tsx';
import { HUB, laneX } from './sequence.ts';
import type { Lanes } from './sequenceRows.tsx';

type LaneHeadsProps = {
  readonly lanes: Lanes;
  readonly focused: string | null;
  readonly onFocus: (party: string | null) => void;
};

/** A head is also the filter "only this party": the nearest place to ask for it. */
export function LaneHeads({ lanes, focused, onFocus }: LaneHeadsProps) {
  const { t, say } = useConsole();
  return (
    <div className="heads" role="group" aria-label={t('parties')}>
      <div className="heads-lanes">
        {lanes.parties.map((party) => {
          const health = t(`health.${party.health}`);
          return (
            <button
              key={party.id}
              type="button"
              className={party.id === HUB ? 'head hub' : 'head'}
              aria-pressed={focused === party.id}
              aria-label={`${t('focusParty', { party: say(party.name) })} (${party.system}, ${health})`}
              title={`${say(party.name)} · ${party.system} · ${health}`}
              onClick={() => onFocus(focused === party.id ? null : party.id)}
            >
              <b>{say(party.name)}</b>
              <small>
                <i className={`health ${party.health}`} />
                <span>{party.system}</span>
              </small>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** Percent coordinates: the lines follow the width without measuring anything. */
export function Lifelines({
  count,
  hub,
  focused,
}: {
  readonly count: number;
  readonly hub: number;
  readonly focused: number;
}) {
  return (
    <svg className="lifelines" aria-hidden="true" focusable="false">
      <defs>
        {(['ok', 'refused', 'unknown', 'inflight'] as const).map((state) => (
          <marker
            key={state}
            id={`tip-${state}`}
            className={`tip ${state}`}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M1 1 9 5 1 9z" />
          </marker>
        ))}
      </defs>
      {Array.from({ length: count }, (_, index) => (
        <line
          key={index}
          x1={`${laneX(index, count)}%`}
          x2={`${laneX(index, count)}%`}
          y1="0"
          y2="100%"
          className={index === hub ? 'hub' : index === focused ? 'focused' : undefined}
        />
      ))}
    </svg>
  );
}
