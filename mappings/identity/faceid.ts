/** Canonical face verification (人脸核身) to and from Tencent Cloud faceid: the result codes, what each says of the person, what is charged. */
import { createHash } from 'node:crypto';
import type { Static } from 'typebox';
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { FaceidFound, FaceidRead, FaceidStart, FaceidStartedNow } from '../../contracts/identity/faceid.wire.ts';
import { FaceCheck, FaceCheckQuestion, identity } from '../../contracts/identity/identity.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { tencentErrors } from '../codes/tencentErrors.ts';

const pages = 'Tencent Cloud faceid: result codes (213/32309, 1007/31082), whose words tell what each means';

/** `ErrCode`: what was found of the person. Which of them are charged the answer says itself (`IsNeedCharge`). */
export const faceidResults = codeTable('identity.faceid.result', pages, {
  0: 'passed',
  16: 'tooManyTries',
  202: 'notJudged', // The video could not be fetched.
  301: 'identityMismatch', // Another identity card than the one that we named.
  302: 'identityMismatch', // The identity card has expired.
  303: 'notJudged',
  1002: 'notLive',
  1003: 'notJudged',
  1004: 'notJudged',
  1005: 'notJudged',
  1007: 'notJudged',
  1008: 'notJudged',
  1101: 'notJudged', // 1101 to 1109: the digits that were read out.
  1102: 'notJudged',
  1103: 'notJudged',
  1104: 'notJudged',
  1105: 'notJudged',
  1106: 'notJudged',
  1107: 'notJudged',
  1108: 'notJudged',
  1109: 'notJudged',
  1201: 'notJudged', // 1201 to 1205: light and distance.
  1202: 'notJudged',
  1203: 'notJudged',
  1204: 'notJudged',
  1205: 'notJudged',
  1301: 'notLive',
  1302: 'notJudged',
  1303: 'notJudged',
  2002: 'identityMismatch',
  2003: 'identityMismatch',
  2004: 'notJudged',
  2005: 'noReference',
  2006: 'identityMismatch',
  2007: 'noReference',
  2008: 'noReference',
  2009: 'noReference', // The authority's picture is too small to compare with.
  2010: 'notJudged',
  2011: 'notLive',
  2012: 'notJudged', // More than one face.
  2013: 'notJudged',
  2014: 'notJudged',
  2015: 'notSamePerson',
  2016: 'notSamePerson', // Below the threshold.
});

/** `ErrCode`: nothing was found of the person. */
export const faceidStates = codeTable('identity.faceid.state', pages, {
  1: 'SYSTEM_REFUSED', // 1 to 3: we called it wrongly.
  2: 'SYSTEM_REFUSED',
  3: 'SYSTEM_REFUSED',
  4: 'IDV_CHANNEL',
  8: 'IDV_CHANNEL',
  10: 'IDV_CHANNEL',
  12: 'IDV_CHANNEL',
  13: 'IDV_CHANNEL',
  14: 'OUTCOME_UNKNOWN', // "Done already", and not with what result.
  15: 'expired',
  17: 'pending',
  201: 'IDV_CHANNEL',
  203: 'SYSTEM_REFUSED',
  204: 'SYSTEM_REFUSED',
  1001: 'IDV_CHANNEL',
  1006: 'IDV_CHANNEL',
  2001: 'IDV_CHANNEL',
  2017: 'IDV_CHANNEL', // The authority is being changed.
} satisfies Record<string, FailureCode | 'expired' | 'pending'>);

/** `Response.Error.Code`: of the call itself. */
export const faceidErrors = codeTable(
  'identity.faceid.error',
  'Tencent Cloud API 3.0: common errors, and those of faceid',
  {
    ...tencentErrors,
    'AuthFailure.InvalidAuthorization': 'SYSTEM_REFUSED',
    'FailedOperation.StsUnAuthErrError': 'SYSTEM_REFUSED',
    'FailedOperation.UnKnown': 'OUTCOME_UNKNOWN',
    'InvalidParameterValue.BizTokenExpired': 'expired', // Three days after it was made.
    'InvalidParameterValue.BizTokenIllegal': 'notFound',
    'InvalidParameterValue.RuleIdDisabled': 'SYSTEM_REFUSED',
    'InvalidParameterValue.RuleIdNotExist': 'SYSTEM_REFUSED',
    OperationDenied: 'SYSTEM_REFUSED',
    'UnauthorizedOperation.ActivateError': 'SYSTEM_REFUSED',
    'UnauthorizedOperation.Activating': 'SYSTEM_REFUSED',
    'UnauthorizedOperation.Arrears': 'SYSTEM_REFUSED',
    'UnauthorizedOperation.ChargeStatusException': 'SYSTEM_REFUSED',
    'UnauthorizedOperation.NonAuthorize': 'SYSTEM_REFUSED',
    'UnauthorizedOperation.Nonactivated': 'SYSTEM_REFUSED',
  } satisfies Record<string, FailureCode | 'expired' | 'notFound'>,
);

/** Comes back in `Extra` beside our number, to be held against the person who was before the camera. */
export function personDigest({ name, idNo }: Message<typeof FaceCheck>['person']): string {
  return createHash('sha256').update(`${idNo}\n${name}`).digest('hex');
}

export const faceStartOf = mapping(
  'identity.faceid.start',
  FaceCheck,
  FaceidStart,
  ({ requestNo, person, redirect }) => ({
    IdCard: person.idNo,
    Name: person.name,
    RedirectUrl: redirect,
    Extra: `${requestNo} ${personDigest(person)}`,
  }),
  { drops: { '/purpose': 'for those who look at the case; this vendor takes none' } },
);

export const faceStartedOf = mapping(
  'identity.faceid.started',
  FaceidStartedNow,
  identity.operations.startFaceCheck.response,
  ({ requestNo, expiresAt, answer }) => ({ requestNo, token: answer.BizToken, url: answer.Url, expiresAt }),
);

export const faceReadOf = mapping(
  'identity.faceid.read',
  FaceCheckQuestion,
  FaceidRead,
  ({ token }) => ({ BizToken: token, InfoType: '13' as const }),
  { drops: { '/requestNo': 'the dialect holds it against the answer' } },
);

type Enquiry = Static<typeof identity.operations.readFaceCheck.response.schema>;

/** What became of a check. @throws Failure as `faceidStates` says; EXT_CODE_UNMAPPED (unknown) for a code that is in neither table */
export const faceEnquiryOf = mapping(
  'identity.faceid.enquiry',
  FaceidFound,
  identity.operations.readFaceCheck.response,
  ({ Text: text, imageSha256 }): Enquiry => {
    const code = text?.ErrCode;
    if (text === undefined || code === undefined) return { outcome: 'pending' };
    const result = faceidResults.find(code);
    if (result === undefined) return stateOf(code, text.ErrMsg ?? '');
    const last = text.LivenessDetail?.at(-1);
    if (last === undefined || text.Extra === undefined)
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: 'a result without a try or without its request',
        externalCode: String(code),
      });
    const [requestNo = ''] = text.Extra.split(/ (?=[0-9a-f]{64}$)/);
    return {
      outcome: 'confirmed',
      response: {
        requestNo,
        result,
        ...(text.Sim === undefined ? {} : { similarity: scoreOf(text.Sim) }),
        ...(imageSha256 === undefined ? {} : { imageSha256 }),
        charged: (text.LivenessDetail ?? []).some(({ IsNeedCharge }) => IsNeedCharge === true),
        checkedAt: new Date(Number(last.ReqTime)).toISOString(),
        serialNo: last.Seq,
      },
    };
  },
  {
    drops: {
      '/Text/IdCard': 'the dialect holds it against the person whom we meant',
      '/Text/Name': 'the dialect holds it against the person whom we meant',
    },
    leaves: { '/<outcome=notFound>': 'an unknown token is an error of the call, which the dialect reads' },
  },
);

/** An error of the question itself, as the enquiry has it. @throws Failure */
export function faceErrorOf(code: string, words: string): Enquiry {
  const found = faceidErrors.find(code) ?? 'EXT_CODE_UNMAPPED';
  if (found === 'notFound') return { outcome: 'notFound' };
  if (found === 'expired') return expired(code);
  throw new Failure(found, { detail: `${code} ${plain(words)}`, externalCode: code });
}

function stateOf(code: number, words: string): Enquiry {
  const state = faceidStates.find(code) ?? 'EXT_CODE_UNMAPPED';
  if (state === 'pending') return { outcome: 'pending' };
  if (state === 'expired') return expired(String(code));
  throw new Failure(state, { detail: `${code} ${plain(words)}`, externalCode: String(code) });
}

function expired(code: string): Enquiry {
  return { outcome: 'refused', code: 'DEADLINE_PASSED', detail: `${code}: the link has expired` };
}

/** `97.7` and `100` with their two decimals; more of them are cut, never rounded up. */
function scoreOf(sim: string): string {
  const [, whole, decimals = ''] = /^(100|\d{1,2})(?:\.(\d{1,4}))?$/.exec(sim) ?? [];
  if (whole === undefined)
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the similarity is no number out of a hundred' });
  return `${whole}.${decimals.padEnd(2, '0').slice(0, 2)}`;
}

const shownChars = 200;

function plain(words: string): string {
  return words.slice(0, shownChars).replaceAll(/\p{Cc}/gu, ' ');
}
