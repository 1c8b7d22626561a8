/** What funders and borrowers tell the hub of a loan that is overdue. */
import { Type } from 'typebox';
import { BusinessDate, Sha256Hex, ShortText, Text } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

/** The funder is right about its loan (0.2): overdue by its books too, or current, then with the maturity that it agreed to. */
const LoanStanding = contract(
  'portal/loan-standing',
  strict({
    statementNo: ShortText,
    loanNo: ShortText,
    standing: Type.Enum(['overdue', 'current']),
    /** The later one, when it was extended (展期). */
    maturity: Type.Optional(BusinessDate),
    reason: Text,
  }),
);

/** Somebody says that he was put on the blacklist wrongly. */
export const ListingContest = contract(
  'portal/listing-contest',
  strict({
    contestNo: ShortText,
    loanNo: ShortText,
    reason: Text,
    /** Of what it rests on. */
    evidenceSha256: Sha256Hex,
  }),
);

export const overdueCommands = {
  loanStanding: command({
    contract: LoanStanding,
    label: { zh: '资金方确认借据状态', en: 'how the loan stands by the funder' },
    path: 'loan-standings',
    by: ['funder'],
    keyOf: (m) => m.loanNo,
    idOf: (m) => m.statementNo,
  }),
  listingContested: command({
    contract: ListingContest,
    label: { zh: '黑名单异议', en: 'a listing is contested' },
    path: 'listing-contests',
    by: ['dealer', 'supplier', 'operator'],
    keyOf: (m) => m.loanNo,
    idOf: (m) => m.contestNo,
  }),
};
