/** What leaves the hub about a company or its people is written down in the transaction that lets it leave (I-28). */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../contracts/evidence/chain.ts';
import type { Actor, Tx } from '../ledger/lifecycle.ts';
import { disclose, type Delivery } from '../ledger/parties/consents.ts';

/** Due diligence before the relationship begins: the duty of the institutions for which the hub asks. */
export const dueDiligence = { kind: 'LEGAL_DUTY', note: '反洗钱法 2024 第29条 尽职调查' } as const;
/** The signer himself asked to sign. */
export const signing = { kind: 'CONTRACT', note: '个人信息保护法 第13条第2项 订立合同所必需' } as const;

/** For `before` of a call: the message by its hash, and on which ground it goes. @throws Failure CONSENT_MISSING */
export function disclosing(
  message: unknown,
  delivery: Omit<Delivery, 'documentSha256' | 'exchangeId'>,
  actor: Actor,
): (tx: Tx) => Promise<void> {
  return (tx) => disclose(tx, { ...delivery, documentSha256: messageSha256(message) }, actor);
}

export function messageSha256(message: unknown): string {
  return createHash('sha256').update(canonicalJson(message)).digest('hex');
}
