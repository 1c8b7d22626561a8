/** What the hub writes into an ERP, and how it keeps up with what changes there. */
import { Type } from 'typebox';
import { BusinessDate, Currency, Instant, ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Money that came in for a receivable (应收账款), to be posted against it. */
export const Clearing = contract(
  'sap/clearing',
  strict({
    clearingNo: ShortText,
    companyCode: ShortText,
    customerNo: ShortText,
    /** The open item that it settles. */
    documentNo: ShortText,
    amount: Yuan,
    currency: Currency,
    postingDate: BusinessDate,
    text: Type.Optional(Text),
  }),
);

export const ClearingPosted = contract(
  'sap/clearing-posted',
  strict({ clearingNo: ShortText, companyCode: ShortText, documentNo: ShortText, fiscalYear: ShortText }),
);

/** Audit confirmation (接收确认) of a message that the ERP sent: what became of it here. */
export const Acknowledgement = contract(
  'sap/acknowledgement',
  strict({
    messageNo: ShortText,
    message: Type.Union([Type.Literal('order'), Type.Literal('delivery'), Type.Literal('billing')]),
    verdict: Type.Union([Type.Literal('accepted'), Type.Literal('rejected')]),
    reason: Type.Optional(Text),
  }),
);

export const Acknowledged = contract(
  'sap/acknowledged',
  strict({ messageNo: ShortText, verdict: Type.Union([Type.Literal('accepted'), Type.Literal('rejected')]) }),
);

export const ReadChanges = contract(
  'sap/read-changes',
  strict({
    salesOrganization: ShortText,
    /** Where to begin without a token. */
    since: Instant,
    /** From the answer before. */
    token: Type.Optional(ShortText),
  }),
);

/** Orders that changed (变更订单). One may be told again: what changed is its number and when. */
export const Changes = contract(
  'sap/changes',
  strict({
    salesOrganization: ShortText,
    changes: Type.Array(strict({ orderNo: ShortText, changedAt: Instant }), { maxItems: 5000 }),
    /** For the next call. It stays where it was while there is a gap. */
    token: ShortText,
    /** What is known to be missing: ask again; what was told is right as far as it goes. */
    gap: Type.Optional(Text),
  }),
);

/** An event of the ERP: the key alone. What the order is now must be read. */
export const OrderChange = contract(
  'sap/order-change',
  strict({
    orderNo: ShortText,
    eventId: ShortText,
    change: Type.Union([Type.Literal('created'), Type.Literal('changed'), Type.Literal('deleted')]),
    at: Instant,
  }),
);
