/** The `wecom` dialect: one POST to the address of a group's robot. The key in it is the whole proof; no record shows it. */
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import type { notify } from '../../../contracts/notify/notify.ts';
import { WecomAnswer } from '../../../contracts/notify/wecom.wire.ts';
import { wecomMessageOf, wecomSentOf } from '../../../mappings/notify/wecom.ts';
import type { Dialect } from '../../adapter.ts';

const path = '/cgi-bin/webhook/send';
const answerLimits = { bytesMax: 16_384, depthMax: 4 } as const;

export const wecomDialect: Dialect<typeof notify> = {
  operations: {
    async postGroup(request, wire) {
      const key = encodeURIComponent(wire.keys.secret('webhook-key'));
      const answer = await wire.send({
        method: 'POST',
        path: `${path}?key=${key}`,
        shown: `${path}?key=***`,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(wecomMessageOf(request))),
      });
      if (answer.status !== 200)
        throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
      return wecomSentOf({ messageNo: request.messageNo, answer: checked(answer.body) });
    },
  },
};

function checked(body: Buffer) {
  try {
    return WecomAnswer.check(parseJson(body, answerLimits));
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer is none of this vendor', cause });
  }
}
