/** The codes of 法大大 about authority to sign (授权核验). */
import type { TableSubject } from '../subject.ts';
import { authorisedWhen, dataOf, everyIn, knownWhen, sealTypeIs } from './esign-extras.case.ts';

export const fascAuthorityTables: Readonly<Record<string, TableSubject>> = {
  'esign.fasc.binding-status': {
    by: 'answer',
    operation: 'checkAuthority',
    step: 0,
    give: (code, genuine) => dataOf({ bindingStatus: code })(genuine),
    wrong: knownWhen('companyUnknown'),
    unmapped: 'suspended',
  },
  'esign.fasc.available-status': {
    by: 'answer',
    operation: 'checkAuthority',
    step: 2,
    give: (code, genuine) => dataOf({ availableStatus: code })(genuine),
    wrong: knownWhen('personUnknown'),
    unmapped: 'frozen',
  },
  'esign.fasc.ident-status': {
    by: 'answer',
    operation: 'checkAuthority',
    step: 3,
    give: (code, genuine) => dataOf({ identStatus: code })(genuine),
    wrong: knownWhen('personUnknown'),
    unmapped: 'identifying',
  },
  'esign.fasc.grant-status': {
    by: 'answer',
    operation: 'checkAuthority',
    step: 5,
    give: (code, genuine) => everyIn('sealInfos', { grantStatus: code })(genuine),
    wrong: authorisedWhen('live'),
    unmapped: 'paused',
  },
  'esign.fasc.seal-status': {
    by: 'answer',
    operation: 'checkAuthority',
    step: 5,
    give: (code, genuine) => everyIn('sealInfos', { sealStatus: code })(genuine),
    wrong: authorisedWhen('inUse'),
    unmapped: 'lost',
  },
  'esign.fasc.seal-type': {
    by: 'answer',
    operation: 'checkAuthority',
    step: 5,
    give: (code, genuine) => everyIn('sealInfos', { categoryType: code })(genuine),
    wrong: sealTypeIs,
    unmapped: 'cross_page_seal',
  },
};
