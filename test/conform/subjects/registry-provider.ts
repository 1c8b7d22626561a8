/** The movables registry (中登网) by its provider port: one secret signs requests, answers and notices. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { providerDialect } from '../../../adapters/registry/dialects/provider.ts';
import { signAnswer } from '../../../adapters/registry/dialects/providerSignature.ts';
import { registry } from '../../../contracts/registry/registry.ts';
import { registryZd } from '../../../sandbox/registry/provider.twin.ts';
import { answerHeaders } from '../../../sandbox/registry/providerWire.ts';
import type { TwinRequest } from '../../../sandbox/twin.ts';
import { dealers, funder } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Asked, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const signature = 'x-registry-signature';
const [dealer] = dealers;
const number = (turn: number) => sixDigits('REG', turn);
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

/** What a clerk has entered under this number. */
async function registered(ground: Ground, requestNo: string): Promise<Entry> {
  await ground.confirmed('register', registration(requestNo));
  await ground.act('process', { requestNo });
  const read: { response: Entry } = await ground.confirmed('readRegistration', { no: requestNo });
  return { registrationNo: read.response.registrationNo, amendCode: read.response.amendCode };
}

const process = (ground: Ground, request: object) =>
  ground.act('process', { requestNo: (request as { requestNo: string }).requestNo });

/** Two that are done, asked about in turns. */
const asking = (make: (ground: Ground, no: string) => Promise<unknown>) => async (ground: Ground) => {
  for (const turn of [1, 2]) await make(ground, number(turn));
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

async function amended(ground: Ground, requestNo: string): Promise<void> {
  const entry = await registered(ground, `${requestNo}-R`);
  await ground.confirmed('amend', { requestNo, ...entry, description: '电子仓单 EWR-2026-0002' });
  await ground.act('process', { requestNo });
}

function sign(answer: Answer, asked: Asked, keys: TwinKeys): Answer {
  const { status, body } = answer;
  const path = asked.target.split('?')[0] ?? '';
  const request = { ...asked, path, query: {}, rawQuery: '' } satisfies TwinRequest;
  return { ...answer, headers: answerHeaders(keys['registry-secret.txt'] ?? '', request, status, body) };
}

const saying =
  (edit: (code: string, fields: Record<string, never>) => object) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer =>
    sign({ ...genuine, body: edited(genuine.body, (fields) => edit(code, fields)) }, asked, keys);

function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  const [timestamp, nonce] = [String(Date.now() - (how.ageMs ?? 0)), randomBytes(16).toString('hex')];
  const digest = createHash('sha256').update(body).digest('hex');
  const lines = ['NOTICE', 'POST', '/notices', timestamp, nonce, digest];
  const mac = createHmac('sha256', how.keys['registry-secret.txt'] ?? '')
    .update(lines.join('\n'))
    .digest('hex');
  const signed = { 'x-registry-timestamp': timestamp, 'x-registry-nonce': nonce, [signature]: mac };
  return { ...posted, body, headers: { ...posted.headers, ...signed } };
}

const about = (requestNo: string) => (posted: Posted) => posted.body.includes(`"requestNo":"${requestNo}"`);

export const subject = subjectOf({
  kind: registry,
  vendor: 'provider',
  dialect: providerDialect,
  twin: registryZd,
  answerSeal: {
    sign,
    flip: (answer) => withHeader(answer, signature, flipped(answer.headers[signature] ?? '')),
    strip: (answer) => withHeader(answer, signature, undefined),
    alter: (answer) => ({ ...answer, body: otherDigit(answer.body) }),
    borrow: (answer, earlier) => withHeader(answer, signature, earlier.headers[signature]),
  },
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => withHeader(posted, signature, flipped(posted.headers[signature] ?? '')),
    strip: (posted) => withHeader(posted, signature, undefined),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 5 * 60_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"code":"0000"'),
  operations: {
    search: {
      ready: async () => (turn: number) => ({
        debtorName: ['漳州金阳贸易有限公司', '沙箱在先登记贸易有限公司'][turn % 2],
      }),
      volatile: ['searchNo', 'searchedAt'],
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
        await ground.act('process', { requestNo: number(turn) });
        return about(number(turn));
      },
      poll: {
        operation: 'readRegistration',
        request: (message: unknown) => ({ no: (message as { requestNo: string }).requestNo }),
      },
    },
    registrationChanged: {
      cause: async (ground: Ground, turn: number) => {
        await amended(ground, number(turn));
        return about(number(turn));
      },
      poll: {
        operation: 'readChange',
        request: (message: unknown) => ({ no: (message as { requestNo: string }).requestNo }),
      },
    },
  },
  tables: {
    'registry.provider.refusal': {
      by: 'answer',
      operation: 'register',
      give: saying((code, { requestNo }) => ({ code, message: 'no', requestNo })),
      unmapped: '7777',
    },
    'registry.provider.business': {
      by: 'request',
      operation: 'register',
      ask: (business, request) => ({ ...request, business }),
      unmapped: undefined,
    },
    'registry.provider.state': {
      by: 'answer',
      operation: 'readRegistration',
      give: saying((state, fields) => ({
        ...fields,
        progress: Object.assign({}, fields['progress'], {
          state,
          ...(state === 'REFUSED' ? { refusal: { code: '2005', message: 'no' } } : {}),
        }),
      })),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'done' ? 'confirmed' : row),
      unmapped: 'ARCHIVED',
    },
    'registry.provider.type': {
      by: 'answer',
      operation: 'readChange',
      give: saying((type, fields) => ({ ...fields, progress: Object.assign({}, fields['progress'], { type }) })),
      // Of a registration it is no answer to this question.
      wrong: (outcome, row) =>
        row === 'registered'
          ? outcome.outcome === 'refused'
            ? undefined
            : 'a registration was read as a change'
          : tells('response.change')(outcome, row),
      unmapped: 'OBJECTION',
    },
  },
  limits: [],
  bugs: {
    'believes-any-answer': {
      what: 'signs an answer itself before it looks at the signature',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            const { 'x-registry-timestamp': timestamp = '', 'x-registry-nonce': nonce = '' } = request.headers;
            const part = { method: request.method, path: request.path, timestamp, nonce, ...answer };
            return {
              ...answer,
              headers: { ...answer.headers, [signature]: signAnswer(keys.secret('registry-secret'), part) },
            };
          }),
        }),
    },
    'believes-any-notice': {
      what: 'signs a notice itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const posted = { ...inbound, path: inbound.path } as Posted;
            const { headers } = signNotice(posted, { keys: { 'registry-secret.txt': keys.secret('registry-secret') } });
            return { ...inbound, headers };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
