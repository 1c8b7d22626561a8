/** A group robot of 企业微信: one message there, a return code back, and nothing that tells one answer from another. */
import { wecomDialect } from '../../../adapters/notify/dialects/wecom.ts';
import { notify } from '../../../contracts/notify/notify.ts';
import { notifyWecom } from '../../../sandbox/notify/wecom.twin.ts';
import { changed, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited } from '../sealing.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { sixDigits } from '../telling.ts';

const message = (turn: number) => ({
  messageNo: sixDigits('GRP', turn),
  text: '**质押率预警** 融资 LN-2026-0001 质押率 76.78%，请跟进。',
});

export const subject = subjectOf({
  kind: notify,
  vendor: 'wecom',
  dialect: wecomDialect,
  twin: notifyWecom,
  speed: 36_000, // A minute of the group's limit goes by while one message is sent.
  operations: { postGroup: { ready: async () => message } },
  notices: {},
  tables: {
    'notify.wecom.errcode': {
      by: 'answer',
      operation: 'postGroup',
      give: (code: string, genuine: Answer): Answer => ({
        ...genuine,
        body: edited(genuine.body, () => ({ errcode: Number(code), errmsg: 'as said' })),
      }),
      wrong: (outcome, row) => {
        const found = outcome.outcome === 'confirmed' ? 'sent' : outcome.code;
        return found === row ? undefined : `is ${found} and not ${String(row)}`;
      },
      unmapped: '45010',
    },
  },
  limits: [
    {
      where: 'postGroup',
      cases: ['answer-of-another-request'],
      why: 'every answer is {"errcode":0,"errmsg":"ok"}: it names nothing of its message and is not signed. TLS and the connection alone bind it',
    },
  ],
  bugs: {
    'http-200-is-sent': {
      what: 'does not look at the return code',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            return { ...answer, body: Buffer.from(answer.body.toString().replace(/"errcode":-?\d+/, '"errcode":0')) };
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
  },
});
