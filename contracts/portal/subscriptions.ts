/** What parties may hear of (订阅), and over which road: posted to them (Standard Webhooks), or read by them (`GET /v1/events`). */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

export const eventKinds = [
  'limit.granted',
  'limit.changed',
  'limit.frozen',
  'limit.restored',
  'limit.ended',
  'alert.opened',
  'alert.escalated',
  'alert.resolved',
  'loan.active',
  'loan.due',
  'loan.overdue',
  'loan.settled',
  'loan.changed',
  'collateral.effective',
  'collateral.changed',
  'collateral.released',
  'feedback.missed',
] as const;
export type EventKind = (typeof eventKinds)[number];

export const Subscription = contract(
  'portal/subscription',
  strict({
    channel: Type.Enum(['POLL', 'WEBHOOK'], { type: 'string' }),
    /** None: nothing more is wished for. */
    kinds: Type.Array(Type.Enum([...eventKinds], { type: 'string' }), {
      maxItems: eventKinds.length,
      uniqueItems: true,
    }),
    /** Where to post, for a webhook. */
    url: Type.Optional(Type.String({ pattern: '^https?://[^\\s\\p{Cc}]+$', maxLength: 500 })),
  }),
);
