/** Entries of camt.053 and camt.054, which are the same, as movements of an account. */
import type { IsoNotification } from '../../contracts/bank/iso20022.wire.ts';
import { decimal, fenOf } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { currencies, entries, entryStates } from './iso20022.codes.ts';

type Entry = Message<typeof IsoNotification>['BkToCstmrDbtCdtNtfctn']['Ntfctn']['Ntry'][number];
type Details = NonNullable<Entry['NtryDtls']>['TxDtls'][number];

export interface Movement {
  readonly serial: string;
  readonly at: string;
  readonly direction: 'credit' | 'debit';
  readonly amount: string;
  readonly currency: string;
  readonly entry: 'payment' | 'return' | 'fee' | 'interest' | 'other';
  readonly instructionNo: string | undefined;
  readonly counterparty: { name?: string; accountNo?: string } | undefined;
  readonly remark: string | undefined;
  /** Of a return: the code and the words of who sent it back. */
  readonly returnWords: string | undefined;
}

/** What a payer writes who has no number to give. */
const noReference = 'NOTPROVIDED';

/** Booked ones only; an entry that gathers several payments becomes several. */
export function movementsOf(list: readonly Entry[]): Movement[] {
  return list
    .filter((entry) => entryStates.of(entry.Sts.Cd, '#/Ntry/Sts') === 'booked')
    .flatMap((entry) => {
      const parts = entry.NtryDtls?.TxDtls ?? [{}];
      const moved = parts.map((details, index) => movementOf(entry, details, index, parts.length));
      const sum = moved.reduce((total, { amount }) => total + fenOf(amount), 0n);
      if (sum !== fenOf(amountOf(entry.Amt)))
        throw new Failure('OUTCOME_UNKNOWN', { detail: `the parts of entry ${entry.AcctSvcrRef} are not its amount` });
      return moved;
    });
}

function movementOf(entry: Entry, details: Details, index: number, count: number): Movement {
  const { Cd, Fmly } = entry.BkTxCd.Domn;
  const amount = details.Amt ?? details.AmtDtls?.TxAmt?.Amt ?? entry.Amt;
  const credit = entry.CdtDbtInd === 'CRDT';
  const reversed = entry.RvslInd === 'true' || entry.RvslInd === '1';
  const back = details.RtrInf;
  const kind = entries.of(`${Cd}/${Fmly.Cd}/${Fmly.SubFmlyCd}`, '#/Ntry/BkTxCd');
  const number = details.Refs?.EndToEndId;
  const serial = details.Refs?.AcctSvcrRef ?? (count === 1 ? entry.AcctSvcrRef : `${entry.AcctSvcrRef}-${index + 1}`);
  const words = [back?.Rsn?.Cd ?? back?.Rsn?.Prtry ?? [], back?.AddtlInf ?? []].flat().join(' ').slice(0, 500);
  const remark = (details.RmtInf?.Ustrd ?? []).join(' ').slice(0, 500);
  return {
    serial,
    at: instantOf(entry.BookgDt.DtTm ?? entry.BookgDt.Dt ?? ''),
    direction: credit ? 'credit' : 'debit',
    amount: amountOf(amount),
    currency: currencies.of(amount['@Ccy'], '#/Ntry/Amt'),
    entry: back || reversed ? 'return' : kind,
    instructionNo: number === noReference ? undefined : number,
    counterparty: counterpartyOf(details, credit),
    remark: remark === '' ? undefined : remark,
    returnWords: words === '' ? undefined : words,
  };
}

function counterpartyOf({ RltdPties: parties }: Details, credit: boolean): Movement['counterparty'] {
  const name = (credit ? parties?.Dbtr : parties?.Cdtr)?.Pty?.Nm;
  const account = (credit ? parties?.DbtrAcct : parties?.CdtrAcct)?.Id;
  const accountNo = account?.Othr?.Id ?? account?.IBAN;
  if (name === undefined && accountNo === undefined) return undefined;
  return { ...(name === undefined ? {} : { name }), ...(accountNo === undefined ? {} : { accountNo }) };
}

/** @throws Failure EXT_CODE_UNMAPPED for a currency that this bank does not pay in */
export function amountOf(money: { '@Ccy': string; '#': string }): string {
  currencies.of(money['@Ccy'], '#/Amt');
  return decimal(money['#'], 2);
}

/** A day, or an instant with or without its offset, in our form. */
export function instantOf(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00+08:00`;
  const instant = /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}+08:00`;
  if (Number.isNaN(Date.parse(instant))) throw new Failure('CONTRACT_VIOLATED', { detail: 'there is no such instant' });
  return instant;
}
