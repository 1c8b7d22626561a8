/** Canonical registrations (中登网登记) to and from the provider port: business types, answer codes, states, Beijing times. */
import { createHash } from 'node:crypto';
import type { Static } from 'typebox';
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import {
  Amendment,
  Cancellation,
  Registered,
  Registration,
  RegistrationChanged,
  RegistrationTaken,
  registry,
  Search,
  SearchResult,
} from '../../contracts/registry/registry.ts';
import {
  ProviderAmendment,
  ProviderCancellation,
  ProviderProgress,
  ProviderRegistration,
  ProviderRequestAnswer,
  ProviderSearch,
  ProviderSearchAnswer,
  ProviderTaken,
} from '../../contracts/registry/provider.wire.ts';
import { unmapped } from '../codes/codeTable.ts';
import {
  providerBusinessTypes,
  providerCodes,
  providerNotFound,
  providerStates,
  providerTypes,
} from './provider.codes.ts';

const words = 'words beside the code; shown when it is refused';
const ofRegistrations = 'of registrations';
const later = 'whether it was taken, not what became of it';
const decided = 'the caller has decided by it that this is what is told';

export const providerSearchOf = mapping('registry.provider.search-request', Search, ProviderSearch, (search) => ({
  debtorName: search.debtorName,
}));

export const providerRegistrationOf = mapping(
  'registry.provider.registration',
  Registration,
  ProviderRegistration,
  (given) => ({
    requestNo: given.requestNo,
    businessType: providerBusinessTypes.codeOf(given.business, '#/business'),
    debtor: { name: given.pledgor.name, creditCode: given.pledgor.uscc },
    securedParty: { name: given.pledgee.name, creditCode: given.pledgee.uscc },
    mainContractNo: given.contractNo,
    securedAmount: given.securedAmount,
    currency: 'CNY' as const,
    termMonths: given.termMonths,
    description: given.description,
  }),
);

export const providerAmendmentOf = mapping(
  'registry.provider.amendment',
  Amendment,
  ProviderAmendment,
  ({ registrationNo, ...body }) => ({
    registrationNo,
    body,
  }),
);

export const providerCancellationOf = mapping(
  'registry.provider.cancellation',
  Cancellation,
  ProviderCancellation,
  ({ registrationNo, ...body }) => ({
    registrationNo,
    body,
  }),
);

/** @throws Failure as `providerCodes` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const searchResultOf = mapping(
  'registry.provider.search',
  ProviderSearchAnswer,
  SearchResult,
  (answer) => {
    accept(answer);
    const { searchNo, searchedAt, hits } = answer;
    if (searchNo === undefined || searchedAt === undefined || hits === undefined) throw incomplete('a search');
    return {
      searchNo,
      searchedAt: instantOf(searchedAt),
      hits: hits.map(({ registrationNo, securedParty, description, registeredAt }) => ({
        registrationNo,
        securedParty,
        description,
        registeredAt: instantOf(registeredAt),
      })),
    };
  },
  {
    drops: {
      '/message': words,
      '/hits/[]/businessType': 'codes of the registry are not public; the description says what is encumbered',
    },
  },
);

/** @throws Failure as `searchResultOf` */
export const takenOf = mapping(
  'registry.provider.taken',
  ProviderTaken,
  RegistrationTaken,
  (answer) => {
    accept(answer);
    if (answer.acceptNo === undefined) throw incomplete('a request');
    return { acceptNo: answer.acceptNo };
  },
  {
    drops: {
      '/message': words,
      '/requestNo': 'the dialect holds it against the request',
    },
  },
);

const { queryRequest, readRegistration, readChange } = registry.operations;

/** Was the request taken? What the clerk made of it afterwards is another question. */
export const takenEnquiryOf = mapping(
  'registry.provider.taken-enquiry',
  ProviderRequestAnswer,
  queryRequest.response,
  (answer): Static<typeof queryRequest.response.schema> => {
    const progress = progressIn(answer);
    if (!progress) return { outcome: 'notFound' };
    if (progress.acceptNo !== undefined) return { outcome: 'confirmed', response: { acceptNo: progress.acceptNo } };
    if (stateOf(progress) === 'refused') return refusedBy(progress);
    throw incomplete('a request');
  },
  {
    drops: {
      '/progress/type': later,
      '/progress/result': later,
      '/message': words,
    },
    leaves: { '/<outcome=pending>': 'a request is taken or not; there is nothing between' },
  },
);

export const registeredEnquiryOf = mapping(
  'registry.provider.registered-enquiry',
  ProviderRequestAnswer,
  readRegistration.response,
  (answer): Static<typeof readRegistration.response.schema> => {
    const progress = progressIn(answer);
    if (!progress) return { outcome: 'notFound' };
    if (typeOf(progress) !== 'registered')
      throw new Failure('SYSTEM_REFUSED', { detail: 'the number is not that of a registration' });
    switch (stateOf(progress)) {
      case 'pending':
        return { outcome: 'pending' };
      case 'refused':
        return refusedBy(progress);
      default:
        return { outcome: 'confirmed', response: registeredOf(progress) };
    }
  },
  {
    drops: {
      '/message': words,
      '/progress/acceptNo': 'told when the request was taken',
      '/progress/result/certificate/contentType': 'the contract allows one only',
      '/progress/result/changedAt': 'of changes',
    },
  },
);

export const changedEnquiryOf = mapping(
  'registry.provider.changed-enquiry',
  ProviderRequestAnswer,
  readChange.response,
  (answer): Static<typeof readChange.response.schema> => {
    const progress = progressIn(answer);
    if (!progress) return { outcome: 'notFound' };
    if (typeOf(progress) === 'registered')
      throw new Failure('SYSTEM_REFUSED', { detail: 'the number is not that of a change' });
    switch (stateOf(progress)) {
      case 'pending':
        return { outcome: 'pending' };
      case 'refused':
        return refusedBy(progress);
      default:
        return { outcome: 'confirmed', response: changedOf(progress) };
    }
  },
  {
    drops: {
      '/message': words,
      '/progress/acceptNo': 'told when the request was taken',
      '/progress/result/amendCode': ofRegistrations,
      '/progress/result/registeredAt': ofRegistrations,
      '/progress/result/expiresAt': ofRegistrations,
    },
  },
);

/** The facts in a notice. A refusal has no notice of its own: `readRegistration` and `readChange` tell it. */
export function noticesOf(progress: Progress): { notice: 'registered' | 'registrationChanged'; message: unknown }[] {
  const type = typeOf(progress);
  if (stateOf(progress) !== 'done') return [];
  return type === 'registered'
    ? [{ notice: 'registered', message: registeredOf(progress) }]
    : [{ notice: 'registrationChanged', message: changedOf(progress) }];
}

/** Of the certificate only its digest goes on, once it is the digest of what came. */
export const registeredOf = mapping(
  'registry.provider.registered',
  ProviderProgress,
  Registered,
  ({ requestNo, result }) => {
    const { registrationNo, amendCode, certificate, registeredAt, expiresAt } = result ?? {};
    if (
      registrationNo === undefined ||
      amendCode === undefined ||
      !certificate ||
      registeredAt === undefined ||
      expiresAt === undefined
    ) {
      throw incomplete('a registration');
    }
    const pdf = Buffer.from(certificate.content, 'base64');
    if (
      createHash('sha256').update(pdf).digest('hex') !== certificate.sha256 ||
      pdf.subarray(0, 5).toString('latin1') !== '%PDF-'
    ) {
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'the certificate is not the document that its digest names' });
    }
    const span = { registeredAt: instantOf(registeredAt), expiresAt: instantOf(expiresAt) };
    if (Date.parse(span.expiresAt) <= Date.parse(span.registeredAt)) {
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'the registration expires before it begins' });
    }
    return { requestNo, registrationNo, amendCode, certificateSha256: certificate.sha256, ...span };
  },
  {
    drops: {
      '/acceptNo': 'told when the request was taken',
      '/type': decided,
      '/state': decided,
      '/result/certificate/contentType': 'the contract allows one only',
      '/result/changedAt': 'of changes',
    },
  },
);

export const changedOf = mapping(
  'registry.provider.changed',
  ProviderProgress,
  RegistrationChanged,
  (progress) => {
    const change = typeOf(progress);
    const { registrationNo, changedAt } = progress.result ?? {};
    if (change === 'registered' || registrationNo === undefined || changedAt === undefined)
      throw incomplete('a change');
    return { requestNo: progress.requestNo, registrationNo, change, at: instantOf(changedAt) };
  },
  {
    drops: {
      '/acceptNo': 'told when the request was taken',
      '/state': decided,
      '/result/amendCode': ofRegistrations,
      '/result/registeredAt': ofRegistrations,
      '/result/expiresAt': ofRegistrations,
    },
  },
);

type Progress = Message<typeof ProviderProgress>;

function accept(answer: { code: string; message: string }): void {
  if (answer.code === '0000') return;
  const code = providerCodes.find(answer.code) ?? 'EXT_CODE_UNMAPPED';
  throw new Failure(code, { detail: `${answer.code} ${answer.message}`, externalCode: answer.code });
}

function progressIn(answer: Message<typeof ProviderRequestAnswer>): Progress | undefined {
  if (answer.code === providerNotFound) return undefined;
  accept(answer);
  if (!answer.progress || answer.progress.requestNo !== answer.requestNo) throw incomplete('a query');
  return answer.progress;
}

function refusedBy({ refusal }: Progress): { outcome: 'refused'; code: FailureCode; detail: string } {
  if (!refusal) throw incomplete('a refusal');
  const code = providerCodes.find(refusal.code);
  if (!code) throw unmapped(providerCodes.name, refusal.code, '#/progress/refusal/code', refusal.message);
  return { outcome: 'refused', code, detail: `${refusal.code} ${refusal.message}`.slice(0, 500) };
}

function stateOf({ state }: Progress): ReturnType<typeof providerStates.of> {
  return providerStates.of(state, '#/progress/state');
}

function typeOf({ type }: Progress): ReturnType<typeof providerTypes.of> {
  return providerTypes.of(type, '#/progress/type');
}

function incomplete(what: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `the answer to ${what} lacks what it is about` });
}

/** China has kept one time, without summer time, since 1991. */
function instantOf(beijingTime: string): string {
  return `${beijingTime.replace(' ', 'T')}+08:00`;
}
