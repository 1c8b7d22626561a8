/** camt.053: the movements of one account on one day. It is believed when it is in itself right. */
import { Statement } from '../../contracts/bank/statement.ts';
import { IsoStatementAsked } from '../../contracts/bank/iso20022.wire.ts';
import { decimal, fenOf } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { balances } from './iso20022.codes.ts';
import { amountOf, instantOf, movementsOf } from './iso20022.entries.ts';

type Stmt = Message<typeof IsoStatementAsked>['statement']['BkToCstmrStmt']['Stmt'];
const beijingMs = 8 * 3_600_000;

export const statementOf = mapping(
  'bank.iso20022.statementOf',
  IsoStatementAsked,
  Statement,
  ({ accountNo, date, sequence, statement }) => {
    const { Stmt } = statement.BkToCstmrStmt;
    const account = Stmt.Acct.Id.Othr?.Id ?? Stmt.Acct.Id.IBAN;
    const days = [Stmt.FrToDt.FrDtTm, Stmt.FrToDt.ToDtTm].map(dayIn);
    if (account !== accountNo || days.some((day) => day !== date) || Number(Stmt.ElctrncSeqNb) !== sequence)
      throw unclear('it is of another account, day or sequence than its name says');
    const lines = movementsOf(Stmt.Ntry ?? []).map(({ instructionNo, counterparty, remark, returnWords, ...line }) => {
      const words = [remark ?? [], returnWords ?? []].flat().join(' ').slice(0, 500);
      return {
        ...line,
        ...(counterparty === undefined ? {} : { counterparty }),
        ...(instructionNo === undefined ? {} : { instructionNo }),
        ...(words === '' ? {} : { remark: words }),
      };
    });
    const { opening, closing } = balancesOf(Stmt);
    mustCount(Stmt);
    const moved = lines.reduce(
      (sum, { direction, amount }) => sum + (direction === 'credit' ? 1n : -1n) * fenOf(amount),
      0n,
    );
    if (opening !== undefined && closing !== undefined && fenOf(opening) + moved !== fenOf(closing))
      throw unclear('the opening balance and the entries do not make the closing balance');
    return {
      accountNo,
      date,
      // What is written at the end of the day is closed; a correction is a file with a higher sequence.
      final: true,
      ...told('opening', opening),
      ...told('closing', closing),
      lines,
    };
  },
);

/** As it says of itself. */
function mustCount({ TxsSummry: { TtlNtries }, Ntry = [] }: Stmt): void {
  const sum = Ntry.reduce((total, { Amt }) => total + fenOf(amountOf(Amt)), 0n);
  if (Number(TtlNtries.NbOfNtries) !== Ntry.length || fenOf(decimal(TtlNtries.Sum, 2)) !== sum)
    throw unclear('the number of entries or their sum is not what it says of itself');
}

/** Signed, as an account that is overdrawn has less than nothing. */
function balancesOf({ Bal }: Stmt): { opening?: string; closing?: string } {
  return Object.fromEntries(
    Bal.map(({ Tp, Amt, CdtDbtInd }) => {
      const amount = amountOf(Amt);
      return [balances.of(Tp.CdOrPrtry.Cd, '#/Bal'), CdtDbtInd === 'DBIT' && amount !== '0.00' ? `-${amount}` : amount];
    }),
  );
}

/** The canonical statement has no overdraft: then it has no balance. */
function told(name: 'opening' | 'closing', amount: string | undefined): { opening?: string; closing?: string } {
  return amount === undefined || amount.startsWith('-') ? {} : { [name]: amount };
}

/** In Beijing. */
function dayIn(instant: string): string {
  return new Date(Date.parse(instantOf(instant)) + beijingMs).toISOString().slice(0, 10);
}

function unclear(detail: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `the statement: ${detail}` });
}
