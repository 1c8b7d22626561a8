/** Steps 3 and 4: the company registers in the roles that it asks for, and says what may be passed on to whom. */
import { portal } from '../../contracts/portal/portal.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { authorise, revokeOthers } from '../../ledger/parties/authorities.ts';
import { giveConsent } from '../../ledger/parties/consents.ts';
import { mayStillAccept, useInvitation } from '../../ledger/parties/invitations.ts';
import { partyByUscc, registerDealer, type PartyRow } from '../../ledger/parties/parties.ts';
import { messageSha256 } from '../disclosures.ts';
import { nobody, refusedAs, type Applicant, type Invited, type Profile, type Sheet, type Wrong } from './applicant.ts';

/** Whoever guesses codes is not let in for ever. */
const triesMax = 20;

/** The first registration: with the code that is good now. Nobody within fourteen days, and no newer code: the invitation is over. */
export async function awaitRegistration(run: Run, { actor }: Invited): Promise<Profile> {
  for (let tries = 0; tries < triesMax;) {
    const profile = await run
      .wait(portal.notices.partyRegistered, { key: run.caseId, within: '14 days', from: 'dealer' })
      .catch(nobody);
    if (profile === undefined) {
      if (await run.record('expire the invitation', (tx) => mayStillAccept(tx, run.caseId, actor))) continue;
      run.stop('expired', 'nobody accepted the invitation in time');
    }
    const { invitationCode, uscc } = profile;
    const accepted = await run
      .record('accept the invitation', (tx) => useInvitation(tx, run.caseId, invitationCode, uscc, actor))
      .then(
        () => true,
        refusedAs(['NOT_ALLOWED'], () => false),
      );
    if (accepted) return profile;
    tries += 1;
  }
  return run.stop('returned', `${triesMax} codes were not good`);
}

/** The same company again, as it corrected what was wrong. */
export async function awaitCorrection(run: Run): Promise<Profile> {
  const profile = await run
    .wait(portal.notices.partyRegistered, { key: run.caseId, within: '14 days', from: 'dealer' })
    .catch(nobody);
  return profile ?? run.stop('returned', 'the profile was not corrected in time');
}

/** Registered under that code already: its own people let the agent in, or not. Never a second party. */
export async function joins(run: Run, invited: Invited, profile: Profile): Promise<boolean> {
  const known = await run.record('is it registered already', (tx) => partyByUscc(tx, profile.uscc));
  if (!known || known.id === invited.party) return false;
  if (known.state === 'FROZEN' || known.state === 'CLOSING' || known.state === 'CLOSED')
    run.stop('refused', `the company is registered, and ${known.state}`);
  await letIn(run, known, profile);
  return true;
}

async function letIn(run: Run, known: PartyRow, profile: Profile): Promise<void> {
  const decided = await run.ask('join the company', {
    title: { zh: '加入已注册企业', en: 'join a company that is registered already' },
    payload: { company: known.name, uscc: profile.uscc, agent: profile.agent.name, roles: profile.roles },
    within: '5 working days',
    roles: ['company-admin'],
    party: known.id,
  });
  if (decided.decision === 'rejected') run.stop('refused', `its people did not let the agent in: ${decided.reason}`);
}

/** Writes the profile. What the books refuse of it goes back. */
export async function register(
  run: Run,
  invited: Invited,
  profile: Profile,
  joined: boolean,
): Promise<Applicant | Wrong> {
  const { actor } = invited;
  return run
    .record('register the company', async (tx) => {
      const { uscc, name, account, roles, registeredAddress, establishedOn, licence, legalRep, agent } = profile;
      const details = { registeredAddress, establishedOn, licenceValidTo: licence.validTo };
      const company = { uscc, name, account, roles, consents: [], profile: details };
      const party = await registerDealer(tx, invited.party, company, actor);
      if (!joined) {
        await revokeOthers(tx, party, [legalRep.idNo, agent.idNo], actor);
        await authorise(tx, party, legalRep, 'LEGAL_REP', actor);
      }
      await keepEvidence(tx, run.caseId, 'N01 consent', profile.registrationNo, {
        uscc,
        roles,
        joined,
        profileSha256: messageSha256(profile),
        licenceSha256: licence.sha256,
      });
      return { ...invited, party, profile, joined };
    })
    .catch(refusedAs(['NAME_MISMATCH', 'ILLEGAL_TRANSITION'], ({ type: code, message: detail }) => ({ code, detail })));
}

/** Step 4: each recipient by its name, and the face apart from all else. Without a sheet nothing goes on. */
export async function awaitConsents(run: Run, { party, project, actor }: Applicant): Promise<Sheet> {
  const sheet = await run
    .wait(portal.notices.consentsGiven, { key: run.caseId, within: '14 days', from: 'dealer' })
    .catch(nobody);
  if (!sheet) return run.stop('returned', 'no consent sheet came in time');
  await run.record('record the consents', async (tx) => {
    const { documentSha256 } = sheet;
    for (const { purpose, recipient, validTo } of sheet.consents)
      await giveConsent(
        tx,
        party,
        { purpose, recipient, documentSha256, ...(validTo === undefined ? {} : { validTo: endOf(validTo) }) },
        actor,
      );
    if (sheet.face === 'agreed')
      await giveConsent(
        tx,
        party,
        { purpose: 'face', recipient: project.systems.face, dataKinds: ['PERSON'], separate: true, documentSha256 },
        actor,
      );
    await keepEvidence(tx, run.caseId, 'N01 consent', sheet.sheetNo, {
      recipients: sheet.consents.map(({ recipient }) => recipient),
      face: sheet.face,
      documentSha256,
    });
  });
  return sheet;
}

/** A day is agreed to as a whole. */
const endOf = (day: string): Date => new Date(Date.parse(`${day}T00:00:00+08:00`) + 86_400_000);
