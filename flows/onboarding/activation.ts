/** Step 10: the signing service knows who seals for the company, and each funder of the project opens its file (资方备案). */
import { esign } from '../../contracts/esign/esign.ts';
import { isFailure } from '../../contracts/failures.ts';
import { hub } from '../../contracts/hub/hub.ts';
import { notify } from '../../contracts/notify/notify.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import type { ProjectFunder } from '../../ledger/configuration/projects.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { keepArchive } from '../../ledger/parties/archives.ts';
import { signerOf } from '../../ledger/parties/authorities.ts';
import { disclose } from '../../ledger/parties/consents.ts';
import { disclosing, messageSha256, signing } from '../disclosures.ts';
import { nobody, refusedAs, type Applicant } from './applicant.ts';

const sealChecksMax = 3;

/** The agent, or whoever else signs, has a seal (印章) there; or the company is admitted without one for now. */
export async function checkSeal(run: Run, { party, profile, project, actor }: Applicant): Promise<boolean> {
  const { name, uscc } = profile;
  const system = project.systems.esign;
  const person = await run.record('who signs', (tx) => signerOf(tx, party));
  const question = { company: { name, uscc }, person };
  const told = {
    party,
    recipient: system,
    purpose: 'signing',
    dataKinds: ['COMPANY', 'PERSON', 'CONTACT'],
    legalBasis: signing,
  } as const;
  await run.record('the signer leaves', disclosing(question, told, actor));
  for (let check = 1; ; check += 1) {
    const { result, scope } = await run.call(esign.operations.checkAuthority, question, { system });
    if (result === 'authorised' || check === sealChecksMax) {
      const authorised = result === 'authorised';
      await run.record('record the seal', (tx) =>
        keepEvidence(tx, run.caseId, 'N02 verification', uscc, { seal: result, seals: scope.length }),
      );
      return authorised;
    }
    await run.sleep('until its seal is there', '1 day');
  }
}

export type Archived = 'taken' | 'refused' | 'silent' | 'no consent';

/** Each funder by itself: what one of them says closes or opens nothing at another one. */
export async function archive(run: Run, applicant: Applicant): Promise<readonly Archived[]> {
  const { profile, project } = applicant;
  const { name, uscc, roles } = profile;
  await run.tell(hub.notices.partyActivated, {
    caseNo: run.caseId,
    uscc,
    name,
    roles: [...roles],
    projectId: project.id,
  });
  const words = `【${project.id}】${name}已准入，请各资方办理备案：${project.funders.map((funder) => funder.name).join('、')}`;
  await run
    .call(
      notify.operations.postGroup,
      { messageNo: numberFor('MG', run.caseId), text: words },
      { system: project.systems.group },
    )
    .catch((thrown: unknown) => {
      // The funders see it in the hub all the same.
      if (!isFailure(thrown)) throw thrown;
    });
  const answers = await run.all(
    'archives',
    Object.fromEntries(
      project.funders.map((funder, place) => [`${place}`, (branch: Run) => archiveAt(branch, applicant, funder)]),
    ),
  );
  return project.funders.map((_, place) => answers[`${place}`] ?? 'silent');
}

/** No bank interface takes an archive: what it is told is on record with its ground, and it answers over the hub's own API. */
async function archiveAt(run: Run, { party, profile, actor }: Applicant, funder: ProjectFunder): Promise<Archived> {
  const { name, uscc, roles } = profile;
  const told = messageSha256({ name, uscc, roles, registrationNo: profile.registrationNo });
  const mayTell = await run
    .record(`tell ${funder.uscc}`, (tx) =>
      disclose(
        tx,
        {
          party,
          recipient: funder.name,
          recipientId: funder.id,
          purpose: 'financing',
          dataKinds: ['COMPANY', 'ACCOUNT', 'VERIFICATION'],
          documentSha256: told,
        },
        actor,
      ),
    )
    .then(
      () => true,
      refusedAs(['CONSENT_MISSING'], () => false),
    );
  if (!mayTell) return 'no consent';
  const answered = await run
    .wait(portal.notices.archiveAnswered, {
      key: `${run.caseId}/${funder.uscc}`,
      within: '5 working days',
      from: 'funder',
    })
    .catch(nobody);
  if (!answered) return 'silent';
  const { answer } = answered;
  await run.record(`archive at ${funder.uscc}`, (tx) =>
    keepArchive(
      tx,
      party,
      funder.id,
      answer.decision === 'taken' ? { customerNo: answer.customerNo } : { refusal: answer.reason },
    ),
  );
  return answer.decision;
}
