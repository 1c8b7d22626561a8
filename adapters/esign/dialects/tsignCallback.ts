/**
 * What e签宝 tells. A repeated callback keeps the timestamp of the first attempt, so the window is a day and no nonce can
 * be spent: the same fact twice is one fact by its id. Actions that we do not know are taken and dropped; the vendor
 * adds some without notice and would repeat what is refused.
 */
import { Failure } from '../../../contracts/failures.ts';
import { TsignCallback, TsignFlowComplete, TsignMissionComplete } from '../../../contracts/esign/tsign.wire.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { toEnvelopeFinished, toSignerActed } from '../../../mappings/esign/tsign.ts';
import type { Inbound, Received, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { isToldBy } from './tsignSignature.ts';

const ageMsMax = 24 * 3_600_000;
const aheadMsMax = 15 * 60_000;

const taken: Reply = {
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from('{"code":"200","msg":"success"}'),
};

/** Our number of a flow, from the vendor's detail. */
type Lookup = (flowId: string) => Promise<string | undefined>;

export async function receiveTsign(inbound: Inbound, wire: Wire, lookup: Lookup): Promise<Received> {
  verify(inbound, wire);
  if (inbound.method !== 'POST') throw new Failure('METHOD_UNKNOWN', { detail: 'callbacks come by POST' });
  const told = parseJson(inbound.body);
  switch (TsignCallback.check(told).action) {
    case 'SIGN_MISSON_COMPLETE': {
      const mission = TsignMissionComplete.check(told);
      // Several numbers come joined by commas; all our fields of a flow carry the same.
      const shown = inbound.query['envelopeNo'] ?? mission.customBizNum?.split(',')[0];
      const envelopeNo = await numberOf(shown, mission.signFlowId, lookup);
      return {
        notices: [{ notice: 'signerActed', message: toSignerActed({ envelopeNo, told: mission }) }],
        reply: taken,
      };
    }
    case 'SIGN_FLOW_COMPLETE': {
      const { signFlowId, signFlowStatus, signFlowFinishTime, timestamp } = TsignFlowComplete.check(told);
      const envelopeNo = await numberOf(inbound.query['envelopeNo'], signFlowId, lookup);
      const message = toEnvelopeFinished({
        envelopeNo,
        vendorFlowId: signFlowId,
        status: Number(signFlowStatus),
        atMs: signFlowFinishTime ?? timestamp,
      });
      return { notices: [{ notice: 'envelopeFinished', message }], reply: taken };
    }
    default:
      return { notices: [], reply: taken };
  }
}

function verify(inbound: Inbound, wire: Wire): void {
  const { headers, query, body } = inbound;
  const timestamp = headers['x-tsign-open-timestamp'] ?? '';
  const shown = headers['x-tsign-open-signature'] ?? '';
  const tells = (secret: string) => isToldBy(secret, { timestamp, query, body }, shown);
  const known = headers['x-tsign-open-app-id'] === wire.system.settings['appId'];
  const algorithm = headers['x-tsign-open-signature-algorithm']?.toLowerCase() === 'hmac-sha256';
  if (!known || !algorithm || !tells(wire.keys.secret('appSecret', tells))) {
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the callback is not signed with our application secret' });
  }
  const ageMs = /^\d{13}$/.test(timestamp) ? Date.now() - Number(timestamp) : Infinity;
  if (ageMs > ageMsMax || ageMs < -aheadMsMax) {
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW', {
      detail: `${Math.round(ageMs / 1000)} s old, at most ${ageMsMax / 1000} s`,
    });
  }
}

/** Our number stands in the address that we gave with the flow, under the signature; else the vendor is asked. */
async function numberOf(shown: string | undefined, flowId: string, lookup: Lookup): Promise<string> {
  if (shown !== undefined && shown !== '') return shown;
  const found = await lookup(flowId);
  if (found === undefined) throw new Failure('NOT_FOUND', { detail: `flow ${flowId} carries no number of ours` });
  return found;
}
