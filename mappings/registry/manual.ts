/**
 * What a registrar sends back, to canonical facts. People mistype and upload the wrong file: what is found wrong by looking
 * at it alone (`mistakesIn`) is asked again and is no fact until it is right. What is right by its form may still be
 * somebody else's number: the certificate's digest goes on, so that it can be held against the registry's own pages.
 */
import { createHash } from 'node:crypto';
import type { Static } from 'typebox';
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { ManualAnswer, ManualTaken, ManualTicket } from '../../contracts/registry/manual.wire.ts';
import {
  Registered,
  RegistrationChanged,
  RegistrationTaken,
  registry,
  SearchResult,
} from '../../contracts/registry/registry.ts';
import { unmapped } from '../codes/codeTable.ts';
import { manualNotFound, manualReasons, manualRefusals, manualTaken } from './manual.codes.ts';
import { mistakesIn, stateOf, taskOf } from './manual.mistakes.ts';

type Ticket = Message<typeof ManualTicket>;

const words = 'words beside the code; shown when it is a no';
const decided = 'the caller has decided by it that this is what is told';
const early = 'told when the order was taken';
const later = 'whether it was taken, not what became of it';
const typedTwice = 'held against what was typed first';

/** What a ticket has for other tasks only, below that place. */
function elsewhere(place: string, ...tasks: (keyof typeof ofTasks)[]): Record<string, string> {
  const all = tasks.flatMap((task) => ofTasks[task].map((field) => [`${place}/${field}`, `of ${task}`]));
  return Object.fromEntries(all) as Record<string, string>;
}

const ofTasks = {
  registrations: ['amendCode', 'amendCodeAgain', 'registeredAt', 'expiresAt'],
  changes: ['changedAt'],
  'registrations and changes': ['registrationNo', 'registrationNoAgain'],
  searches: ['searchNo', 'searchedAt'],
} as const;

/** @throws Failure as `manualRefusals` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const manualTakenOf = mapping(
  'registry.manual.taken',
  ManualTaken,
  RegistrationTaken,
  (answer) => {
    acceptManual(answer);
    if (answer.ticketNo === undefined) throw incomplete('an order');
    return { acceptNo: answer.ticketNo };
  },
  { drops: { '/message': words, '/orderNo': 'the dialect holds it against the order' } },
);

const { queryRequest, readRegistration, readChange } = registry.operations;

/** Was the order taken? What the registrar made of it is another question. */
export const manualTakenEnquiryOf = mapping(
  'registry.manual.taken-enquiry',
  ManualAnswer,
  queryRequest.response,
  (answer): Static<typeof queryRequest.response.schema> => {
    const ticket = ticketIn(answer);
    return ticket ? { outcome: 'confirmed', response: { acceptNo: ticket.ticketNo } } : { outcome: 'notFound' };
  },
  {
    drops: {
      '/message': words,
      '/ticket/task': later,
      '/ticket/state': later,
      '/ticket/reason': later,
      '/ticket/result': later,
    },
    leaves: {
      '/<outcome=pending>': 'an order is taken or not; there is nothing between',
      '/<outcome=refused>': 'an order that is refused is not kept',
    },
  },
);

export const manualRegisteredEnquiryOf = mapping(
  'registry.manual.registered-enquiry',
  ManualAnswer,
  readRegistration.response,
  (answer): Static<typeof readRegistration.response.schema> => {
    const ticket = ticketIn(answer);
    if (!ticket) return { outcome: 'notFound' };
    if (taskOf(ticket) !== 'registered') throw ofAnother('registration');
    return settled(ticket) ?? { outcome: 'confirmed', response: manualRegisteredOf(ticket) };
  },
  {
    drops: { ...elsewhere('/ticket/result', 'changes', 'searches'), '/message': words, '/ticket/ticketNo': early },
  },
);

export const manualChangedEnquiryOf = mapping(
  'registry.manual.changed-enquiry',
  ManualAnswer,
  readChange.response,
  (answer): Static<typeof readChange.response.schema> => {
    const ticket = ticketIn(answer);
    if (!ticket) return { outcome: 'notFound' };
    const task = taskOf(ticket);
    if (task !== 'amended' && task !== 'cancelled') throw ofAnother('change');
    return settled(ticket) ?? { outcome: 'confirmed', response: manualChangedOf(ticket) };
  },
  {
    drops: {
      ...elsewhere('/ticket/result', 'registrations', 'searches'),
      '/message': words,
      '/ticket/ticketNo': early,
    },
  },
);

/** The facts that the desk tells. What was sent back has no notice of its own: the queries tell it. */
export function manualNoticesOf(ticket: Ticket): { notice: 'registered' | 'registrationChanged'; message: unknown }[] {
  const task = taskOf(ticket);
  if (stateOf(ticket) !== 'done' || task === 'searched') return [];
  return task === 'registered'
    ? [{ notice: 'registered', message: manualRegisteredOf(ticket) }]
    : [{ notice: 'registrationChanged', message: manualChangedOf(ticket) }];
}

/** Only of tickets without mistakes. */
export const manualRegisteredOf = mapping(
  'registry.manual.registered',
  ManualTicket,
  Registered,
  ({ orderNo, result }) => {
    const { registrationNo, amendCode, certificate, registeredAt, expiresAt } = result ?? {};
    if (!registrationNo || !amendCode || !certificate || !registeredAt || !expiresAt)
      throw incomplete('a registration');
    return {
      requestNo: orderNo,
      registrationNo,
      amendCode,
      certificateSha256: digestOf(certificate),
      registeredAt: instantOf(registeredAt),
      expiresAt: instantOf(expiresAt),
    };
  },
  {
    drops: {
      ...elsewhere('/result', 'changes', 'searches'),
      '/ticketNo': early,
      '/task': decided,
      '/state': decided,
      '/result/registrationNoAgain': typedTwice,
      '/result/amendCodeAgain': typedTwice,
    },
  },
);

export const manualChangedOf = mapping(
  'registry.manual.changed',
  ManualTicket,
  RegistrationChanged,
  (ticket) => {
    const change = taskOf(ticket);
    const { registrationNo, changedAt, certificate } = ticket.result ?? {};
    if ((change !== 'amended' && change !== 'cancelled') || !registrationNo || !changedAt || !certificate)
      throw incomplete('a change');
    digestOf(certificate);
    return { requestNo: ticket.orderNo, registrationNo, change, at: instantOf(changedAt) };
  },
  {
    drops: {
      ...elsewhere('/result', 'registrations', 'searches'),
      '/ticketNo': early,
      '/state': decided,
      '/result/registrationNoAgain': typedTwice,
    },
  },
);

/** @throws Failure SYSTEM_BUSY as long as the registrar has not searched */
export const manualSearchResultOf = mapping(
  'registry.manual.search-result',
  ManualTicket,
  SearchResult,
  (ticket) => {
    if (taskOf(ticket) !== 'searched') throw ofAnother('search');
    const open = settled(ticket);
    if (open?.outcome === 'pending')
      throw new Failure('SYSTEM_BUSY', { detail: 'the registrar has not searched yet: ask again later' });
    if (open) throw new Failure(open.code, { detail: open.detail });
    const { searchNo, searchedAt, searchedNames: [asked] = [], hits, certificate } = ticket.result ?? {};
    if (!searchNo || !searchedAt || asked === undefined || !hits || !certificate) throw incomplete('a search');
    digestOf(certificate);
    return {
      searchNo,
      searchedAt: instantOf(searchedAt),
      hits: hits.map(({ registrationNo, debtorName, securedParty, description, registeredAt }) => ({
        registrationNo,
        securedParty,
        // Found under another name: whoever reads the hit must know.
        description: (debtorName === asked ? description : `【曾用名 ${debtorName}】${description}`).slice(0, 4000),
        registeredAt: instantOf(registeredAt),
      })),
    };
  },
  {
    drops: {
      ...elsewhere('/result', 'registrations', 'changes', 'registrations and changes'),
      '/orderNo': 'the dialect holds it against the order',
      '/ticketNo': early,
    },
  },
);

/** Nothing when it is done and without mistakes: then the caller reads the fact. */
function settled(
  ticket: Ticket,
): { outcome: 'pending' } | { outcome: 'refused'; code: FailureCode; detail: string } | undefined {
  const state = stateOf(ticket);
  if (state === 'refused') return sentBack(ticket);
  // With a mistake it is still under way: the registrar is asked again when the desk tells it.
  return state === 'pending' || mistakesIn(ticket).length > 0 ? { outcome: 'pending' } : undefined;
}

function sentBack({ reason }: Ticket): { outcome: 'refused'; code: FailureCode; detail: string } {
  if (!reason) throw incomplete('an order that was sent back');
  const code = manualReasons.find(reason.code);
  if (!code) throw unmapped(manualReasons.name, reason.code, '#/ticket/reason/code', reason.message);
  return { outcome: 'refused', code, detail: `${reason.code} ${reason.message}`.slice(0, 500) };
}

function acceptManual(answer: { code: string; message: string }): void {
  if (answer.code === manualTaken) return;
  const code = manualRefusals.find(answer.code) ?? 'EXT_CODE_UNMAPPED';
  throw new Failure(code, { detail: `${answer.code} ${answer.message}`, externalCode: answer.code });
}

/** The ticket of an answer; nothing when the desk never heard of the order. */
export function ticketIn(answer: Message<typeof ManualAnswer>): Ticket | undefined {
  if (answer.code === manualNotFound) return undefined;
  acceptManual(answer);
  if (!answer.ticket || answer.ticket.orderNo !== answer.orderNo) throw incomplete('a query');
  return answer.ticket;
}

function digestOf({ sha256, content }: { sha256: string; content: string }): string {
  if (createHash('sha256').update(Buffer.from(content, 'base64')).digest('hex') === sha256) return sha256;
  throw new Failure('ANSWER_UNVERIFIED', { detail: 'the certificate is not the document that its digest names' });
}

function ofAnother(what: string): Failure {
  return new Failure('SYSTEM_REFUSED', { detail: `the number is not that of a ${what}` });
}

function incomplete(what: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `the answer to ${what} lacks what it is about` });
}

/** China has kept one time, without summer time, since 1991. */
function instantOf(beijingTime: string): string {
  return `${beijingTime.replace(' ', 'T')}+08:00`;
}
