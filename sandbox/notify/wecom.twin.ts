/**
 * A group robot of 企业微信. It posts what it is given and keeps no numbers: the same message twice is two messages in the group.
 * More than 20 in a minute (business time) are turned away with 45009.
 *
 * Magic words in a message: `[stopped]`: the robot is stopped (93004); `[gone]`: it was removed from the group (93000); `[busy]`:
 * the first time -1, and nothing is posted.
 */
import { createHash, randomUUID } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';

interface Memory {
  /** Business instants of the newest messages. */
  recent: number[];
  /** Digests of messages that met their magic once. */
  met: Record<string, true>;
  posted: number;
}

const minuteMs = 60_000;
const perMinuteMax = 20;
const contentBytesMax = 4_096;

export const notifyWecom = twin<Memory>({
  name: 'notify-wecom',
  kind: 'notify',
  dialect: 'wecom',
  title: { zh: '企业微信群机器人', en: 'WeCom group robot' },
  settings: {},
  magic: [
    { where: 'text 正文', value: '…[gone]…', effect: '93000 removed from the group 已移出群' },
    { where: 'text 正文', value: '…[stopped]…', effect: '93004 stopped 已停用' },
    { where: 'text 正文', value: '…[busy]…', effect: '-1 the first time, nothing is posted 系统繁忙' },
  ],
  enrol: () => {
    const files = { 'webhook-key.txt': randomUUID() };
    return { hub: files, twin: files };
  },
  memory: () => ({ recent: [], met: {}, posted: 0 }),
  operationOf: ({ path }) => (path === '/cgi-bin/webhook/send' ? 'postGroup' : undefined),
  handle,
  acts: {},
});

const said = (errcode: number, errmsg: string): TwinAnswer => json({ errcode, errmsg });

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  if (request.path !== '/cgi-bin/webhook/send') return { status: 404, body: '' };
  if (request.query['key'] !== twin.key('webhook-key.txt')) return said(93000, 'invalid webhook url');
  if (request.method !== 'POST') return said(43002, 'require POST method');
  const message = messageIn(request.body);
  if (!message) return said(40035, 'invalid parameter, Warning: wrong json format.');
  if (message.msgtype !== 'markdown') return said(40008, 'invalid message type');
  const content = message.markdown?.content;
  if (typeof content !== 'string') return said(40035, 'invalid parameter');
  if (content === '') return said(44004, 'empty content');
  if (Buffer.byteLength(content) > contentBytesMax) return said(45002, 'content size out of limit');
  return post(content, twin);
}

function post(content: string, twin: TwinContext<Memory>): TwinAnswer {
  const { memory, clock } = twin;
  const now = clock.now().getTime();
  memory.recent = memory.recent.filter((at) => at > now - minuteMs);
  if (memory.recent.length >= perMinuteMax) return said(45009, 'api freq out of limit');
  if (content.includes('[gone]')) return said(93000, 'invalid webhook url or robot removed from group');
  if (content.includes('[stopped]')) return said(93004, 'robot is disabled');
  const digest = createHash('sha256').update(content).digest('hex');
  if (content.includes('[busy]') && !Object.hasOwn(memory.met, digest)) {
    memory.met[digest] = true;
    return said(-1, 'system busy');
  }
  memory.recent.push(now);
  memory.posted += 1;
  const number = /<font color="comment">([^<]{1,64})<\/font>$/.exec(content)?.[1] ?? digest;
  twin.effect('posted', number, { bytes: Buffer.byteLength(content) });
  return said(0, 'ok');
}

function messageIn(body: Buffer): { msgtype?: unknown; markdown?: { content?: unknown } } | undefined {
  try {
    const value = JSON.parse(body.toString()) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
