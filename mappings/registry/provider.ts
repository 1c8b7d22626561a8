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

/** A proposal: the registry's own codes are not public. A00100 is pledge of receivables (应收账款质押), which the hub does not register. */
export const providerBusinessTypes = {
  factoring: 'A00200', // 应收账款转让 / 保理
  goodsPledge: 'A00300', // 存货、动产质押
  warehouseReceiptPledge: 'A00400', // 仓单质押
} as const;

/** Any code but "0000" and those here is unmapped. */
export const providerCodes = {
  '1002': 'IDEMPOTENCY_CONFLICT', // the request number was used for something else
  '2001': 'SYSTEM_REFUSED', // no such registration
  '2002': 'SYSTEM_REFUSED', // wrong amend code (修改码)
  '2003': 'SYSTEM_REFUSED', // the registration ended
  '2004': 'SYSTEM_REFUSED', // a field is not acceptable
  '2005': 'SYSTEM_REFUSED', // the clerk sent it back
  '9002': 'SYSTEM_REFUSED', // timestamp
  '9003': 'SYSTEM_REFUSED', // nonce used before
  '9004': 'SYSTEM_REFUSED', // body not readable
  '9100': 'SYSTEM_BUSY', // not taken, try later
} as const satisfies Record<string, FailureCode>;

/** "Never heard of this request number." */
export const providerNotFound = '1001';

export const providerStates = { ACCEPTED: 'pending', PROCESSING: 'pending', DONE: 'done', REFUSED: 'refused' } as const;

/** What a request was for, by the port's word. */
export const providerTypes = { REGISTRATION: 'registered', AMENDMENT: 'amended', CANCELLATION: 'cancelled' } as const;

export const providerSearchOf = mapping(Search, ProviderSearch, (search) => ({ debtorName: search.debtorName }));

export const providerRegistrationOf = mapping(Registration, ProviderRegistration, (source) => ({
  requestNo: source.requestNo,
  businessType: providerBusinessTypes[source.business],
  debtor: { name: source.pledgor.name, creditCode: source.pledgor.uscc },
  securedParty: { name: source.pledgee.name, creditCode: source.pledgee.uscc },
  mainContractNo: source.contractNo,
  securedAmount: source.securedAmount,
  currency: 'CNY' as const,
  termMonths: source.termMonths,
  description: source.description,
}));

export const providerAmendmentOf = mapping(Amendment, ProviderAmendment, ({ registrationNo, ...body }) => ({
  registrationNo,
  body,
}));

export const providerCancellationOf = mapping(Cancellation, ProviderCancellation, ({ registrationNo, ...body }) => ({
  registrationNo,
  body,
}));

/** @throws Failure as `providerCodes` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const searchResultOf = mapping(ProviderSearchAnswer, SearchResult, (answer) => {
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
});

/** @throws Failure as `searchResultOf` */
export const takenOf = mapping(ProviderTaken, RegistrationTaken, (answer) => {
  accept(answer);
  if (answer.acceptNo === undefined) throw incomplete('a request');
  return { acceptNo: answer.acceptNo };
});

const { queryRequest, readRegistration, readChange } = registry.operations;

/** Was the request taken? What the clerk made of it afterwards is another question. */
export const takenEnquiryOf = mapping(
  ProviderRequestAnswer,
  queryRequest.response,
  (answer): Static<typeof queryRequest.response.schema> => {
    const progress = progressIn(answer);
    if (!progress) return { outcome: 'notFound' };
    if (progress.acceptNo !== undefined) return { outcome: 'confirmed', response: { acceptNo: progress.acceptNo } };
    if (stateOf(progress) === 'refused') return refusedBy(progress);
    throw incomplete('a request');
  },
);

export const registeredEnquiryOf = mapping(
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
);

export const changedEnquiryOf = mapping(
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
export const registeredOf = mapping(ProviderProgress, Registered, ({ requestNo, result }) => {
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
});

export const changedOf = mapping(ProviderProgress, RegistrationChanged, (progress) => {
  const change = typeOf(progress);
  const { registrationNo, changedAt } = progress.result ?? {};
  if (change === 'registered' || registrationNo === undefined || changedAt === undefined) throw incomplete('a change');
  return { requestNo: progress.requestNo, registrationNo, change, at: instantOf(changedAt) };
});

type Progress = Message<typeof ProviderProgress>;

function accept(answer: { code: string; message: string }): void {
  if (answer.code === '0000') return;
  const code = rowOf(providerCodes, answer.code) ?? 'EXT_CODE_UNMAPPED';
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
  const code = rowOf(providerCodes, refusal.code);
  if (!code)
    throw new Failure('EXT_CODE_UNMAPPED', {
      detail: `${refusal.code} ${refusal.message}`,
      externalCode: refusal.code,
    });
  return { outcome: 'refused', code, detail: `${refusal.code} ${refusal.message}`.slice(0, 500) };
}

function stateOf({ state }: Progress): (typeof providerStates)[keyof typeof providerStates] {
  const known = rowOf(providerStates, state);
  if (!known) throw new Failure('EXT_CODE_UNMAPPED', { detail: `state ${state}`, externalCode: state });
  return known;
}

function typeOf({ type }: Progress): (typeof providerTypes)[keyof typeof providerTypes] {
  const known = rowOf(providerTypes, type);
  if (!known) throw new Failure('EXT_CODE_UNMAPPED', { detail: `request type ${type}`, externalCode: type });
  return known;
}

function incomplete(what: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `the answer to ${what} lacks what it is about` });
}

/** China has kept one time, without summer time, since 1991. */
function instantOf(beijingTime: string): string {
  return `${beijingTime.replace(' ', 'T')}+08:00`;
}

function rowOf<T extends object>(table: T, code: string): T[keyof T] | undefined {
  return Object.hasOwn(table, code) ? table[code as keyof T] : undefined;
}
