/** Electronic signature (电子签约) by e签宝: answers are not signed, an envelope is five requests, links lead to storage. */
import { createHmac } from 'node:crypto';
import { tsignDialect } from '../../../adapters/esign/dialects/tsign.ts';
import { contract as original, document, envelope as given } from '../../../adapters/esign/envelope.fixture.ts';
import { esign } from '../../../contracts/esign/esign.ts';
import { esignTsign } from '../../../sandbox/esign/tsign.twin.ts';
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
import { sixDigits, tells, valueAt } from '../telling.ts';
import {
  authorisedWhen,
  authorityAsked,
  dataOf,
  everyIn,
  fillAsked,
  knownWhen,
  sealTypeIs,
  silenceIsNobody,
} from './esign-extras.case.ts';

const signature = 'x-tsign-open-signature';
const timeHeader = 'x-tsign-open-timestamp';
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

/** Both sign; the end of the flow is told a minute later. */
async function finished(ground: Ground, turn: number): Promise<string> {
  const flowId = await started(ground, turn);
  for (const signer of [0, 1]) await ground.act('sign', { flowId, signer });
  ground.bench.clock.set({ advanceMs: aMinuteMs });
  return flowId;
}

const both = async (ground: Ground, make: (ground: Ground, turn: number) => Promise<string>) => [
  await make(ground, 1),
  await make(ground, 2),
];

const byNumber = (make: (ground: Ground, turn: number) => Promise<string>) => async (ground: Ground) => {
  await both(ground, make);
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  const timestamp = String(Date.now() - (how.ageMs ?? 0));
  const query = new URLSearchParams(posted.path.split('?')[1]);
  const values = [...query.keys()].sort().map((key) => query.get(key) ?? '');
  const mac = createHmac('sha256', how.keys['appSecret.txt'] ?? '')
    .update(timestamp + values.join(''))
    .update(body);
  return { ...posted, body, headers: { ...posted.headers, [timeHeader]: timestamp, [signature]: mac.digest('hex') } };
}

const dataEdited = (answer: Answer, edit: (data: object) => object): Answer => ({
  ...answer,
  body: edited(answer.body, (fields) => ({ ...fields, data: edit(fields['data'] ?? {}) })),
});

const telling = (action: string, flowId: string) => (posted: Posted) =>
  posted.body.includes(`"${action}"`) && posted.body.includes(flowId);

export const subject = subjectOf({
  kind: esign,
  vendor: 'tsign',
  dialect: tsignDialect,
  twin: esignTsign,
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => withHeader(posted, signature, flipped(posted.headers[signature] ?? '')),
    strip: (posted) => withHeader(posted, signature, undefined),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 24 * 3_600_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"code":"200"'),
  operations: {
    startEnvelope: {
      steps: [{ kind: 'prepare' }, { kind: 'prepare', link: true }, { kind: 'prepare' }, { kind: 'effect' }],
      ready: async () => envelope,
      effect: 'started',
    },
    queryEnvelope: { steps: [{ kind: 'read' }, { kind: 'read' }], ready: byNumber(started) },
    readEnvelope: { steps: [{ kind: 'read' }, { kind: 'read' }], ready: byNumber(finished) },
    fetchDocuments: {
      steps: [{ kind: 'read' }, { kind: 'read', link: true }],
      ready: async (ground: Ground) => {
        const flows = await both(ground, finished);
        return (turn: number) => {
          const which = 1 + (turn % 2);
          const { fileName, sha256 } = document(fileOf(which));
          return { vendorFlowId: flows[which - 1], documents: [{ fileName, sha256 }] };
        };
      },
    },
    checkAuthority: {
      steps: [{ kind: 'read' }, { kind: 'read' }, { kind: 'read' }, { kind: 'read' }],
      ready: async () => authorityAsked,
    },
    fillTemplate: {
      steps: [{ kind: 'read' }, { kind: 'read' }, { kind: 'read' }, { kind: 'read', link: true }],
      ready: async () => fillAsked('7d3f0c5a9b1e4862a4c7e8f90b2d6135', '1b8e52d7c40f4a3e9d6a7f01c2b3e4d5'),
    },
  },
  notices: {
    signerActed: {
      cause: async (ground: Ground, turn: number) => {
        const flowId = await started(ground, turn);
        await ground.act('sign', { flowId, signer: 0 });
        return telling('SIGN_MISSON_COMPLETE', flowId);
      },
    },
    envelopeFinished: {
      cause: async (ground: Ground, turn: number) => telling('SIGN_FLOW_COMPLETE', await finished(ground, turn)),
      poll: {
        operation: 'readEnvelope',
        request: (message: unknown) => ({ no: (message as { envelopeNo: string }).envelopeNo }),
      },
    },
  },
  tables: {
    'esign.tsign.refusal': {
      by: 'answer',
      operation: 'startEnvelope',
      step: 3,
      give: (code, genuine) => ({
        ...genuine,
        body: Buffer.from(JSON.stringify({ code: Number(code), message: 'no', data: null })),
      }),
      unmapped: '1439999',
    },
    'esign.tsign.flow-status': {
      by: 'answer',
      operation: 'readEnvelope',
      step: 1,
      give: (code, genuine) => dataEdited(genuine, (data) => ({ ...data, signFlowStatus: Number(code) })),
      wrong: (outcome, row) =>
        row === 'signing' ? tells('outcome', () => 'pending')(outcome, row) : tells('response.status')(outcome, row),
      unmapped: '4',
    },
    'esign.tsign.realname-status': {
      by: 'answer',
      operation: 'checkAuthority',
      step: 0,
      give: (code, genuine) => dataOf({ realnameStatus: Number(code) })(genuine),
      wrong: knownWhen('companyUnknown'),
      unmapped: '2',
    },
    'esign.tsign.grant-status': {
      by: 'answer',
      operation: 'checkAuthority',
      step: 2,
      give: (code, genuine) => everyIn('sealAuthorizedInfos', { authorizeStatus: Number(code) })(genuine),
      wrong: authorisedWhen('live'),
      unmapped: '2',
    },
    'esign.tsign.seal-status': {
      by: 'answer',
      operation: 'checkAuthority',
      step: 3,
      give: (code, genuine) => everyIn('seals', { sealStatus: Number(code) })(genuine),
      wrong: authorisedWhen('inUse'),
      unmapped: '5',
    },
    'esign.tsign.seal-type': {
      by: 'answer',
      operation: 'checkAuthority',
      step: 3,
      give: (code, genuine) => everyIn('seals', { sealBizType: code })(genuine),
      wrong: sealTypeIs,
      unmapped: 'CROSS_PAGE',
    },
    'esign.tsign.sign-result': {
      by: 'notice',
      noticeOf: () => 'signerActed',
      give: (code, posted) => edited(posted.body, (fields) => ({ ...fields, signResult: Number(code) })),
      wrong: (fact, row) => (valueAt(fact?.message, 'result') === row ? undefined : 'is another result, or no fact'),
      unmapped: '3',
    },
  },
  limits: [
    {
      where: 'startEnvelope',
      cases: ['answer-of-another-request@2', 'answer-of-another-request@3', 'answer-of-another-request@4'],
      why: 'e签宝 signs no answer, and these name nothing that was asked: only TLS binds them to their request',
    },
    {
      where: 'queryEnvelope',
      cases: ['answer-of-another-request@1'],
      why: 'the list of flows is the same whichever envelope is looked for: an earlier list is a right answer',
    },
    {
      where: 'readEnvelope',
      cases: ['answer-of-another-request@1'],
      why: 'the list of flows is the same whichever envelope is looked for: an earlier list is a right answer',
    },
    {
      where: 'fetchDocuments',
      cases: ['answer-of-another-request'],
      why: 'a signed file that is not what was sent is refused for good, on purpose (DOC_HASH_CHANGED): people must look',
    },
    {
      where: 'startEnvelope',
      cases: ['certificate-of-an-authority@1'],
      why: 'the link in the answer names the road of its own request, and only this one request takes that road here',
    },
    {
      where: 'fetchDocuments',
      cases: ['certificate-of-an-authority@1'],
      why: 'the link in the answer names the road of its own request, and only this one request takes that road here',
    },
    {
      where: 'fillTemplate',
      cases: ['certificate-of-an-authority@3'],
      why: 'the link in the answer names the road of its own request, and only this one request takes that road here',
    },
  ],
  bugs: {
    'sends-again': sendsAgain,
    'believes-any-notice': {
      what: 'signs a callback itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const query = new URLSearchParams(inbound.query).toString();
            const posted = { ...inbound, path: `${inbound.path}?${query}` } as Posted;
            const { headers } = signNotice(posted, { keys: { 'appSecret.txt': keys.secret('appSecret') } });
            return { ...inbound, headers };
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
