/** What the steps of one onboarding share. */
import type { Message } from '../../contracts/contract.ts';
import { isFailure, type FailureCode } from '../../contracts/failures.ts';
import type { ConsentSheet, PartyRegistration, Recommendation } from '../../contracts/portal/onboarding.ts';
import { numberFor } from '../../ledger/cases.ts';
import type { Project } from '../../ledger/configuration/projects.ts';

export type Recommended = Message<typeof Recommendation>;
export type Profile = Message<typeof PartyRegistration>;
export type Sheet = Message<typeof ConsentSheet>;

/** Who was invited, and for what. */
export interface Invited {
  readonly project: Project;
  /** The party as which it is known so far. */
  readonly party: string;
  readonly actor: string;
}

/** Who registered: the same party, or the one that it joins. */
export interface Applicant extends Invited {
  readonly profile: Profile;
  /** It was registered before, and its people let the agent in. */
  readonly joined: boolean;
}

/** What is wrong with a profile, for those who correct it; nothing where all is well. */
export interface Wrong {
  readonly code: FailureCode;
  readonly detail: string;
}

/** A number of one attempt of one profile: `VE20261123-000001-RG0001`, then `…-RG0001.2`. */
export function attemptNo(prefix: string, caseId: string, profile: Profile, attempt = 1): string {
  return `${numberFor(prefix, caseId)}-${profile.registrationNo}${attempt === 1 ? '' : `.${attempt}`}`;
}

/** For `catch`: a failure of one of these kinds is an answer, too. */
export function refusedAs<T>(
  codes: readonly FailureCode[],
  answer: (failure: { type: FailureCode; message: string; externalCode: string | undefined }) => T,
) {
  return (thrown: unknown): T => {
    if (isFailure(thrown) && codes.includes(thrown.type)) return answer(thrown);
    throw thrown;
  };
}

/** For `catch` of a wait: nobody in time is an answer, too. */
export const nobody = refusedAs(['DEADLINE_PASSED'], () => undefined);
