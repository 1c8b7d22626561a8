/** Electronic signature (电子签约) by 法大大: answers are not signed, events are, and a token stands before every call. */
import { createHash, createHmac } from 'node:crypto';
import { fascDialect } from '../../../adapters/esign/dialects/fasc.ts';
import { contract as original, document, envelope as given } from '../../../adapters/esign/envelope.fixture.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { esign } from '../../../contracts/esign/esign.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { esignFasc } from '../../../sandbox/esign/fasc.twin.ts';
import type { Ground } from '../ground.ts';
import {
  changed,
  failureIsNotFound,
  followsRedirects,
  forgetsDeadline,
  sendsAgain,
  unknownIsRefused,
} from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits, tells } from '../telling.ts';
import { authorityAsked, fillAsked, silenceIsNobody } from './esign-extras.case.ts';
import { fascAuthorityTables } from './esign-fasc.case.ts';

const number = (turn: number) => sixDigits('ENV', turn);

/** Each has a file of its own, of one length. */
const fileOf = (turn: number) =>
  Buffer.from(original.toString('latin1').replace('% pledge', `% ${String(turn).padStart(6, '0')}`), 'latin1');
const envelope = (turn: number) => ({
  ...given(),
  envelopeNo: number(turn),
  documents: [document(fileOf(turn))],
});

async function started(ground: Ground, turn: number): Promise<string> {
  const { vendorFlowId }: { vendorFlowId: string } = await ground.confirmed('startEnvelope', envelope(turn));
  return vendorFlowId;
}

const aMinuteMs = 61_000;

/** Both sign; the end of the task is told a minute later. */
async function finished(ground: Ground, turn: number): Promise<string> {
  const taskId = await started(ground, turn);
  for (const signer of [0, 1]) await ground.act('sign', { taskId, signer });
  ground.bench.clock.set({ advanceMs: aMinuteMs });
  return taskId;
}

const both = async (ground: Ground, make: (ground: Ground, turn: number) => Promise<string>) => [
  await make(ground, 1),
  await make(ground, 2),
];

const byNumber = (make: (ground: Ground, turn: number) => Promise<string>) => async (ground: Ground) => {
  await both(ground, make);
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

const signed = ['x-fasc-app-id', 'x-fasc-event', 'x-fasc-nonce', 'x-fasc-sign-type', 'x-fasc-timestamp'] as const;
const nameOf = (header: string) => header.replaceAll(/(?<=^|-)(fasc|[a-z])/g, (part) => part.toUpperCase());
const headerOf = (posted: Posted, name: string) =>
  Object.entries(posted.headers).find(([each]) => each.toLowerCase() === name)?.[1] ?? '';
const lowered = (posted: Posted): Posted => ({
  ...posted,
  headers: Object.fromEntries(Object.entries(posted.headers).map(([name, value]) => [name.toLowerCase(), value])),
});
const bizOf = (body: Buffer) => new URLSearchParams(body.toString('utf8')).get('bizContent') ?? '';
const formOf = (biz: Buffer) => Buffer.from(new URLSearchParams({ bizContent: biz.toString() }).toString());

/** A body that is no form is signed as one that brings nothing. */
function signEvent(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  const timestamp = String(Date.now() - (how.ageMs ?? 0));
  const fresh = withHeader(lowered(posted), 'x-fasc-timestamp', timestamp);
  const pairs = signed.map((name) => `${nameOf(name)}=${headerOf(fresh, name)}`);
  const biz = bizOf(body);
  const text = [...pairs, ...(biz === '' ? [] : [`bizContent=${biz}`])].join('&');
  const key = createHmac('sha256', how.keys['appSecret.txt'] ?? '')
    .update(timestamp)
    .digest();
  const mac = createHmac('sha256', key).update(createHash('sha256').update(text).digest('hex')).digest('hex');
  return { ...withHeader(fresh, 'x-fasc-sign', mac), body };
}

const dataEdited = (answer: Answer, edit: (data: object) => object): Answer => ({
  ...answer,
  body: edited(answer.body, (fields) => ({ ...fields, data: edit(fields['data'] ?? {}) })),
});

const telling = (event: string, taskId: string) => (posted: Posted) =>
  headerOf(posted, 'x-fasc-event') === event && posted.body.includes(taskId);

const sameAnswer = 'FASC signs no answer, and these name nothing that was asked: only TLS binds them to their request';
const sameRoad =
  'the link in the answer names the road of its own request, and only this one request takes that road here';

export const subject = subjectOf({
  kind: esign,
  vendor: 'fasc',
  dialect: fascDialect,
  twin: esignFasc,
  noticeSeal: {
    sign: signEvent,
    flip: (posted) => withHeader(lowered(posted), 'x-fasc-sign', flipped(headerOf(posted, 'x-fasc-sign'))),
    strip: (posted) => withHeader(lowered(posted), 'x-fasc-sign', undefined),
    alter: (posted) => ({ ...posted, body: formOf(otherDigit(Buffer.from(bizOf(posted.body)))) }),
    windowMs: 24 * 3_600_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('success'),
  operations: {
    startEnvelope: {
      steps: [{ kind: 'prepare' }, { kind: 'prepare', link: true }, { kind: 'prepare' }, { kind: 'effect' }],
      ready: async (ground: Ground) => {
        await ground.confirmed('queryEnvelope', { no: number(0) }); // The token is there from now on.
        return envelope;
      },
      effect: 'started',
    },
    queryEnvelope: { ready: byNumber(started) },
    readEnvelope: { steps: [{ kind: 'read' }, { kind: 'read' }], ready: byNumber(finished) },
    fetchDocuments: {
      steps: [{ kind: 'read' }, { kind: 'read', link: true }],
      ready: async (ground: Ground) => {
        const tasks = await both(ground, finished);
        return (turn: number) => {
          const which = 1 + (turn % 2);
          const { fileName, sha256 } = document(fileOf(which));
          return { vendorFlowId: tasks[which - 1], documents: [{ fileName, sha256 }] };
        };
      },
    },
    checkAuthority: {
      steps: Array.from({ length: 6 }, () => ({ kind: 'read' as const })),
      ready: async (ground: Ground) => {
        await ground.confirmed('queryEnvelope', { no: number(0) }); // The token is there from now on.
        return authorityAsked;
      },
    },
    fillTemplate: {
      steps: [{ kind: 'read' }, { kind: 'read' }, { kind: 'read', link: true }],
      ready: async (ground: Ground) => {
        await ground.confirmed('queryEnvelope', { no: number(0) });
        return fillAsked('1690360801365154633', '1690360801365154634');
      },
    },
  },
  notices: {
    signerActed: {
      cause: async (ground: Ground, turn: number) => {
        const taskId = await started(ground, turn);
        await ground.act('sign', { taskId, signer: 0 });
        return telling('sign-task-signed', taskId);
      },
    },
    envelopeFinished: {
      cause: async (ground: Ground, turn: number) => telling('sign-task-finished', await finished(ground, turn)),
      poll: {
        operation: 'readEnvelope',
        request: (message: unknown) => ({ no: (message as { envelopeNo: string }).envelopeNo }),
      },
    },
  },
  tables: {
    'esign.fasc.refusal': {
      by: 'answer',
      operation: 'startEnvelope',
      step: 3,
      give: (code, genuine) => ({
        ...genuine,
        body: Buffer.from(JSON.stringify({ code, msg: 'no', data: null, success: false })),
      }),
      unmapped: '211999',
    },
    'esign.fasc.task-status': {
      by: 'answer',
      operation: 'readEnvelope',
      step: 1,
      give: (code, genuine) => dataEdited(genuine, (data) => ({ ...data, signTaskStatus: code })),
      wrong: (outcome, row) =>
        row === 'signing' ? tells('outcome', () => 'pending')(outcome, row) : tells('response.status')(outcome, row),
      unmapped: 'task_paused',
    },
    ...fascAuthorityTables,
  },
  limits: [
    {
      where: 'startEnvelope',
      cases: ['answer-of-another-request@1', 'answer-of-another-request@4'],
      why: sameAnswer,
    },
    {
      where: 'startEnvelope',
      cases: ['empty@2', 'truncated@2', 'twice-in-one@2', 'slow-drip-of-body@2'],
      why: 'the storage says 200 with the digest in a header and no body: half of nothing, or nothing twice, is genuine',
    },
    {
      where: 'queryEnvelope',
      cases: ['answer-of-another-request'],
      why: 'the list of tasks is the same whichever envelope is looked for: an earlier list is a right answer',
    },
    {
      where: 'readEnvelope',
      cases: ['answer-of-another-request@1'],
      why: 'the list of tasks is the same whichever envelope is looked for: an earlier list is a right answer',
    },
    {
      where: 'fetchDocuments',
      cases: ['answer-of-another-request'],
      why: 'a signed file that is not what was sent is refused for good, on purpose (DOC_HASH_CHANGED): people must look',
    },
    { where: 'startEnvelope', cases: ['certificate-of-an-authority@1'], why: sameRoad },
    { where: 'fetchDocuments', cases: ['certificate-of-an-authority@1'], why: sameRoad },
    { where: 'fillTemplate', cases: ['certificate-of-an-authority@2'], why: sameRoad },
    {
      where: 'checkAuthority',
      cases: ['answer-of-another-request@3'],
      why: 'a person is found by telephone, and who has it now may be somebody else: another identity is a right answer',
    },
    {
      where: 'checkAuthority',
      cases: ['answer-of-another-request@5', 'answer-of-another-request@6'],
      why: sameAnswer,
    },
    { where: 'fillTemplate', cases: ['answer-of-another-request@2', 'answer-of-another-request@3'], why: sameAnswer },
  ],
  bugs: {
    'sends-again': sendsAgain,
    'trusts-the-body': {
      what: 'takes an event as it comes: signs it itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }: Wire) => {
            const posted = { ...inbound } as unknown as Posted;
            const { headers } = signEvent(posted, { keys: { 'appSecret.txt': keys.secret('appSecret') } });
            return { ...inbound, headers };
          },
        }),
    },
    'creates-again-on-a-lapsed-token': {
      what: 'creates the task again by itself after any failure, as if the token had lapsed',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            try {
              return await act(request, wire);
            } catch (thrown) {
              if (operation !== 'startEnvelope' || !isFailure(thrown)) throw thrown;
              return act(request, wire);
            }
          },
        }),
    },
    'silence-is-nobody': silenceIsNobody,
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
