/** The power of attorney (授权委托书) that the legal representative signs for the agent. */
import { esign } from '../../contracts/esign/esign.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { recordAnswer, subjectOf, type VerificationAnswer } from '../../ledger/parties/verifications.ts';
import { disclosing, signing } from '../disclosures.ts';
import { paper } from '../papers.ts';
import { attemptNo, type Applicant, type Wrong } from './applicant.ts';
import { request } from './enterprise.ts';

/** A link that nobody used is sent again, twice. */
const linksMax = 3;

export async function signedPower(
  run: Run,
  applicant: Applicant,
): Promise<{ readonly answer: VerificationAnswer; readonly sha256: string } | Wrong> {
  const { profile, party, project, actor } = applicant;
  const requestNo = attemptNo('VP', run.caseId, profile);
  const subject = await run.record('whose will', (tx) => subjectOf(tx, profile.legalRep.idNo));
  await request(run, applicant, { requestNo, kind: 'POA', vendor: project.systems.esign, subject, factors: ['seal'] });
  for (let link = 1; link <= linksMax; link += 1) {
    const signed = await oneLink(run, applicant, attemptNo('PA', run.caseId, profile, link));
    if (signed === 'expired') continue;
    if (signed === 'refused') {
      const answer = { requestNo, kind: 'POA', result: 'mismatch' } as const;
      await run.record('record the refusal', (tx) => recordAnswer(tx, party, answer, actor));
      return { code: 'AUTHORITY_MISSING', detail: 'the legal representative did not sign the power of attorney' };
    }
    return {
      answer: { requestNo, kind: 'POA', result: 'match', serialNo: signed.vendorFlowId },
      sha256: signed.sha256,
    };
  }
  return { code: 'AUTHORITY_MISSING', detail: `the power of attorney was sent ${linksMax} times, and not signed` };
}

type Signed = { readonly vendorFlowId: string; readonly sha256: string } | 'expired' | 'refused';

async function oneLink(run: Run, { profile, party, project, actor }: Applicant, envelopeNo: string): Promise<Signed> {
  const { name, uscc, legalRep, agent } = profile;
  const system = project.systems.esign;
  const power = paper('power-of-attorney.pdf', '授权委托书', [
    `委托单位 ${name} ${uscc}`,
    `法定代表人 ${legalRep.name}`,
    `受托人 ${agent.name} ${agent.idNo}`,
    '授权范围 办理平台入驻、融资申请及相关文件的签署',
  ]);
  const envelope = {
    envelopeNo,
    title: `授权委托书 ${envelopeNo}`,
    documents: [power],
    signers: [{ order: 1, company: { name, uscc }, person: legalRep }],
    deadline: shanghaiTime(after(run.now(), '7 days')),
  };
  const told = {
    party,
    recipient: system,
    purpose: 'signing',
    dataKinds: ['COMPANY', 'PERSON', 'CONTACT'],
    legalBasis: signing,
  } as const;
  const { vendorFlowId } = await run.call(esign.operations.startEnvelope, envelope, {
    system,
    before: disclosing(envelope, told, actor),
  });
  const finished = await run.wait(esign.notices.envelopeFinished, {
    key: envelopeNo,
    within: '10 days',
    from: system,
    poll: { operation: esign.operations.readEnvelope, system, every: '12 hours', final: (m) => m.status !== 'signing' },
  });
  if (finished.status !== 'completed') return finished.status === 'expired' ? 'expired' : 'refused';
  const { fileName, sha256: original } = power;
  const { documents } = await run.call(
    esign.operations.fetchDocuments,
    { vendorFlowId, documents: [{ fileName, sha256: original }] },
    { system },
  );
  return { vendorFlowId, sha256: documents[0]?.sha256 ?? original };
}
