/** Face verification (人脸核身) by Tencent Cloud: answers are not signed; our number comes back with the result. */
import { faceidDialect } from '../../../adapters/identity/dialects/faceid.ts';
import { identity } from '../../../contracts/identity/identity.ts';
import { identityFaceid } from '../../../sandbox/identity/faceid.twin.ts';
import { dealers } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited } from '../sealing.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const [dealer] = dealers;
const check = (turn: number) => ({
  requestNo: sixDigits('FACE', turn),
  person: { name: dealer?.agent.name ?? '', idNo: dealer?.agent.idNo ?? '' },
  purpose: '签署质押合同前核验经办人',
  redirect: 'https://hub.example/faces/done',
});

/** The vendor's own answer with another code in it. */
const saying = (code: string, genuine: Answer): Answer => ({
  ...genuine,
  body: edited(genuine.body, ({ Response: response }) => ({
    Response: Object.assign({}, response, { Text: Object.assign({}, response?.['Text'], { ErrCode: Number(code) }) }),
  })),
});

const refusing = (code: string, genuine: Answer): Answer => ({
  ...genuine,
  body: edited(genuine.body, ({ Response: response }) => ({
    Response: { Error: { Code: code, Message: 'no' }, RequestId: response?.['RequestId'] },
  })),
});

const failureOr =
  (states: Readonly<Record<string, string>>) => (outcome: Parameters<typeof enquiryIs>[0], row: unknown) => {
    const state = states[String(row)];
    if (state !== undefined) return enquiryIs(outcome, state);
    return outcome.outcome !== 'confirmed' && outcome.code === row ? undefined : `is not ${String(row)}`;
  };

export const subject = subjectOf({
  kind: identity,
  vendor: 'faceid',
  dialect: faceidDialect,
  twin: identityFaceid,
  operations: {
    startFaceCheck: { ready: async () => check, volatile: ['token', 'url', 'expiresAt'] },
    readFaceCheck: {
      ready: async (ground: Ground) => {
        const asked: object[] = [];
        for (const turn of [1, 2]) {
          const { requestNo, token }: { requestNo: string; token: string } = await ground.confirmed(
            'startFaceCheck',
            check(turn),
          );
          await ground.act('look', { token });
          asked.push({ requestNo, token });
        }
        return (turn: number) => asked[turn % 2] ?? {};
      },
    },
  },
  notices: {},
  tables: {
    'identity.faceid.result': {
      by: 'answer',
      operation: 'readFaceCheck',
      give: saying,
      wrong: tells('response.result'),
      unmapped: '7777',
    },
    'identity.faceid.state': {
      by: 'answer',
      operation: 'readFaceCheck',
      give: saying,
      wrong: failureOr({ pending: 'pending', expired: 'refused' }),
      unmapped: '9',
    },
    'identity.faceid.error': {
      by: 'answer',
      operation: 'readFaceCheck',
      give: refusing,
      wrong: failureOr({ notFound: 'notFound', expired: 'refused' }),
      unmapped: 'FailedOperation.NobodyKnows',
    },
  },
  limits: [
    {
      where: 'startFaceCheck',
      cases: ['answer-of-another-request'],
      why:
        'the answer is not signed and names nothing of its request: TLS alone binds it. A link that was taken for another ' +
        'is no harm: the result bears our number and a digest of the person, and readFaceCheck believes neither of others',
    },
  ],
  bugs: {
    'believes-any-result': {
      what: 'does not hold the number in the result against the check that was asked about',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => (request, wire) => {
            const { requestNo } = request as { requestNo: string };
            const meant = sending((send) => async (asked) => {
              const answer = await send(asked);
              const text = answer.body.toString('latin1').replace(/"Extra":"[^" ]*/, () => `"Extra":"${requestNo}`);
              return { ...answer, body: Buffer.from(text, 'latin1') };
            });
            return act(request, operation === 'readFaceCheck' ? meant(wire) : wire);
          },
        }),
    },
    'no-is-passed': {
      what: 'takes every result for a yes',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            return { ...answer, body: Buffer.from(answer.body.toString().replace(/"ErrCode":\d+/, '"ErrCode":0')) };
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
