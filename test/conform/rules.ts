/**
 * What may be concluded from a fault: the one table that every case of every dialect is judged by. It is written from
 * `contracts/failures.ts` and from nothing else: an outcome that is not known is unknown, and only what certainly did not
 * arrive may be sent again.
 */
import type { Outcome } from '../../adapters/adapter.ts';
import type { StepKind } from './subject.ts';

/**
 * - `unsent`: no byte of the request can have arrived;
 * - `lost`: it may have been acted upon, and there is no answer;
 * - `forged`: there is an answer, and it is not provably the counterparty's answer to this;
 * - `page`: a machine on the way answers 401 or 403 in its own words;
 * - `busy`: 429, which says of itself that the request was not taken;
 * - `genuine`: the answer is the counterparty's, however oddly it travelled.
 */
export type FaultClass = 'unsent' | 'lost' | 'forged' | 'page' | 'busy' | 'genuine';

export const rules: Readonly<Record<FaultClass, Readonly<Record<StepKind, readonly Outcome['outcome'][]>>>> = {
  unsent: { read: ['later'], prepare: ['later'], effect: ['later'], after: ['unknown'] },
  lost: { read: ['unknown'], prepare: ['later', 'unknown'], effect: ['unknown'], after: ['unknown'] },
  // What a prepared thing came to need not be known: without the request that follows it is nothing.
  forged: { read: ['unknown'], prepare: ['later', 'unknown', 'refused'], effect: ['unknown'], after: ['unknown'] },
  // A read may be refused by a page: nothing hangs on it, and asking again and again would lock a technical user.
  page: {
    read: ['unknown', 'refused', 'later'],
    prepare: ['later', 'unknown', 'refused'],
    effect: ['unknown'],
    after: ['unknown'],
  },
  busy: {
    read: ['unknown', 'refused', 'later'],
    prepare: ['later', 'unknown', 'refused'],
    effect: ['unknown', 'later'],
    after: ['unknown'],
  },
  genuine: { read: ['confirmed'], prepare: ['confirmed'], effect: ['confirmed'], after: ['confirmed'] },
};
