/**
 * What 法大大 tells: a form whose `bizContent` is signed together with headers, the event's name among them. The vendor waits
 * three seconds and tells again after 3 minutes, 30 minutes and 8 hours; whether under the first time or a new one, it does
 * not say, so the window is a day and no nonce can be spent: the same fact twice is one fact by its id. Events that we do
 * not know are taken and dropped.
 */
import { Failure } from '../../../contracts/failures.ts';
import { FascTaskEvent } from '../../../contracts/esign/fasc.wire.ts';
import type { Message } from '../../../contracts/contract.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { toEnvelopeFinished, toSignerActed } from '../../../mappings/esign/fasc.ts';
import type { Inbound, Received, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { parseForm } from '../form.ts';
import { isToldBy } from './fascSignature.ts';

const ageMsMax = 24 * 3_600_000;
const aheadMsMax = 15 * 60_000;

const taken: Reply = {
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from('{"msg":"success"}'),
};

/** What an event means: what the signer did whom it names, and whether the task is over with it. */
const meanings: Readonly<Record<string, { signer?: 'signed' | 'refused'; end?: true; isCancelled?: true }>> = {
  'sign-task-signed': { signer: 'signed' },
  'sign-task-sign-rejected': { signer: 'refused', end: true },
  'sign-task-fill-rejected': { end: true },
  'sign-task-finished': { end: true },
  'sign-task-canceled': { end: true, isCancelled: true },
  'sign-task-expire': { end: true },
  'sign-task-abolish': { end: true },
};

/** Our number of a task, from the vendor's detail. */
type Lookup = (taskId: string) => Promise<string | undefined>;

export async function receiveFasc(inbound: Inbound, wire: Wire, lookup: Lookup): Promise<Received> {
  if (inbound.method !== 'POST') throw new Failure('METHOD_UNKNOWN', { detail: 'events come by POST' });
  const { bizContent } = parseForm(inbound.body);
  if (bizContent === undefined) throw new Failure('BODY_MALFORMED', { detail: 'the form has no bizContent' });
  const event = verify(inbound, wire, bizContent);
  const meaning = Object.hasOwn(meanings, event) ? meanings[event] : undefined;
  if (!meaning) return { notices: [], reply: taken };
  const told = FascTaskEvent.check(parseJson(Buffer.from(bizContent)));
  const envelopeNo = await numberOf(told, lookup);
  const { signer: result, end = false, isCancelled = false } = meaning;
  return {
    notices: [
      ...(result ? [{ notice: 'signerActed', message: toSignerActed({ envelopeNo, result, told }) }] : []),
      ...(end ? [{ notice: 'envelopeFinished', message: finished(told, envelopeNo, isCancelled) }] : []),
    ],
    reply: taken,
  };
}

function finished(told: Message<typeof FascTaskEvent>, envelopeNo: string, isCancelled: boolean) {
  const { signTaskId: vendorFlowId, signTaskStatus: status, eventTime: at } = told;
  const message = toEnvelopeFinished({ envelopeNo, vendorFlowId, status, isCancelled, at });
  if (message.status === 'signing')
    throw new Failure('CONTRACT_VIOLATED', { detail: `the event ends the task, and its status is ${status}` });
  return message;
}

/** The event's name. @throws Failure SIGNATURE_MISMATCH or TIMESTAMP_OUTSIDE_WINDOW */
function verify({ headers }: Inbound, wire: Wire, bizContent: string): string {
  const shown = (name: string): string => headers[name.toLowerCase()] ?? '';
  const timestamp = shown('X-FASC-Timestamp');
  const names = ['X-FASC-App-Id', 'X-FASC-Sign-Type', 'X-FASC-Timestamp', 'X-FASC-Nonce', 'X-FASC-Event'];
  const signed = { ...Object.fromEntries(names.map((name) => [name, shown(name)])), bizContent };
  const tells = (secret: string) => isToldBy(secret, timestamp, signed, shown('X-FASC-Sign'));
  const known = shown('X-FASC-App-Id') === wire.system.settings['appId'];
  const isHmac = shown('X-FASC-Sign-Type') === 'HMAC-SHA256';
  if (!known || !isHmac || !tells(wire.keys.secret('appSecret', tells)))
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the event is not signed with our application secret' });
  const ageMs = /^\d{13}$/.test(timestamp) ? Date.now() - Number(timestamp) : Infinity;
  if (ageMs > ageMsMax || ageMs < -aheadMsMax)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW', {
      detail: `${Math.round(ageMs / 1000)} s old, at most ${ageMsMax / 1000} s`,
    });
  return shown('X-FASC-Event');
}

/** Our number stands in the event, under the signature; else the vendor is asked. */
async function numberOf(told: Message<typeof FascTaskEvent>, lookup: Lookup): Promise<string> {
  const number = told.transReferenceId || (await lookup(told.signTaskId));
  if (!number) throw new Failure('NOT_FOUND', { detail: `task ${told.signTaskId} carries no number of ours` });
  return number;
}
