/** Evidence (存证) by AntChain: one secret signs parameters and answers; taken at once, its transaction known later. */
import { createHash } from 'node:crypto';
import { antchainDialect } from '../../../adapters/evidence/dialects/antchain.ts';
import { signedResponse } from '../../../adapters/evidence/dialects/antchainSignature.ts';
import { evidence } from '../../../contracts/evidence/evidence.ts';
import { envelope, evidenceAntchain } from '../../../sandbox/evidence/antchain.twin.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Asked, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits } from '../telling.ts';

const secretOf = (keys: TwinKeys) => keys['access-key-secret.txt'] ?? '';
const signPattern = /"sign":"([^"]*)"\}$/;

/** The part under the signature, or all of it when there is no envelope. */
function responseIn(body: Buffer): Buffer {
  const [, content] = /^\{"response":([^]*),"sign":"[^"]*"\}$/.exec(body.toString('latin1')) ?? [];
  return content === undefined ? body : Buffer.from(content, 'latin1');
}

const sign = (answer: Answer, _asked: Asked, keys: TwinKeys): Answer => ({
  ...answer,
  body: envelope(responseIn(answer.body), secretOf(keys)),
});

const withSign = (body: Buffer, change: (sign: string) => string): Buffer =>
  Buffer.from(
    body.toString('latin1').replace(signPattern, (_, given: string) => `"sign":"${change(given)}"}`),
    'latin1',
  );

const head = (turn: number) => {
  const anchorNo = sixDigits('EV', turn);
  const digest = (algorithm: string) => createHash(algorithm).update(anchorNo).digest('hex');
  return { anchorNo, headSha256: digest('sha256'), headSm3: digest('sm3'), count: 7 };
};

const saying = (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer => {
  const { req_msg_id: id } = JSON.parse(responseIn(genuine.body).toString()) as { req_msg_id: string };
  const said = { req_msg_id: id, result_code: code, result_msg: 'no' };
  return sign({ ...genuine, body: Buffer.from(JSON.stringify(said)) }, asked, keys);
};

export const subject = subjectOf({
  kind: evidence,
  vendor: 'antchain',
  dialect: antchainDialect,
  twin: evidenceAntchain,
  speed: 3_600, // Blocks take business seconds; nobody but the chain acts.
  answerSeal: {
    sign,
    flip: (answer) => ({ ...answer, body: withSign(answer.body, flipped) }),
    strip: (answer) => ({ ...answer, body: Buffer.from(`{"response":${responseIn(answer.body).toString()}}`) }),
    alter: (answer) => {
      const content = responseIn(answer.body);
      const rest = answer.body.subarray(answer.body.indexOf(content) + content.length);
      return { ...answer, body: Buffer.concat([Buffer.from('{"response":'), otherDigit(content), rest]) };
    },
    borrow: (answer, earlier) => {
      const [, other = ''] = signPattern.exec(earlier.body.toString('latin1')) ?? [];
      return { ...answer, body: withSign(answer.body, () => other) };
    },
  },
  operations: {
    anchor: {
      steps: [{ kind: 'effect' }, { kind: 'after' }],
      ready: async () => head,
      effect: 'deposited',
      conflict: (request: object) => ({ ...request, count: 8 }),
    },
    queryAnchor: {
      ready: async (ground: Ground) => {
        for (const turn of [1, 2]) await ground.confirmed('anchor', head(turn));
        return (turn: number) => ({ no: head(1 + (turn % 2)).anchorNo });
      },
    },
  },
  notices: {},
  tables: {
    'evidence.antchain.result': { by: 'answer', operation: 'anchor', give: saying, unmapped: 'QUOTA_USED_UP' },
  },
  limits: [],
  bugs: {
    'believes-any-answer': {
      what: 'signs an answer itself before it looks at the signature',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            if (signedResponse(answer.body, keys.secret('access-key-secret'))) return answer;
            return { ...answer, body: envelope(responseIn(answer.body), keys.secret('access-key-secret')) };
          }),
        }),
    },
    'taken-is-anchored': {
      what: 'takes the answer to the deposit for the transaction, and makes one up',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            if (operation !== 'anchor') return own(request, wire);
            const { anchorNo } = request as { anchorNo: string };
            await own(request, wire).catch(() => undefined);
            const txHash = `0x${createHash('sha256').update(anchorNo).digest('hex')}`;
            return { anchorNo, txHash, blockNumber: '1', anchoredAt: wire.now().toISOString() };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
