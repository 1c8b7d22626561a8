/** What a company lets the hub pass on to a funder about it (数据授权), beside what it agreed to when it registered. */
import { Type } from 'typebox';
import { CompanyName, Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

const kinds = ['COMPANY', 'PERSON', 'CONTACT', 'ACCOUNT', 'TRADE', 'FINANCE', 'VERIFICATION', 'CREDIT'] as const;

export const ConsentWish = contract(
  'portal/consent',
  strict({
    recipient: CompanyName,
    purpose: ShortText,
    /** In place of the earlier ones; none: the consent is taken back. */
    dataKinds: Type.Array(Type.Enum([...kinds], { type: 'string' }), { maxItems: kinds.length, uniqueItems: true }),
    validTo: Type.Optional(Instant),
  }),
);
