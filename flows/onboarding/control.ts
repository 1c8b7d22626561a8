/**
 * Step 7: that the agent may act for the company. Its account shows that he controls its money (对公打款认证), a power of attorney
 * (授权委托书) shows its legal representative's will; who is that himself shows it by his face.
 */
import { cfca } from '../../contracts/cfca/cfca.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { recordAnswer, type VerificationAnswer } from '../../ledger/parties/verifications.ts';
import { disclosing } from '../disclosures.ts';
import { attemptNo, nobody, refusedAs, type Applicant, type Sheet, type Wrong } from './applicant.ts';
import { signedPower } from './attorney.ts';
import { request } from './enterprise.ts';
import { verifying } from './factors.ts';

const paymentsMax = 3;

/** What was shown, for the step that stands for the company. */
export interface ControlProof {
  readonly answers: readonly VerificationAnswer[];
  /** The account is the company's. */
  readonly account: boolean;
  /** SHA-256 of the signed power of attorney. */
  readonly poaSha256?: string;
}

export async function proveControl(run: Run, applicant: Applicant, sheet: Sheet): Promise<ControlProof | Wrong> {
  const { control, agent, legalRep } = applicant.profile;
  if (control === 'ACCOUNT') return byAccount(run, applicant);
  if (control === 'LEGAL_REP') {
    if (agent.idNo === legalRep.idNo && sheet.face === 'agreed')
      return { answers: [], account: await itsAccount(run, applicant) };
    return { code: 'AUTHORITY_MISSING', detail: 'only the legal representative’s own face speaks for the company' };
  }
  const signed = await signedPower(run, applicant);
  if ('code' in signed) return signed;
  return { answers: [signed.answer], poaSha256: signed.sha256, account: await itsAccount(run, applicant) };
}

/** A payment below one yuan, and the amount typed back. Three wrong ones: another payment the next day. */
async function byAccount(run: Run, applicant: Applicant): Promise<ControlProof | Wrong> {
  for (let payment = 1; payment <= paymentsMax; payment += 1) {
    const requestNo = attemptNo('VA', run.caseId, applicant.profile, payment);
    const came = await pay(run, applicant, requestNo);
    if (came !== 'paid') return came;
    const answer = await typedBack(run, applicant, requestNo);
    if ('code' in answer) return answer;
    if (answer.result === 'match') return { answers: [answer], account: true };
    await run.record('record the account', (tx) => recordAnswer(tx, applicant.party, answer, applicant.actor));
    await run.sleep('a new payment tomorrow', '1 day');
  }
  return { code: 'PAYEE_NOT_MANDATED', detail: `the amounts of ${paymentsMax} payments were not typed back` };
}

async function pay(run: Run, applicant: Applicant, requestNo: string): Promise<'paid' | Wrong> {
  const { profile, party, project, actor } = applicant;
  const system = project.systems.identity;
  const { accountNo, bankCode } = profile.account;
  await request(run, applicant, {
    requestNo,
    kind: 'ORG_ACCT',
    vendor: system,
    factors: ['name', 'account', 'amount'],
  });
  const proof = { requestNo, companyName: profile.name, accountNo, bankCode };
  const before = disclosing(proof, verifying(party, system, ['COMPANY', 'ACCOUNT']), actor);
  const refused = await run.call(cfca.operations.startAccountProof, proof, { system, before }).then(
    () => undefined,
    refusedAs(['SYSTEM_REFUSED'], ({ message }) => message),
  );
  if (refused !== undefined) return unpaid(run, applicant, requestNo, refused);
  await run.sleep('the payment is on its way', '1 hour');
  const reason = await failed(run, requestNo, system);
  return reason === undefined ? 'paid' : unpaid(run, applicant, requestNo, reason);
}

async function unpaid(run: Run, { party, actor }: Applicant, requestNo: string, detail: string): Promise<Wrong> {
  const answer = { requestNo, kind: 'ORG_ACCT', result: 'mismatch' } as const;
  await run.record('record the account', (tx) => recordAnswer(tx, party, answer, actor));
  return { code: 'PAYEE_NOT_MANDATED', detail: `the account cannot be paid: ${detail}` };
}

/** Why the bank did not book the payment, or sent it back. */
async function failed(run: Run, no: string, system: string): Promise<string | undefined> {
  const standing = await run.call(cfca.operations.readAccountProof, { no }, { system });
  if (standing.outcome !== 'confirmed') return undefined;
  const { state, reason } = standing.response;
  return state === 'failed' || state === 'returned' ? (reason ?? state) : undefined;
}

/** Until it matches, or no try is left, or the payment is too old. */
async function typedBack(
  run: Run,
  { project, profile }: Applicant,
  proofNo: string,
): Promise<VerificationAnswer | Wrong> {
  const system = project.systems.identity;
  const said = { requestNo: proofNo, kind: 'ORG_ACCT' } as const;
  for (;;) {
    const typed = await run
      .wait(portal.notices.amountTyped, { key: run.caseId, within: '3 days', from: 'dealer' })
      .catch(nobody);
    if (!typed) {
      const reason = await failed(run, proofNo, system);
      if (reason !== undefined) return { code: 'PAYEE_NOT_MANDATED', detail: `the payment came back: ${reason}` };
      return { ...said, result: 'mismatch' };
    }
    const requestNo = `${proofNo}-${typed.tryNo}`;
    const answer = await run
      .call(cfca.operations.confirmAccountProof, { requestNo, proofNo, amount: typed.amount }, { system })
      .catch(refusedAs(['SYSTEM_REFUSED', 'DEADLINE_PASSED'], ({ message }) => message));
    if (typeof answer === 'string') {
      const reason = await failed(run, proofNo, system);
      if (reason !== undefined)
        return { code: 'PAYEE_NOT_MANDATED', detail: `the account ${profile.account.bankName}: ${reason}` };
      return { ...said, result: 'mismatch' };
    }
    if (answer.result === 'match') return { ...said, result: 'match' };
    if (answer.triesLeft === 0) return { ...said, result: 'mismatch' };
  }
}

/** Its bank says that the account is the company's: it may be named, though it proved nothing about the agent. */
async function itsAccount(run: Run, { profile, party, project, actor }: Applicant): Promise<boolean> {
  const system = project.systems.clearing;
  const { name, uscc, account } = profile;
  const question = { requestNo: numberFor('VC', run.caseId), company: { name, uscc }, account };
  await run.record('the account leaves', disclosing(question, verifying(party, system, ['COMPANY', 'ACCOUNT']), actor));
  const { result } = await run.call(clearing.operations.checkAccount, question, { system });
  return result === 'match';
}
