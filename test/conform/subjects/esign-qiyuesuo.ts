/** Electronic signature (电子签约) by 契约锁: nothing is signed but the right to call, and a callback is only a hint. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { qiyuesuoDialect } from '../../../adapters/esign/dialects/qiyuesuo.ts';
import { contract as original, document, envelope as given } from '../../../adapters/esign/envelope.fixture.ts';
import { esign } from '../../../contracts/esign/esign.ts';
import { esignQiyuesuo } from '../../../sandbox/esign/qiyuesuo.twin.ts';
import type { Ground } from '../ground.ts';
import {
  changed,
  failureIsNotFound,
  followsRedirects,
  forgetsDeadline,
  sendsAgain,
  unknownIsRefused,
} from '../plants.ts';
import { edited, flipped } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits, tells, valueAt } from '../telling.ts';

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

/** Both sign; the end of the contract is told a minute later. */
async function finished(ground: Ground, turn: number): Promise<string> {
  const contractId = await started(ground, turn);
  for (const signer of [0, 1]) await ground.act('sign', { contractId, signer });
  ground.bench.clock.set({ advanceMs: aMinuteMs });
  return contractId;
}

async function both(ground: Ground, make: (ground: Ground, turn: number) => Promise<string>): Promise<string[]> {
  // A callback that came through would ask the vendor, and take the place of the request that a case wants to break.
  ground.holdPosts();
  return [await make(ground, 1), await make(ground, 2)];
}

const byNumber = (make: (ground: Ground, turn: number) => Promise<string>) => async (ground: Ground) => {
  await both(ground, make);
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

const keyOf = (keys: TwinKeys) => keys['callbackKey.txt'] ?? '';
const formOf = (body: Buffer) => new URLSearchParams(body.toString('latin1'));

function opened(body: Buffer, keys: TwinKeys): Buffer {
  const cipher = createDecipheriv('aes-128-ecb', keyOf(keys), null).setAutoPadding(false);
  const plain = Buffer.concat([cipher.update(formOf(body).get('content') ?? '', 'base64'), cipher.final()]);
  return Buffer.from(plain.toString('latin1').replace(/\0+$/, ''), 'latin1');
}

function sealedForm(plain: Buffer, keys: TwinKeys, timestamp: string): Buffer {
  const blocks = Buffer.concat([plain, Buffer.alloc((16 - (plain.length % 16)) % 16)]);
  const cipher = createCipheriv('aes-128-ecb', keyOf(keys), null).setAutoPadding(false);
  const content = Buffer.concat([cipher.update(blocks), cipher.final()]).toString('base64');
  const signature = createHash('md5')
    .update(timestamp + keyOf(keys))
    .digest('hex');
  return Buffer.from(new URLSearchParams({ signature, timestamp, content }).toString());
}

/** The content is what the vendor says; a body that is given stands in its place, under the key. */
function signCallback(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const timestamp = String(Date.now() - (how.ageMs ?? 0));
  const given = how.body ?? posted.body;
  const isForm = given.equals(posted.body);
  // The one who signs is not always the one who sealed what is posted: its own key opens it.
  const plain = isForm ? (plainOf.get(posted) ?? Buffer.from('{}')) : given;
  return { ...posted, body: sealedForm(plain, how.keys, timestamp) };
}

/** What a post says, and where it is about; kept when it is seen first. */
const plainOf = new WeakMap<Posted, Buffer>();
const groundOf = new WeakMap<Posted, Ground>();

const telling = (ground: Ground, type: string, contractId: string) => (posted: Posted) => {
  const plain = opened(posted.body, ground.keys.twin);
  plainOf.set(posted, plain);
  groundOf.set(posted, ground);
  return plain.includes(`"${type}"`) && plain.includes(contractId);
};

function withField(posted: Posted, name: string, edit: (value: string) => string | undefined): Posted {
  const form = formOf(posted.body);
  const value = edit(form.get(name) ?? '');
  if (value === undefined) form.delete(name);
  else form.set(name, value);
  return { ...posted, body: Buffer.from(form.toString()) };
}

const resultEdited = (answer: Answer, edit: (result: object) => object): Answer => ({
  ...answer,
  body: edited(answer.body, (fields) => ({ ...fields, result: edit(fields['result'] ?? {}) })),
});

export const subject = subjectOf({
  kind: esign,
  vendor: 'qiyuesuo',
  dialect: qiyuesuoDialect,
  twin: esignQiyuesuo,
  noticeSeal: {
    sign: signCallback,
    flip: (posted) => withField(posted, 'signature', flipped),
    strip: (posted) => withField(posted, 'signature', () => undefined),
    alter: (posted) => withField(posted, 'content', flipped),
    windowMs: 48 * 3_600_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"code":0'),
  operations: {
    startEnvelope: {
      steps: [{ kind: 'prepare' }, { kind: 'prepare' }, { kind: 'prepare' }, { kind: 'effect' }],
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
  notices: {
    signerActed: {
      cause: async (ground: Ground, turn: number) => {
        const contractId = await started(ground, turn);
        await ground.act('sign', { contractId, signer: 0 });
        return telling(ground, 'SIGN', contractId);
      },
    },
    envelopeFinished: {
      cause: async (ground: Ground, turn: number) => telling(ground, 'COMPLETE', await finished(ground, turn)),
      poll: {
        operation: 'readEnvelope',
        request: (message: unknown) => ({ no: (message as { envelopeNo: string }).envelopeNo }),
      },
    },
  },
  tables: {
    'esign.qiyuesuo.refusal': {
      by: 'answer',
      operation: 'startEnvelope',
      step: 3,
      give: (code, genuine) => ({
        ...genuine,
        body: Buffer.from(JSON.stringify({ code: Number(code), responseCode: code, message: 'no' })),
      }),
      unmapped: '1999',
    },
    'esign.qiyuesuo.contract-status': {
      by: 'answer',
      operation: 'readEnvelope',
      give: (code, genuine) => resultEdited(genuine, (result) => ({ ...result, status: code })),
      wrong: (outcome, row) => {
        if (row === 'signing') return tells('outcome', () => 'pending')(outcome, row);
        if (row === 'draft') return tells('outcome', () => 'notFound')(outcome, row);
        return tells('response.status')(outcome, row);
      },
      unmapped: 'PAUSED',
    },
    'esign.qiyuesuo.signatory-status': {
      by: 'notice',
      noticeOf: () => 'signerActed',
      give: async (code, posted) => {
        const { contractId, tenantName } = JSON.parse(plainOf.get(posted)?.toString() ?? '{}') as Record<
          string,
          string
        >;
        await groundOf.get(posted)?.act('show', { contractId, tenantName, status: code });
        return posted.body;
      },
      wrong: (fact, row) => {
        const result = fact && valueAt(fact.message, 'result');
        return result === (row === 'waiting' ? undefined : row) ? undefined : `is ${String(result)}`;
      },
      unmapped: 'VANISHED',
    },
  },
  limits: [
    {
      where: 'startEnvelope',
      cases: ['answer-of-another-request@4'],
      why: '契约锁 signs no answer, and this one says "success" and nothing else: only TLS binds it to its request',
    },
    {
      where: 'fetchDocuments',
      cases: ['answer-of-another-request@2'],
      why: 'a signed file that is not what was sent is refused for good, on purpose (DOC_HASH_CHANGED): people must look',
    },
  ],
  bugs: {
    'sends-again': sendsAgain,
    'believes-the-callback': {
      what: 'opens a callback with its own key whoever sent it: it seals the content itself first',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const form = formOf(inbound.body);
            const key = { 'callbackKey.txt': keys.secret('callbackKey') };
            const timestamp = String(Date.now());
            const plain = form.has('content') ? opened(inbound.body, key) : Buffer.from('{}');
            return { ...inbound, body: sealedForm(plain, key, timestamp) };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
