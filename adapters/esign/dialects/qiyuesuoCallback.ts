/**
 * What 契约锁 tells: that something happened to a contract. How it proves that is not documented for contracts; what is
 * agreed here (a form with `signature`, `timestamp` and the encrypted `content`) keeps strangers out, but covers nothing
 * that is told. So the vendor is asked, and what its detail shows becomes the facts.
 *
 * It tells again after 5 minutes, four times 2 hours, 12 and 24 hours: the window is two days.
 */
import type { Message } from '../../../contracts/contract.ts';
import { QiyuesuoCallback, type QiyuesuoDetail } from '../../../contracts/esign/qiyuesuo.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { contractStatuses, signatoryStatuses, toLocalTime, toSignerActed } from '../../../mappings/esign/qiyuesuo.ts';
import type { Inbound, Received, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { parseForm } from '../form.ts';
import { isToldBy, openContent } from './qiyuesuoSignature.ts';

type Detail = Message<typeof QiyuesuoDetail>;

const ageMsMax = 48 * 3_600_000;
const aheadMsMax = 15 * 60_000;

const taken: Reply = {
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from('{"code":0,"message":"SUCCESS"}'),
};

interface Vendor {
  read(contractId: string): Promise<Detail | undefined>;
  finished(detail: Detail, status: 'completed' | 'revoked' | 'expired' | 'refused'): unknown;
}

export async function receiveQiyuesuo(inbound: Inbound, wire: Wire, vendor: Vendor): Promise<Received> {
  if (inbound.method !== 'POST') throw new Failure('METHOD_UNKNOWN', { detail: 'callbacks come by POST' });
  const form = parseForm(inbound.body);
  const key = keyOf(form, wire);
  const told = QiyuesuoCallback.check(parseJson(openContent(key, form['content'] ?? '')));
  const detail = await vendor.read(told.contractId);
  if (!detail) throw new Failure('NOT_FOUND', { detail: `there is no contract ${told.contractId}` });
  const status = contractStatuses.of(detail.status, '#/status');
  const acted = told.tenantName ? actedOf(detail, told.tenantName, wire) : undefined;
  const isOver = status !== 'signing' && status !== 'draft';
  return {
    notices: [
      ...(acted ? [{ notice: 'signerActed', message: acted }] : []),
      ...(isOver ? [{ notice: 'envelopeFinished', message: vendor.finished(detail, status) }] : []),
    ],
    reply: taken,
  };
}

/** What the signatory did of whom it is told; nothing yet, where it is their turn only. */
function actedOf(detail: Detail, tenantName: string, wire: Wire): unknown {
  const signatory = detail.signatories.find((each) => each.tenantName === tenantName);
  if (!signatory || !detail.bizId)
    throw new Failure('NOT_FOUND', { detail: 'the contract shows no such signatory, or no number of ours' });
  const result = signatoryStatuses.of(signatory.status, '#/signatories/status');
  if (result === 'waiting') return undefined;
  const at = signatory.completeTime ?? toLocalTime(wire.now().toISOString());
  const { serialNo } = signatory;
  return toSignerActed({ envelopeNo: detail.bizId, vendorFlowId: detail.id, tenantName, serialNo, result, at });
}

/** The key under which it was told. @throws Failure SIGNATURE_MISMATCH or TIMESTAMP_OUTSIDE_WINDOW */
function keyOf(form: Readonly<Record<string, string>>, wire: Wire): string {
  const timestamp = form['timestamp'] ?? '';
  const tells = (secret: string) => isToldBy(secret, timestamp, form['signature'] ?? '');
  const key = wire.keys.secret('callbackKey', tells);
  if (!tells(key)) throw new Failure('SIGNATURE_MISMATCH', { detail: 'the callback does not know our key' });
  const ageMs = /^\d{13}$/.test(timestamp) ? Date.now() - Number(timestamp) : Infinity;
  if (ageMs > ageMsMax || ageMs < -aheadMsMax)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW', {
      detail: `${Math.round(ageMs / 1000)} s old, at most ${ageMsMax / 1000} s`,
    });
  return key;
}
