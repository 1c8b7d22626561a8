/** The diagram as one self-contained SVG text: for a ticket, a report or a README. Pure, so a server can draw it too. */
import type { Party } from './api.ts';
import { formatDuration, formatFull, formatMoment } from './format.ts';
import { HUB, laneX } from './sequence.ts';
import type { Row } from './sequence.ts';
import { say, translator } from './words.ts';
import type { Lang } from './words.ts';

export type SequencePicture = {
  readonly rows: readonly Row[];
  readonly parties: readonly Party[];
  readonly lang: Lang;
  readonly title: string;
};

const WIDTH_PX = 1200;
const LEFT_PX = 110;
const RIGHT_PX = 130;
const HEAD_PX = 84;
const ROW_PX = 36;
const COLORS = { ok: '#0b4fc4', refused: '#c8102e', unknown: '#9a5b00', inflight: '#0b4fc4' } as const;
const DASHES = { ok: '', refused: '', unknown: '2 4', inflight: '6 4' } as const;

export function sequenceSvg({ rows, parties, lang, title }: SequencePicture): string {
  const height = HEAD_PX + rows.length * ROW_PX + 24;
  const x = (id: string) => laneOf(parties, id);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${height}" viewBox="0 0 ${WIDTH_PX} ${height}" font-family="Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif" font-size="12">`,
    `<title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="16" y="24" font-size="15" font-weight="600" fill="#1c2430">${escapeXml(title)}</text>`,
    ...Object.entries(COLORS).map(
      ([state, color]) =>
        `<marker id="tip-${state}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M1 1 9 5 1 9z" fill="${color}"/></marker>`,
    ),
    ...parties.map((party) => head(party, x(party.id), height, lang)),
    ...rows.map((row, index) => drawRow(row, HEAD_PX + index * ROW_PX, x, lang)),
    '</svg>',
  ];
  return parts.join('\n');
}

function laneOf(parties: readonly Party[], id: string): number {
  const index = Math.max(
    0,
    parties.findIndex((party) => party.id === id),
  );
  return Math.round(LEFT_PX + (laneX(index, parties.length) / 100) * (WIDTH_PX - LEFT_PX - RIGHT_PX));
}

function head(party: Party, x: number, height: number, lang: Lang): string {
  const line = party.id === HUB ? 'stroke="#b9cff5" stroke-width="8"' : 'stroke="#d5dae2" stroke-dasharray="3 4"';
  return `<text x="${x}" y="52" text-anchor="middle" font-weight="600" fill="#1c2430">${escapeXml(say(party.name, lang))}</text><text x="${x}" y="67" text-anchor="middle" font-size="10" fill="#5a6472">${escapeXml(party.system)}</text><path d="M${x} 76V${height - 10}" ${line}/>`;
}

function drawRow(row: Row, y: number, x: (id: string) => number, lang: Lang): string {
  const t = translator(lang);
  const middle = LEFT_PX + (WIDTH_PX - LEFT_PX - RIGHT_PX) / 2;
  switch (row.kind) {
    case 'message':
      return drawMessage(row, y, x, lang);
    case 'fold':
      return text(middle, y + 22, t('fold', { n: row.messages.length }), '#5a6472', 'middle');
    case 'gap': {
      const words = t('gap', { time: formatDuration(row.ms, lang) });
      return `<rect x="0" y="${y + 6}" width="${WIDTH_PX}" height="24" fill="#f1f3f6"/>${text(middle, y + 22, words, '#5a6472', 'middle')}`;
    }
    case 'milestone': {
      const { no, name } = row.milestone;
      return text(16, y + 22, `⚑ ${no} ${say(name, lang)}`, '#1a6b2d', 'start');
    }
  }
}

function drawMessage(row: Extract<Row, { kind: 'message' }>, y: number, x: (id: string) => number, lang: Lang): string {
  const { message } = row;
  const offset = row.starts ? formatMoment(message.at) : `+${formatDuration(row.offsetMs, lang)}`;
  const [from, to] = [x(message.from), x(message.to)];
  const color = COLORS[message.state];
  const took = message.ms === null ? '' : formatDuration(message.ms, lang);
  const result = message.code ?? (message.state === 'ok' ? String(message.status ?? '') : message.state);
  const hover = escapeXml(`${formatFull(message.at)} ${message.operation}`);
  const arrow = `<path d="M${from} ${y + 27}H${to}" stroke="${color}" stroke-width="1.5" stroke-dasharray="${DASHES[message.state]}" marker-end="url(#tip-${message.state})"/>`;
  return [
    `<g><title>${hover}</title>`,
    text(LEFT_PX - 12, y + 30, offset, '#5a6472', 'end'),
    arrow,
    `<g paint-order="stroke" stroke="#fff" stroke-width="3">${text((from + to) / 2, y + 20, say(message.verb, lang) + (message.attempt > 1 ? ` ×${message.attempt}` : ''), '#1c2430', 'middle')}</g>`,
    text(WIDTH_PX - RIGHT_PX + 8, y + 30, `${result} ${took}`, color, 'start'),
    '</g>',
  ].join('');
}

function text(x: number, y: number, words: string, color: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}">${escapeXml(words)}</text>`;
}

function escapeXml(words: string): string {
  return words.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
}
