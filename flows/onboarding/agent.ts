/**
 * Step 6: the person who acts for the company is who he says he is: by his face, by his bank card (银行卡四要素), or, for whom neither will
 * do, by papers that two people look at. He comes last: a face is good for the act that it was shown for, a quarter of an hour
 * long, and that act is to stand for the company with all that was proven before.
 */
import { cfca } from '../../contracts/cfca/cfca.ts';
import { identity } from '../../contracts/identity/identity.ts';
import type { Run } from '../../engine/flow.ts';
import { disclose } from '../../ledger/parties/consents.ts';
import { recordAnswer, requestByHand, subjectOf, type VerificationAnswer } from '../../ledger/parties/verifications.ts';
import { disclosing, messageSha256 } from '../disclosures.ts';
import { verifyByHand } from './byHand.ts';
import { attemptNo, refusedAs, type Applicant, type Sheet, type Wrong } from './applicant.ts';
import { request } from './enterprise.ts';
import { cardFactors, verifying } from './factors.ts';

/** Where his browser goes afterwards; what it says there is worth nothing. */
const returnTo = 'https://hub.example/k/case';
/** A link is used within half an hour, or it is over; then he gets another one. */
const looks = ['5 minutes', '10 minutes', '15 minutes'] as const;
const sessionsMax = 3;

/** What the step that stands for the company records: what was just said of a face; nothing where it is in the books. */
export type AgentProof = VerificationAnswer | 'recorded';

export async function verifyAgent(run: Run, applicant: Applicant, sheet: Sheet): Promise<AgentProof | Wrong> {
  if (sheet.face === 'agreed') return byFace(run, applicant);
  // He refused his face (PIPL 29): that may cost him nothing but another road.
  return applicant.profile.agent.cardNo === undefined
    ? byPaper(run, applicant)
    : byCard(run, applicant, applicant.profile.agent.cardNo);
}

async function byFace(run: Run, applicant: Applicant): Promise<AgentProof | Wrong> {
  for (let session = 1; session <= sessionsMax; session += 1) {
    const requestNo = attemptNo('VF', run.caseId, applicant.profile, session);
    const found = await lookedInto(run, applicant, requestNo);
    const answer: VerificationAnswer = { requestNo, kind: 'FACE', ...found };
    if (found.result === 'match') return answer;
    await run.record('record the face', (tx) => recordAnswer(tx, applicant.party, answer, applicant.actor));
    if (found.result === 'notFound')
      return applicant.profile.agent.cardNo === undefined
        ? byPaper(run, applicant)
        : byCard(run, applicant, applicant.profile.agent.cardNo);
    if (found.result === 'mismatch') return { code: 'IDV_MISMATCH', detail: 'the face is not the agent’s' };
  }
  return { code: 'IDV_CHANNEL', detail: `${sessionsMax} links were left unused` };
}

type Found = Pick<VerificationAnswer, 'result' | 'serialNo' | 'billed'>;

/** One link. No vendor calls back: it is asked, and at last once more when the half hour is over. */
async function lookedInto(run: Run, applicant: Applicant, requestNo: string): Promise<Found> {
  const { profile, party, project, actor } = applicant;
  const { agent, legalRep } = profile;
  const system = project.systems.face;
  const check = {
    requestNo,
    person: { name: agent.name, idNo: agent.idNo },
    purpose: '企业入驻经办人核身',
    redirect: `${returnTo}/${run.caseId}`,
  };
  const subject = await run.record('whose face', async (tx) => {
    // Sensitive data leave under the separate consent and under nothing else.
    await disclose(
      tx,
      { party, recipient: system, purpose: 'face', dataKinds: ['PERSON'], documentSha256: messageSha256(check) },
      actor,
    );
    return subjectOf(tx, agent.idNo);
  });
  await request(run, applicant, {
    requestNo,
    kind: 'FACE',
    vendor: system,
    subject,
    legalRep: agent.idNo === legalRep.idNo,
    factors: ['face', 'name', 'idNo'],
  });
  const { token } = await run.call(identity.operations.startFaceCheck, check, { system });
  for (const pause of looks) {
    await run.sleep('before the camera', pause);
    const answer = await run.call(identity.operations.readFaceCheck, { requestNo, token }, { system });
    if (answer.outcome !== 'confirmed' || answer.response.result === 'notJudged') continue;
    const { result, serialNo, charged: billed } = answer.response;
    return { result: meaning[result], serialNo, billed };
  }
  return { result: 'channelError' };
}

const meaning = {
  passed: 'match',
  notSamePerson: 'mismatch',
  notLive: 'mismatch',
  identityMismatch: 'mismatch',
  tooManyTries: 'mismatch',
  noReference: 'notFound',
} as const;

async function byCard(run: Run, applicant: Applicant, cardNo: string): Promise<AgentProof | Wrong> {
  const { profile, party, project, actor } = applicant;
  const requestNo = attemptNo('VB', run.caseId, profile);
  const system = project.systems.identity;
  const subject = await run.record('whose card', (tx) => subjectOf(tx, profile.agent.idNo));
  const factors = ['name', 'idNo', 'cardNo', 'phone'];
  await request(run, applicant, { requestNo, kind: 'BANK4', vendor: system, subject, factors });
  const card = cardFactors(requestNo, profile.agent, cardNo);
  const result = await run
    .call(cfca.operations.verifyBankcard, card, {
      system,
      before: disclosing(card, verifying(party, system, ['PERSON', 'CONTACT', 'ACCOUNT']), actor),
      after: (tx, { result: said, serialNo, charged: billed }) =>
        recordAnswer(tx, party, { requestNo, kind: 'BANK4', result: said, serialNo, billed }, actor),
    })
    .then(
      (said) => said.result,
      refusedAs(['SYSTEM_REFUSED'], ({ message }) => ({ message })),
    );
  if (result === 'match') return 'recorded';
  if (result === 'mismatch') return { code: 'IDV_MISMATCH', detail: 'the agent’s card is another’s' };
  if (result !== 'notFound') return notTaken(run, applicant, requestNo, result.message);
  const known = await verifyByHand(run, applicant, { requestNo, kind: 'BANK4', why: 'the card is in no register' });
  return known ? 'recorded' : { code: 'IDV_NOT_FOUND', detail: 'the agent is not known to be who he says' };
}

/** The source took nothing of it: the card cannot be one. */
async function notTaken(run: Run, { party, actor }: Applicant, requestNo: string, detail: string): Promise<Wrong> {
  const answer = { requestNo, kind: 'BANK4', result: 'mismatch' } as const;
  await run.record('record the card', (tx) => recordAnswer(tx, party, answer, actor));
  return { code: 'IDV_MISMATCH', detail };
}

async function byPaper(run: Run, applicant: Applicant): Promise<AgentProof | Wrong> {
  const requestNo = attemptNo('VB', run.caseId, applicant.profile);
  await run.record('ask people', async (tx) => {
    const subject = await subjectOf(tx, applicant.profile.agent.idNo);
    const asked = { requestNo, kind: 'BANK4', vendor: 'people', subject, factors: ['name', 'idNo'] } as const;
    await requestByHand(tx, applicant.party, asked, applicant.actor);
  });
  const known = await verifyByHand(run, applicant, { requestNo, kind: 'BANK4', why: 'neither face nor card' });
  return known ? 'recorded' : { code: 'IDV_NOT_FOUND', detail: 'the agent’s papers did not do' };
}
