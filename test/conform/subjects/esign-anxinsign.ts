/** Electronic signature (电子签约) by CFCA 安心签: requests carry a CMS, answers carry nothing, and it never calls. */
import { anxinsignDialect } from '../../../adapters/esign/dialects/anxinsign.ts';
import { contract as original, document, envelope as given } from '../../../adapters/esign/envelope.fixture.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { esign } from '../../../contracts/esign/esign.ts';
import { esignAnxinsign } from '../../../sandbox/esign/anxinsign.twin.ts';
import type { Ground } from '../ground.ts';
import {
  changed,
  failureIsNotFound,
  followsRedirects,
  forgetsDeadline,
  sending,
  sendsAgain,
  unknownIsRefused,
} from '../plants.ts';
import { edited } from '../sealing.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { sixDigits, tells } from '../telling.ts';

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

async function finished(ground: Ground, turn: number): Promise<string> {
  const contractNo = await started(ground, turn);
  for (const signer of [0, 1]) await ground.act('sign', { contractNo, signer });
  return contractNo;
}

const both = async (ground: Ground, make: (ground: Ground, turn: number) => Promise<string>) => [
  await make(ground, 1),
  await make(ground, 2),
];

const byNumber = (make: (ground: Ground, turn: number) => Promise<string>) => async (ground: Ground) => {
  await both(ground, make);
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

/** The contract as it is shown, with another state. */
const inState = (code: string, genuine: Answer): Answer => ({
  ...genuine,
  body: edited(genuine.body, (fields) => ({
    ...fields,
    contract: (fields['contract'] as unknown as object[]).map((each) => ({ ...each, contractState: Number(code) })),
  })),
});

const oneList = 'the list of contracts is the same whichever envelope is looked for: an earlier list is a right answer';
const oneAccount = 'the same company has the same account in every answer: an earlier one is a right answer';

export const subject = subjectOf({
  kind: esign,
  vendor: 'anxinsign',
  dialect: anxinsignDialect,
  twin: esignAnxinsign,
  operations: {
    startEnvelope: {
      steps: [{ kind: 'prepare' }, { kind: 'prepare' }, { kind: 'effect' }],
      ready: async () => envelope,
      effect: 'started',
    },
    queryEnvelope: { ready: byNumber(started) },
    readEnvelope: { ready: byNumber(finished) },
    fetchDocuments: {
      steps: [{ kind: 'read' }, { kind: 'read' }],
      ready: async (ground: Ground) => {
        const contracts = await both(ground, finished);
        return (turn: number) => {
          const which = 1 + (turn % 2);
          const { fileName, sha256 } = document(fileOf(which));
          return { vendorFlowId: contracts[which - 1], documents: [{ fileName, sha256 }] };
        };
      },
    },
  },
  notices: {},
  tables: {
    'esign.anxinsign.refusal': {
      by: 'answer',
      operation: 'startEnvelope',
      step: 2,
      give: (code, genuine) => ({
        ...genuine,
        body: Buffer.from(JSON.stringify({ errorCode: code, errorMessage: 'no' })),
      }),
      unmapped: '60039999',
    },
    'esign.anxinsign.contract-state': {
      by: 'answer',
      operation: 'readEnvelope',
      give: inState,
      wrong: (outcome, row) =>
        row === 'signing' ? tells('outcome', () => 'pending')(outcome, row) : tells('response.status')(outcome, row),
      unmapped: '9',
    },
  },
  limits: [
    {
      where: 'startEnvelope',
      cases: ['answer-of-another-request@1', 'answer-of-another-request@2'],
      why: oneAccount,
    },
    { where: 'queryEnvelope', cases: ['answer-of-another-request'], why: oneList },
    { where: 'readEnvelope', cases: ['answer-of-another-request'], why: oneList },
    {
      where: 'fetchDocuments',
      cases: ['answer-of-another-request@2'],
      why: 'a signed file that is not what was sent is refused for good, on purpose (DOC_HASH_CHANGED): people must look',
    },
  ],
  bugs: {
    'sends-again': sendsAgain,
    'uploads-again': {
      what: 'uploads the contract again by itself when the upload failed, since the vendor has no number to find it by',
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
    'reads-no-second-page': {
      what: 'takes the first page of the list for all of it',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            if (!request.path.includes('/txCode/3299/')) return answer;
            const body = edited(answer.body, (fields) => ({
              ...fields,
              contract: (fields['contract'] as unknown as object[]).slice(0, 1),
            }));
            return { ...answer, body };
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
