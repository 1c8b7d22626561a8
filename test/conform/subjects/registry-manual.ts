/** The movables registry (中登网) by hand: a desk whose people are slow, and one secret that signs all that is said. */
import { manualDialect } from '../../../adapters/registry/dialects/manual.ts';
import { deskSeal } from '../../../adapters/registry/dialects/manualSignature.ts';
import { registry } from '../../../contracts/registry/registry.ts';
import { registryManual } from '../../../sandbox/registry/manual.twin.ts';
import { sealedAnswer, sealedResult } from '../../../sandbox/registry/manualDesk.ts';
import type { TwinRequest } from '../../../sandbox/twin.ts';
import { dealers, funder } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Asked, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const seal = 'x-desk-seal';
const secretOf = (keys: TwinKeys) => keys['desk-secret.txt'] ?? '';
const [dealer] = dealers;
const number = (turn: number) => sixDigits('REG', turn);
const names = ['漳州金阳物资有限公司', '沙箱在先登记贸易有限公司'];

const registration = (requestNo: string) => ({
  requestNo,
  business: 'warehouseReceiptPledge',
  pledgor: { name: dealer?.name ?? '', uscc: dealer?.uscc ?? '' },
  pledgee: { name: funder.name, uscc: funder.uscc },
  contractNo: 'PLEDGE-2026-0001',
  securedAmount: '950000.00',
  termMonths: 3,
  description: '电子仓单 EWR-2026-0001 项下螺纹钢 HRB400E 12mm 300.000 吨',
});

interface Entry {
  readonly registrationNo: string;
  readonly amendCode: string;
}

/** What a registrar has entered under this number. */
async function registered(ground: Ground, requestNo: string): Promise<Entry> {
  await ground.confirmed('register', registration(requestNo));
  await ground.act('process', { orderNo: requestNo });
  const read: { response: Entry } = await ground.confirmed('readRegistration', { no: requestNo });
  return { registrationNo: read.response.registrationNo, amendCode: read.response.amendCode };
}

const process = (ground: Ground, request: object) =>
  ground.act('process', { orderNo: (request as { requestNo: string }).requestNo });

/** Two that are done, asked about in turns. */
const asking = (make: (ground: Ground, no: string) => Promise<unknown>) => async (ground: Ground) => {
  for (const turn of [1, 2]) await make(ground, number(turn));
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

async function amended(ground: Ground, requestNo: string): Promise<void> {
  const entry = await registered(ground, `${requestNo}-R`);
  await ground.confirmed('amend', { requestNo, ...entry, description: '电子仓单 EWR-2026-0002' });
  await ground.act('process', { orderNo: requestNo });
}

function sign(answer: Answer, asked: Asked, keys: TwinKeys): Answer {
  const request = { ...asked, path: asked.target, query: {}, rawQuery: '' } satisfies TwinRequest;
  return { ...answer, headers: sealedAnswer(secretOf(keys), request, answer.status, answer.body) };
}

const saying =
  (edit: (code: string, fields: Record<string, never>) => object) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer =>
    sign({ ...genuine, body: edited(genuine.body, (fields) => edit(code, fields)) }, asked, keys);

function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  return { ...posted, body, headers: sealedResult(secretOf(how.keys), '/results', body, how.ageMs) };
}

const about = (orderNo: string) => (posted: Posted) => posted.body.includes(`"orderNo":"${orderNo}"`);
const poll = (operation: string) => ({
  operation,
  request: (message: unknown) => ({ no: (message as { requestNo: string }).requestNo }),
});

const ofTicket = (change: (code: string) => object) =>
  saying((code, fields) => ({ ...fields, ticket: Object.assign({}, fields['ticket'], change(code)) }));

export const subject = subjectOf({
  kind: registry,
  vendor: 'manual',
  dialect: manualDialect,
  twin: registryManual,
  answerSeal: {
    sign,
    flip: (answer) => withHeader(answer, seal, flipped(answer.headers[seal] ?? '')),
    strip: (answer) => withHeader(answer, seal, undefined),
    alter: (answer) => ({ ...answer, body: otherDigit(answer.body) }),
    borrow: (answer, earlier) => withHeader(answer, seal, earlier.headers[seal]),
  },
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => withHeader(posted, seal, flipped(posted.headers[seal] ?? '')),
    strip: (posted) => withHeader(posted, seal, undefined),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 5 * 60_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"code":"TAKEN"'),
  operations: {
    search: {
      // The registrar has searched before: an order of the same day is the same search.
      ready: async (ground: Ground) => {
        for (const debtorName of names) await ground.call('search', { debtorName });
        await ground.act('process');
        return (turn: number) => ({ debtorName: names[turn % 2] });
      },
    },
    register: {
      ready: async () => (turn: number) => registration(number(turn)),
      effect: 'registered',
      finish: process,
      conflict: (request: object) => ({ ...request, securedAmount: '950000.01' }),
    },
    amend: {
      ready: async (ground: Ground) => {
        const entry = await registered(ground, 'REG-BASE');
        return (turn: number) => ({ requestNo: number(turn), ...entry, description: '电子仓单 EWR-2026-0002' });
      },
      effect: 'amended',
      finish: process,
      conflict: (request: object) => ({ ...request, description: '电子仓单 EWR-2026-0003' }),
    },
    cancel: {
      ready: async (ground: Ground) => async (turn: number) => {
        const entry = await registered(ground, `${number(turn)}-R`); // Each ends one registration for good.
        return { requestNo: number(turn), ...entry, reason: '主债权消灭' };
      },
      effect: 'cancelled',
      finish: process,
      conflict: (request: object) => ({ ...request, reason: '其他' }),
    },
    queryRequest: { ready: asking((ground, no) => ground.confirmed('register', registration(no))) },
    readRegistration: { ready: asking(registered) },
    readChange: { ready: asking(amended) },
  },
  notices: {
    registered: {
      cause: async (ground: Ground, turn: number) => {
        await ground.confirmed('register', registration(number(turn)));
        await ground.act('process', { orderNo: number(turn) });
        return about(number(turn));
      },
      poll: poll('readRegistration'),
    },
    registrationChanged: {
      cause: async (ground: Ground, turn: number) => {
        await amended(ground, number(turn));
        return about(number(turn));
      },
      poll: poll('readChange'),
    },
  },
  tables: {
    'registry.manual.refusal': {
      by: 'answer',
      operation: 'register',
      give: saying((code, { orderNo }) => ({ code, message: 'no', orderNo })),
      unmapped: 'DESK_MOVED',
    },
    'registry.manual.business': {
      by: 'request',
      operation: 'register',
      ask: (business, request) => ({ ...request, business }),
      unmapped: undefined,
    },
    'registry.manual.state': {
      by: 'answer',
      operation: 'readRegistration',
      give: ofTicket((state) => ({
        state,
        ...(state === 'RETURNED' ? { reason: { code: 'FORM_INCOMPLETE', message: '缺少材料' } } : {}),
      })),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'done' ? 'confirmed' : row),
      unmapped: 'LOST',
    },
    'registry.manual.reason': {
      by: 'answer',
      operation: 'readRegistration',
      give: ofTicket((code) => ({ state: 'RETURNED', reason: { code, message: '退回' } })),
      wrong: (outcome, row) => enquiryIs(outcome, 'refused') ?? tells('code')(outcome, row),
      unmapped: 'NO_TIME',
    },
    'registry.manual.task': {
      by: 'answer',
      operation: 'readChange',
      give: ofTicket((task) => ({ task })),
      // Of a registration or a search it is no answer to this question.
      wrong: (outcome, row) =>
        row === 'registered' || row === 'searched'
          ? outcome.outcome === 'refused'
            ? undefined
            : `what was ${row} was read as a change`
          : tells('response.change')(outcome, row),
      unmapped: 'OBJECT',
    },
  },
  limits: [],
  bugs: {
    'believes-any-answer': {
      what: 'signs an answer itself before it looks at the seal',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            const { 'x-desk-timestamp': timestamp = '', 'x-desk-nonce': nonce = '' } = request.headers;
            const part = { method: request.method, path: request.path, timestamp, nonce, body: answer.body };
            const own = deskSeal(keys.secret('desk-secret'), `ANSWER ${answer.status}`, part);
            return { ...answer, headers: { ...answer.headers, [seal]: own } };
          }),
        }),
    },
    'believes-any-notice': {
      what: 'signs what is told itself before it looks at the seal',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const secrets = { 'desk-secret.txt': keys.secret('desk-secret') };
            return { ...inbound, headers: signNotice({ ...inbound }, { keys: secrets }).headers };
          },
        }),
    },
    'forgets-the-status': {
      what: 'holds the seal against the body alone, and not against status and request',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            const { 'x-desk-timestamp': timestamp = '', 'x-desk-nonce': nonce = '' } = request.headers;
            const part = { method: request.method, path: request.path, timestamp, nonce, body: answer.body };
            const secret = keys.secret('desk-secret');
            if (answer.headers[seal] !== deskSeal(secret, 'ANSWER 200', part)) return answer;
            return { ...answer, status: 200 };
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
