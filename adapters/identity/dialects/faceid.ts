/**
 * The `faceid` dialect: face verification by Tencent Cloud. DetectAuth hands out a link for the person, GetDetectInfoEnhanced
 * tells what came of it. The token alone proves nothing of the person: our number and a digest of him travel in `Extra`, come
 * back with the result, and are held against the request and against whoever was before the camera.
 */
import { createHash } from 'node:crypto';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { FaceidFound, FaceidStarted } from '../../../contracts/identity/faceid.wire.ts';
import type { identity } from '../../../contracts/identity/identity.ts';
import type { Contract, Message } from '../../../contracts/contract.ts';
import {
  faceEnquiryOf,
  faceErrorOf,
  faceReadOf,
  faceStartedOf,
  faceStartOf,
  personDigest,
} from '../../../mappings/identity/faceid.ts';
import type { Dialect } from '../../adapter.ts';
import { turnOn } from '../../pace.ts';
import { askTencent, type TencentAnswer } from '../../tencent.ts';
import type { Wire } from '../../wire.ts';

/** For so long the link can be used. */
const tokenMs = 7_200_000;
/** The vendor takes a hundred. */
const asksPerSecondMax = 80;

export const faceidDialect: Dialect<typeof identity> = {
  operations: {
    async startFaceCheck(request, wire) {
      const answer = await ask('DetectAuth', faceStartOf(request), wire);
      if (answer.error) {
        faceErrorOf(answer.error.code, answer.error.words);
        throw new Failure('OUTCOME_UNKNOWN', { detail: `${answer.error.code} is no answer to a start` });
      }
      const expiresAt = new Date(wire.now().getTime() + tokenMs).toISOString();
      return faceStartedOf({ requestNo: request.requestNo, expiresAt, answer: checked(FaceidStarted, answer.fields) });
    },

    async readFaceCheck(request, wire) {
      const answer = await ask('GetDetectInfoEnhanced', faceReadOf(request), wire);
      if (answer.error) return faceErrorOf(answer.error.code, answer.error.words);
      const found = checked(FaceidFound, withoutPicture(answer.fields));
      const { Extra: extra } = found.Text ?? {};
      if (extra !== undefined && extra.slice(0, -65) !== request.requestNo) throw another('check');
      const enquiry = faceEnquiryOf(found);
      if (enquiry.outcome === 'confirmed' && enquiry.response.result === 'passed') mustBeMeant(found);
      return enquiry;
    },
  },
};

async function ask(action: string, body: object, wire: Wire): Promise<TencentAnswer> {
  const { ruleId = '', region } = wire.system.settings;
  const call = { service: 'faceid', version: '2018-03-01', action, region, body: { ...body, RuleId: ruleId } } as const;
  await turnOn(wire.system.id, asksPerSecondMax);
  return askTencent({ ...call, kept: withoutPictures }, wire);
}

/** Where the flow lets people type their own number, somebody else may have passed. */
function mustBeMeant({ Text: text }: Message<typeof FaceidFound>): void {
  const { IdCard: idNo, Name: name, Extra: extra = '' } = text ?? {};
  if (idNo === undefined || name === undefined) throw another('person, or of nobody');
  if (personDigest({ idNo, name }) !== extra.slice(-64)) throw another('person');
}

function another(what: string): Failure {
  return new Failure('ANSWER_UNVERIFIED', { detail: `the answer is of another ${what}` });
}

/** Also in the record of the exchange a picture is its digest alone. Works on whatever came, read or not. */
function withoutPictures(answer: Buffer): Buffer {
  const text = answer.toString('latin1');
  return Buffer.from(
    text.replaceAll(/"([A-Za-z0-9+/=]|\\\/){256,}"/g, (picture) => `"sha256 ${digestOf(picture.slice(1, -1))}"`),
    'latin1',
  );
}

function withoutPicture(fields: Readonly<Record<string, unknown>>): object {
  const { BestFrame: frame, ...others } = fields;
  const picture = (frame as { BestFrame?: unknown } | undefined)?.BestFrame;
  return typeof picture === 'string' && picture !== '' ? { ...others, imageSha256: digestOf(picture) } : others;
}

function digestOf(base64: string): string {
  return createHash('sha256')
    .update(Buffer.from(base64.replaceAll('\\', ''), 'base64'))
    .digest('hex');
}

/** What this vendor never answers: what was done is not known. */
function checked<T>(shape: Pick<Contract, 'name'> & { check(value: unknown): T }, fields: unknown): T {
  try {
    return shape.check(fields);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: isFailure(cause) ? cause.message : `the answer is no ${shape.name}`,
      cause,
    });
  }
}
