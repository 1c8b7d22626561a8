/** Accounts: 4601 together with the binding, which people review; 4616 asks, 4618 tells, 4691 says what is in one. */
import type { TwinContext } from '../twin.ts';
import {
  accepted,
  end,
  own,
  pick,
  refusal,
  tell,
  underWay,
  type Memory,
  type Opening,
  type Result,
} from './cpcnBooks.ts';
import { hasTimePrefix, type GatewayRequest } from './cpcnWire.ts';

const reviewAfterMs = 2 * 3_600_000;
/** Endings of the bank account's number. */
const unboundEnding = '0004';
const refusedEnding = '0005';

export function open({ body, corporation, bankAccount }: GatewayRequest, twin: TwinContext<Memory>): Result {
  const { memory } = twin;
  const { TxSN = '', UserID = '', Extension = '' } = body;
  if (own(memory.openings, TxSN)) return refusal('2008', 'duplicate TxSN');
  const { CorporationName: holder = '', UnifiedSocialCreditCode, LegalCredentialNumber = '' } = corporation;
  const { BankAccountNumber: accountNumber = '', BindingTxSN = '' } = bankAccount;
  const formed =
    hasTimePrefix(TxSN) &&
    hasTimePrefix(BindingTxSN) &&
    body['UserType'] === '12' &&
    body['BusinessType'] === '20' &&
    body['ImageCollectionTxSN'] !== undefined &&
    UnifiedSocialCreditCode === UserID &&
    /^\d{17}[\dX]$/.test(LegalCredentialNumber) &&
    /^[0-9-]{6,32}$/.test(accountNumber) &&
    holder !== '';
  if (!formed) return refusal('X003', 'field');
  const waits = Object.values(memory.openings).some((each) => each.UserID === UserID && each.Status === '10');
  if (waits || bookOf(memory, UserID) || own(memory.books, accountNumber))
    return refusal('X012', 'that user, or that bank account, is there already');
  memory.openings[TxSN] = { TxSN, UserID, holder, accountNumber, no: Extension, BindingStatus: '10', ...underWay };
  twin.later('review', { TxSN }, reviewAfterMs);
  return accepted({ UserID, ...pick({ ...underWay }, ['Status', 'ResponseCode', 'ResponseMessage']) });
}

export function queryOpening(SourceTxSN: string, { memory }: TwinContext<Memory>): Result {
  const opening = own(memory.openings, SourceTxSN);
  return opening ? accepted(shown(opening)) : refusal('X004', 'no such transaction');
}

/** People look at the papers; what they decide stands. */
export async function review({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const opening = own(twin.memory.openings, String(TxSN));
  if (!opening) return;
  if (opening.Status === '10') {
    decide(opening, twin);
    twin.save();
  }
  await tell('4618', { SourceTxCode: '4601', UserType: '12', ...shown(opening) }, twin);
}

function decide(opening: Opening, twin: TwinContext<Memory>): void {
  const { accountNumber, UserID, holder, no, TxSN } = opening;
  if (accountNumber.endsWith(refusedEnding)) {
    opening.BindingStatus = '40';
    return end(opening, ['40', 'X46001', 'the papers are not those of the company'], twin);
  }
  twin.effect('opened', no, { TxSN, UserID });
  twin.memory.books[accountNumber] = { holder, uscc: UserID, fen: '0' };
  const bound = !accountNumber.endsWith(unboundEnding);
  opening.BindingStatus = bound ? '30' : '40';
  end(opening, bound ? ['30', '000000', 'OK.'] : ['30', 'X46002', 'the bank account is not its own'], twin);
}

export function balance(UserID: string, { memory }: TwinContext<Memory>): Result {
  const book = bookOf(memory, UserID);
  if (!book) return refusal('X011', 'no such user');
  const nothing = { ReceivableBalance: '0', FrozenAmount: '0' };
  return accepted({
    UserID,
    UserName: book.holder,
    Status: '10',
    Balance: book.fen,
    ReceivedBalance: book.fen,
    ...nothing,
  });
}

function bookOf({ books }: Memory, uscc: string) {
  return Object.values(books).find((book) => book.uscc === uscc);
}

function shown(opening: Opening): Record<string, unknown> {
  const names = ['Status', 'BindingStatus', 'ResponseCode', 'ResponseMessage'];
  return { SourceTxSN: opening.TxSN, UserID: opening.UserID, ...pick({ ...opening }, names) };
}
