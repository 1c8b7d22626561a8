/** Text messages (短信) by Tencent Cloud: nothing is signed by the vendor; what binds is the session, and asking it. */
import { smsDialect } from '../../../adapters/notify/dialects/sms.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { notify } from '../../../contracts/notify/notify.ts';
import { notifySms, reportPath } from '../../../sandbox/notify/sms.twin.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf } from '../subject.ts';
import { sixDigits, tells } from '../telling.ts';

const number = (turn: number) => sixDigits('SMS', turn);
/** Each has a telephone of his own; none ends like a magic one. */
const phoneOf = (turn: number) => `139${String(turn).padStart(7, '0')}5`;
const message = (turn: number) => ({
  messageNo: number(turn),
  phone: phoneOf(turn),
  template: 'repaymentDue',
  params: [
    { name: 'loanNo', value: 'LN-2026-0001' },
    { name: 'date', value: '2026-12-23' },
    { name: 'amount', value: '800000.00' },
  ],
});
const question = (turn: number) => ({
  messageNo: number(turn),
  phone: phoneOf(turn),
  sentAt: '2026-11-23T01:00:00Z',
});

interface Response {
  readonly SendStatusSet?: readonly object[];
  readonly PullSmsSendStatusSet?: readonly object[];
}

const inResponse =
  (edit: (response: Response, code: string) => object) =>
  (code: string, genuine: Answer): Answer => ({
    ...genuine,
    body: edited(genuine.body, ({ Response: response }) => ({
      Response: Object.assign({}, response, edit(response as unknown as Response, code)),
    })),
  });

const withToken = (posted: Posted, change: (token: string) => string): Posted => ({
  ...posted,
  path: posted.path.replace(/token=(.*)$/, (_, token: string) => `token=${change(token)}`),
});

export const subject = subjectOf({
  kind: notify,
  vendor: 'sms',
  dialect: smsDialect,
  twin: notifySms,
  noticeSeal: {
    sign: (posted, { body, keys }) => ({
      ...posted,
      body: body ?? posted.body,
      path: reportPath(keys['report-token.txt'] ?? ''),
    }),
    flip: (posted) => withToken(posted, flipped),
    strip: (posted) => ({ ...posted, path: '/report' }),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: undefined,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"result":0'),
  operations: {
    sendSms: { ready: async () => message, volatile: ['vendorMessageId'] },
    readSmsDelivery: {
      ready: async (ground: Ground) => {
        for (const turn of [1, 2]) {
          await ground.confirmed('sendSms', message(turn));
          await ground.act('report', { session: number(turn) });
        }
        return (turn: number) => question(1 + (turn % 2));
      },
    },
  },
  notices: {
    smsDelivered: {
      cause: async (ground: Ground, turn: number) => {
        await ground.confirmed('sendSms', message(turn));
        await ground.act('report', { session: number(turn) });
        return (posted) => posted.body.includes(`"mobile":"${phoneOf(turn)}"`);
      },
      again: (ground: Ground, turn: number) => ground.act('report', { session: number(turn) }),
      poll: {
        operation: 'readSmsDelivery',
        request: (told: unknown) => question(Number((told as { messageNo: string }).messageNo.slice(-6))),
      },
    },
  },
  tables: {
    'notify.sms.code': {
      by: 'answer',
      operation: 'sendSms',
      give: inResponse(({ SendStatusSet: set }, code) => ({ SendStatusSet: [{ ...set?.[0], Code: code }] })),
      wrong: (outcome, row) => {
        const found = outcome.outcome === 'confirmed' ? 'sent' : outcome.code;
        return found === row ? undefined : `is ${found} and not ${String(row)}`;
      },
      unmapped: 'FailedOperation.NobodyKnows',
    },
    'notify.sms.report': {
      by: 'answer',
      operation: 'readSmsDelivery',
      give: inResponse(({ PullSmsSendStatusSet: set }, code) => ({
        PullSmsSendStatusSet: (set ?? []).map((row) => ({ ...row, ReportStatus: code })),
      })),
      wrong: tells('response.status'),
      unmapped: 'LATER',
    },
  },
  limits: [
    {
      where: '*notice',
      cases: ['signed-too-long-ago', 'signed-in-the-future'],
      why: 'the vendor signs neither time nor content of a report: it is believed only as far as the vendor says the same when asked',
    },
  ],
  bugs: {
    'believes-any-report': {
      what: 'takes what is posted for what the vendor says',
      shows: 'notice',
      plant: (dialect) => {
        type Told = readonly { mobile: string; sid: string; report_status: string }[];
        const posted = new WeakMap<Wire, Told>();
        return changed(dialect, {
          inbound: (inbound, wire) => {
            try {
              const told = JSON.parse(inbound.body.toString()) as unknown;
              if (Array.isArray(told)) posted.set(wire, told as Told);
            } catch {
              // No report at all.
            }
            return inbound;
          },
          wire: sending((send, wire) => async (request) => {
            const answer = await send(request);
            const told = posted.get(wire);
            if (!told || !answer.body.includes('PullSmsSendStatusSet')) return answer;
            const rows = told.map(({ mobile, sid, report_status: status }) => ({
              UserReceiveTime: 1_795_395_600,
              PhoneNumber: `+86${mobile}`,
              SerialNo: sid,
              ReportStatus: status,
              SessionContext: `SMS-${sid.replaceAll(':', '-')}`,
            }));
            const body = Buffer.from(JSON.stringify({ Response: { PullSmsSendStatusSet: rows, RequestId: 'r' } }));
            return { ...answer, body };
          }),
        });
      },
    },
    'http-200-is-sent': {
      what: 'does not look at the status of the message',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            return { ...answer, body: Buffer.from(answer.body.toString().replace(/"Code":"[^"]*"/, '"Code":"Ok"')) };
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
