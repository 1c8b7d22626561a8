/** What sources are asked about a company and its people (四要素): the same by whichever road it comes in. */
import type { DataKind } from '../../ledger/parties/consents.ts';
import { dueDiligence } from '../disclosures.ts';

interface Company {
  readonly name: string;
  readonly uscc: string;
  readonly legalRep: { readonly name: string; readonly idNo: string };
}

interface Agent {
  readonly name: string;
  readonly idNo: string;
  readonly phone: string;
}

/** Enterprise four factors (企业四要素). */
export function companyFactors(requestNo: string, { name, uscc, legalRep }: Company) {
  return { requestNo, name, uscc, legalRepName: legalRep.name, legalRepIdNo: legalRep.idNo };
}

/** Bankcard four factors (银行卡四要素): another thing, about a person. */
export function cardFactors(requestNo: string, { name, idNo, phone }: Agent, cardNo: string) {
  return { requestNo, name, idNo, cardNo, phone };
}

/** Due diligence before the relationship begins needs no consent. */
export function verifying(party: string, recipient: string, dataKinds: readonly DataKind[]) {
  return { party, recipient, purpose: 'verification', dataKinds, legalBasis: dueDiligence };
}
