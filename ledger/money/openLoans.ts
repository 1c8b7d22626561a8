/** An open loan and who stands on its two sides: what its repayment needs. */
import type { Project } from '../configuration/projects.ts';
import type { AccountRow } from '../parties/accounts.ts';

export interface OpenLoan {
  readonly applicationNo: string;
  readonly loanNo: string;
  /** What the funder calls it. */
  readonly funderLoanNo: string;
  readonly dealer: { readonly name: string; readonly uscc: string };
  readonly dealerAccount: AccountRow;
  readonly funderAccount: AccountRow;
  /** As the funder of this loan finances it. */
  readonly project: Project;
}
