/** What can go wrong where files are exchanged over SFTP: on the way there, while one is put, while one is read, in what it says. */
import iconv from 'iconv-lite';
import type { Meddling, SftpAct } from '../../sandbox/sftpFolder.ts';
import { csvFaults } from './csvFaults.ts';
import type { Fault } from './fault.ts';
import { forgedFaults } from './forgedFaults.ts';
import type { Played } from './proxy.ts';

const on =
  (act: SftpAct['act'], how: Meddling) =>
  (seen: SftpAct): Meddling | undefined =>
    seen.act === act ? how : undefined;

const put = (name: string, kind: Fault['class'], act: SftpAct['act'], how: Meddling): Fault => ({
  name,
  class: kind,
  on: 'put',
  file: { meddle: on(act, how) },
  ...(how.startsWith('silent') ? { endless: true as const } : {}),
});

const get = (name: string, act: SftpAct['act'], how: Meddling): Fault => ({
  ...put(name, 'lost', act, how),
  on: 'get',
});

/** The file says something else. */
const saying =
  (change: (text: string) => string): Played =>
  async (play) => {
    const answer = await play.forward();
    play.send({ ...answer, body: Buffer.from(change(answer.body.toString())) });
  };

const bytesOf =
  (change: (text: string) => Buffer): Played =>
  async (play) => {
    const answer = await play.forward();
    play.send({ ...answer, body: change(answer.body.toString()) });
  };

const forged = (name: string, play: Played): Fault => ({ name, class: 'forged', on: 'get', play });
const genuine = (name: string, play: Played): Fault => ({ name, class: 'genuine', on: 'get', play });

/** Those of HTTP that are about what an answer holds hold of a file as well. */
const contents = new Set([
  'garbage',
  'empty',
  'json-null',
  'json-object',
  'xml-of-nobody',
  'xml-entities',
  'json-nested',
  'truncated',
  'twice-in-one',
  'utf-16',
  'stray-byte',
  'answer-of-another-request',
]);
const bytesTooMany = 9_000_000;
const withoutDeclaration = (text: string): string => text.replace(/^<\?xml[^>]*\?>\s*/, '');

/** What only XML can say of itself. */
const xmlFaults: readonly Fault[] = [
  forged(
    'another-version',
    saying((text) => text.replace(/(xmlns="[^"]*\.)(\d\d)"/, '$199"')),
  ),
  forged(
    'no-namespace',
    saying((text) => text.replace(/ xmlns="[^"]*"/, '')),
  ),
  forged(
    'gbk-undeclared',
    bytesOf((text) => iconv.encode(text.replace('</Document>', '<!--回单--></Document>'), 'gbk')),
  ),
  forged(
    'utf-8-declared-gbk',
    bytesOf((text) => Buffer.from(text.replace('UTF-8', 'GBK').replace('</Document>', '<!--款--></Document>'))),
  ),
  forged(
    'count-that-does-not-match',
    saying((text) => text.replace(/<(OrgnlNbOfTxs|NbOfNtries)>\d+</, '<$1>777<')),
  ),
  forged(
    'sum-that-does-not-match',
    saying((text) => text.replace(/<(OrgnlCtrlSum|Sum)>[\d.]+</, '<$1>777.77<')),
  ),
  forged(
    'amount-twice',
    saying((text) => text.replaceAll(/(<(?:TxSts|ElctrncSeqNb|CdtDbtInd)>[^<]*<\/\w+>)/g, '$1$1')),
  ),
  genuine(
    'prefixed',
    saying((text) => text.replaceAll(/<(\/?)([A-Z])/g, '<$1n0:$2').replace(' xmlns=', ' xmlns:n0=')),
  ),
  genuine(
    'indented',
    saying((text) => text.replaceAll('><', '>\r\n  <')),
  ),
  genuine(
    'gb18030-declared',
    bytesOf((text) => iconv.encode(text.replace('UTF-8', 'GB18030'), 'gb18030')),
  ),
  genuine(
    'byte-order-mark',
    saying((text) => `\ufeff${text}`),
  ),
  {
    name: 'cut-at-byte-600',
    class: 'lost',
    on: 'get',
    file: { readMaxBytes: 300, meddle: ({ act, from }) => (act === 'read' && from >= 600 ? 'cut' : undefined) },
  },
];

export const fileFaults: readonly Fault[] = [
  { name: 'connection-refused', class: 'unsent', on: 'file', road: 'refused' },
  { name: 'host-key-of-another', class: 'unsent', on: 'file', road: 'other-host-key' },
  { name: 'login-refused', class: 'unsent', on: 'file', road: 'login-refused' },
  { name: 'no-ssh', class: 'unsent', on: 'file', road: 'plain-text' },
  { name: 'reset-in-handshake', class: 'unsent', on: 'file', road: 'resetting' },
  { name: 'silence-in-handshake', class: 'unsent', on: 'file', road: 'silent', endless: true },

  put('cut-before-look', 'unsent', 'stat', 'cut'),
  put('cut-at-open', 'unsent', 'open', 'cut'),
  put('cut-after-open', 'unsent', 'open', 'cut-after'),
  put('cut-at-first-byte', 'unsent', 'write', 'cut'),
  put('cut-midway-through-write', 'unsent', 'write', 'cut-midway'),
  put('cut-after-write', 'unsent', 'write', 'cut-after'),
  put('silence-at-write', 'unsent', 'write', 'silent'),
  put('disk-full', 'unsent', 'write', 'refuse'),
  put('cut-at-close', 'unsent', 'close', 'cut'),
  put('rename-refused', 'unsent', 'rename', 'refuse'),
  put('cut-before-rename', 'lost', 'rename', 'cut'),
  put('cut-after-rename', 'lost', 'rename', 'cut-after'),
  put('silence-before-rename', 'lost', 'rename', 'silent'),
  put('silence-after-rename', 'lost', 'rename', 'silent-after'),

  get('cut-at-list', 'list', 'cut'),
  get('silence-at-list', 'list', 'silent'),
  get('cut-at-stat', 'stat', 'cut'),
  get('cut-at-open-for-reading', 'open', 'cut'),
  get('cut-at-byte-0', 'read', 'cut'),
  get('cut-after-read', 'read', 'cut-after'),
  get('silence-at-read', 'read', 'silent'),

  ...forgedFaults.filter(({ name }) => contents.has(name)).map((fault): Fault => ({ ...fault, on: 'get' })),
  forged(
    'oversized',
    bytesOf((text) => Buffer.concat([Buffer.from(text), Buffer.alloc(bytesTooMany, ' ')])),
  ),
  forged(
    'doctype',
    saying((text) => `<!DOCTYPE Document SYSTEM "file:///etc/passwd">${withoutDeclaration(text)}`),
  ),
  ...xmlFaults.map((fault): Fault => ({ ...fault, document: 'xml' })),
  ...csvFaults,
  {
    name: 'not-as-its-companion-says',
    class: 'forged',
    on: 'companion',
    file: { keepsCompanion: true },
    play: saying((text) => `${text}\n`),
  },
  {
    name: 'companion-missing',
    class: 'busy',
    on: 'companion',
    file: { listed: (_folder, names) => names.filter((name) => !name.endsWith('.ok')) },
  },

  { name: 'in-small-pieces', class: 'genuine', on: 'get', file: { readMaxBytes: 64 } },
  { name: 'slow-but-in-time', class: 'genuine', on: 'get', file: { delayMs: 20 } },
];
