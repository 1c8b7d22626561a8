/** What can be wrong in a file of lines and columns (CSV) that is no longer what its sender wrote. */
import iconv from 'iconv-lite';
import type { Fault } from './fault.ts';

const saying = (name: string, change: (lines: string[]) => readonly string[]): Fault =>
  shown(name, 'forged', (text) => Buffer.from(change(text.split('\r\n').filter((line) => line !== '')).join('\r\n')));

const shown = (name: string, kind: 'forged' | 'genuine', change: (text: string) => Buffer): Fault => ({
  name,
  class: kind,
  on: 'get',
  document: 'csv',
  play: async (play) => {
    const answer = await play.forward();
    play.send({ ...answer, body: change(answer.body.toString()) });
  },
});

const each = (change: (line: string) => string) => (lines: string[]) => lines.map(change);
/** A line of the head that holds no number. */
const version = (line: string) => line.includes('HDR,version,');

export const csvFaults: readonly Fault[] = [
  shown('gbk-not-agreed', 'forged', (text) => iconv.encode(text.replace('\ufeff', ''), 'gbk')),
  saying('trailer-missing', (lines) => lines.filter((line) => !line.startsWith('TRL,'))),
  saying('trailer-cut', (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').replace(/,[^,]*$/, '')]),
  saying(
    'rows-that-do-not-count',
    each((line) => line.replace(/^TRL,rows,\d+/, 'TRL,rows,777')),
  ),
  saying('behind-the-trailer', (lines) => [...lines, 'ROW,1,2,3']),
  saying('head-twice', (lines) => lines.flatMap((line) => (version(line) ? [line, line] : [line]))),
  saying('head-missing', (lines) => lines.filter((line) => !version(line))),
  saying('head-of-nobody', (lines) => lines.flatMap((line) => (version(line) ? [line, 'HDR,__proto__,1'] : [line]))),
  saying(
    'another-version',
    each((line) => (version(line) ? 'HDR,version,2' : line)),
  ),
  saying('columns-missing', (lines) => lines.filter((line) => !line.startsWith('COL'))),
  saying(
    'column-of-nobody',
    each((line) => (line.startsWith('COL') ? `${line},strange` : line)),
  ),
  saying('line-between', (lines) => lines.flatMap((line) => (line.startsWith('COL') ? ['', line] : [line]))),
  saying(
    'semicolons',
    each((line) => line.replaceAll(',', ';')),
  ),
  saying(
    'quote-that-never-closes',
    each((line) => (version(line) ? 'HDR,"version,1' : line)),
  ),
  saying(
    'formula',
    each((line) => (version(line) ? 'HDR,version,"=1*1"' : line)),
  ),
  saying(
    'cells-to-the-right',
    each((line) => (version(line) ? 'HDR,,version,1' : line)),
  ),
  saying(
    'value-over-two-lines',
    each((line) => (version(line) ? 'HDR,version,"1\n"' : line)),
  ),
  {
    name: 'cut-at-byte-64',
    class: 'lost',
    on: 'get',
    document: 'csv',
    file: { readMaxBytes: 64, meddle: ({ act, from }) => (act === 'read' && from >= 64 ? 'cut' : undefined) },
  },
  shown('lines-of-unix', 'genuine', (text) => Buffer.from(text.replaceAll('\r\n', '\n'))),
  shown('all-in-quotes', 'genuine', (text) =>
    Buffer.from(
      text.replaceAll(/^\ufeff?.*(?=\r\n)/gm, (line) =>
        line
          .replace('\ufeff', '')
          .split(',')
          .map((cell) => `"${cell}"`)
          .join(','),
      ),
    ),
  ),
  shown('as-excel-saves-it', 'genuine', (text) =>
    Buffer.from(text.replaceAll('\r\n', ',,,\r\n') + ',,,,,,\r\n,,,,,,\r\n'),
  ),
  shown('without-a-mark', 'genuine', (text) => Buffer.from(text.replace('\ufeff', ''))),
];
