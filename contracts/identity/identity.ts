/**
 * Face verification (人脸核身): a person looks into the camera of his own telephone, and the vendor says whether that is a
 * living person and the one whose name and identity number the hub gave.
 *
 * The vendor is asked: there is no notice. A redirect comes through the person's own browser, who may write into it what he
 * likes; it only says that it may be worth asking now.
 */
import { Type } from 'typebox';
import { IdNo, Instant, PersonName, Sha256Hex, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, operation } from '../kind.ts';

/** Whoever holds it can go through the check in the person's place as far as the camera, and read what came of it. */
const Token = Type.String({
  pattern: '^[0-9A-Za-z-]{8,64}$',
  maxLength: 64,
  'x-pii': 'secret',
  examples: ['CF742D11-BD49'],
});
const WebAddress = Type.String({
  pattern: '^https://[\\x21-\\x7e]{4,1000}$',
  maxLength: 1_008,
  examples: ['https://hub.example/faces/1'],
});
/** Out of a hundred, as a text: `97.70`. */
const Score = Type.String({ pattern: '^(100\\.00|\\d{1,2}\\.\\d{2})$', maxLength: 6, examples: ['97.70'] });

export const FaceCheck = contract(
  'identity/face-check',
  strict({
    requestNo: ShortText,
    person: strict({ name: PersonName, idNo: IdNo }),
    /** Why he is asked: it is shown to whoever looks at the case. */
    purpose: Type.String({ minLength: 1, maxLength: 120, pattern: '^\\P{Cc}+$' }),
    /** Where his browser goes afterwards. */
    redirect: WebAddress,
  }),
);

/** Only the person himself gets to see the address. */
const FaceCheckStarted = contract(
  'identity/face-check-started',
  strict({
    requestNo: ShortText,
    token: Token,
    url: Type.String({ ...WebAddress, 'x-pii': 'secret' }),
    expiresAt: Instant,
  }),
);

/** By the vendor's token: no vendor finds a check by our number. */
export const FaceCheckQuestion = contract(
  'identity/face-check-question',
  strict({ requestNo: ShortText, token: Token }),
);

/**
 * What was found. None but `passed` is a yes, and none of the others means the same:
 * - `notSamePerson`: a living person, and not the one of the identity card;
 * - `notLive`: a photograph, a screen, a mask;
 * - `identityMismatch`: name and identity number do not belong together;
 * - `noReference`: the authority has no picture to compare with; another way is needed;
 * - `notJudged`: darkness, noise, two faces, a bad line: he may try again;
 * - `tooManyTries`: he did, too often.
 */
const Result = Type.Enum([
  'passed',
  'notSamePerson',
  'notLive',
  'identityMismatch',
  'noReference',
  'notJudged',
  'tooManyTries',
]);

/** As long as the token is valid, a later try may change what is not `passed`. */
const FaceCheckResult = contract(
  'identity/face-check-result',
  strict({
    requestNo: ShortText,
    result: Result,
    /** How alike the two faces are. */
    similarity: Type.Optional(Score),
    /** How sure it is that the person lives, where the vendor gives a figure. */
    livenessScore: Type.Optional(Score),
    /** The picture itself is never kept, in no message and in no record of one. */
    imageSha256: Type.Optional(Sha256Hex),
    charged: Type.Boolean(),
    checkedAt: Instant,
    serialNo: ShortText,
  }),
);

export const identity = kind(
  'identity',
  {
    /** Starting again yields another link; one that nobody uses ends by itself and costs nothing: nothing is to be protected. */
    startFaceCheck: operation({
      request: FaceCheck,
      response: FaceCheckStarted,
      effect: 'read',
      label: { zh: '发起人脸核身', en: 'start face check' },
    }),
    readFaceCheck: operation({
      request: FaceCheckQuestion,
      response: enquiry(FaceCheckResult),
      effect: 'read',
      label: { zh: '查询人脸核身结果', en: 'read face check' },
    }),
  },
  {},
);
