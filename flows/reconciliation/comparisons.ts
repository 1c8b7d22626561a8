/**
 * The comparisons: what cannot be asked today is not compared today, and what is open of it stays open. That a counterparty does not know
 * what we hold is a difference like any other.
 */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import { sap } from '../../contracts/sap/sap.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import type { Project } from '../../ledger/configuration/projects.ts';
import type { Tx } from '../../ledger/lifecycle.ts';
import { keepComparison, type BreakKind, type Difference } from '../../ledger/money/breaks.ts';
import { loansHeld, lotsHeld, pageMax, placeOf, receiptsPosted } from '../../ledger/money/crossBooks.ts';

const nothingOwed = '0.00';
const none = '0.000';

export interface Compared {
  readonly opened: number;
  readonly closed: number;
  readonly open: number;
  /** The last of a full page: behind it there may be more. */
  readonly last: string | undefined;
}

/** Compares a page of one book, behind that subject. */
type Comparison = (run: Run, project: Project, on: string, actor: string, behind: string) => Promise<Compared>;

/** The funder is right about its loans (0.2). */
export const compareLoans: Comparison = async (run, project, on, actor, behind) => {
  const held = await run.record('loans that are owed', (tx) => loansHeld(tx, project.id, behind));
  const [looked, differences]: [string[], Difference[]] = [[], []];
  for (const { loanNo, funderLoanNo, balance, system } of held) {
    const said = await asked(
      run.call(
        bank.operations.quoteRepayment,
        { loanNo: funderLoanNo, valueDate: businessDate(run.now()) },
        { system },
      ),
    );
    if (said === 'later') continue;
    looked.push(loanNo);
    const theirs = said === 'refused' ? 'nothing' : said.principal;
    // A loan that is over with both need not be known there any more.
    if (theirs !== balance && !(theirs === 'nothing' && balance === nothingOwed))
      differences.push({
        kind: 'LOAN',
        subject: loanNo,
        difference: `BALANCE: ${balance} here, ${theirs} with the funder`,
      });
  }
  const balances = new Map(held.map(({ loanNo, balance }) => [loanNo, balance]));
  // What was repaid while the funders were asked is compared another day.
  const kept = await keep(run, 'LOAN', looked, differences, on, actor, async (tx) => {
    const now = new Map((await loansHeld(tx, project.id, behind)).map(({ loanNo, balance }) => [loanNo, balance]));
    return (loanNo) => now.get(loanNo) === balances.get(loanNo);
  });
  return { ...kept, last: lastOf(held, ({ loanNo }) => loanNo) };
};

/** The ERP is right about its receivables: what we had posted must still stand there. */
export const compareReceipts: Comparison = async (run, project, on, actor, behind) => {
  const posted = await run.record('receipts that were posted', (tx) => receiptsPosted(tx, project.id, behind));
  const [looked, differences]: [string[], Difference[]] = [[], []];
  for (const no of posted) {
    const said = await asked(run.call(sap.operations.queryClearing, { no }, { system: project.systems.erp }));
    if (said === 'later') continue;
    const standing = said === 'refused' ? 'refused' : said.outcome;
    if (standing === 'pending') continue;
    looked.push(no);
    if (standing !== 'confirmed')
      differences.push({ kind: 'ERP', subject: no, difference: `RECEIPT: posted here, ${standing} in the ERP` });
  }
  const kept = await keep(run, 'ERP', looked, differences, on, actor);
  return { ...kept, last: lastOf(posted, (no) => no) };
};

/** The warehouse is right about its stock: what is pledged must be there, and locked. */
export const compareStock: Comparison = async (run, project, on, actor, behind) => {
  const held = await run.record('lots that are pledged', (tx) => lotsHeld(tx, project.id, behind));
  const [looked, differences]: [string[], Difference[]] = [[], []];
  for (const { warehouse, ownerCode, lots } of held) {
    const said = await asked(readStock(run, project, { warehouseCode: warehouse, ownerCode }));
    if (said === 'later' || said === 'refused') continue;
    const there = new Map(said.lots.map((lot) => [lot.lotNo, lot]));
    for (const { lotNo, pledged } of lots) {
      looked.push(lotNo);
      const lot = there.get(lotNo);
      // A lot that is pledged no more may have left.
      if (covers(lot?.onHand ?? none, pledged) && covers(lot?.locked ?? none, pledged)) continue;
      const theirs = lot ? `${lot.onHand} on hand, ${lot.locked} locked` : 'no such lot';
      differences.push({
        kind: 'STOCK',
        subject: lotNo,
        difference: `PLEDGED: ${pledged} here, ${theirs} in the warehouse`,
      });
    }
  }
  const kept = await keep(run, 'STOCK', looked, differences, on, actor);
  return { ...kept, last: lastOf(held, placeOf) };
};

function lastOf<T>(page: readonly T[], subjectOf: (one: T) => string): string | undefined {
  const last = page[pageMax - 1];
  return last && subjectOf(last);
}

/** A snapshot of one instant where the warehouse's system has one; otherwise its stock as it is read now. */
async function readStock(
  run: Run,
  project: Project,
  place: { readonly warehouseCode: string; readonly ownerCode: string },
) {
  const { warehouse: system } = project.systems;
  try {
    return await run.call(wms.operations.readLots, place, { system });
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type !== 'OPERATION_NOT_OFFERED') throw thrown;
    return run.call(wms.operations.readStock, place, { system });
  }
}

async function keep(
  run: Run,
  kind: BreakKind,
  looked: readonly string[],
  differences: readonly Difference[],
  on: string,
  actor: string,
  standing: (tx: Tx) => Promise<(subject: string) => boolean> = () => Promise.resolve(() => true),
): Promise<Omit<Compared, 'last'>> {
  if (looked.length === 0) return { opened: 0, closed: 0, open: 0 };
  const { opened, closed, open } = await run.record(`compare: ${kind}`, async (tx) => {
    const stands = await standing(tx);
    const [same, different] = [looked.filter(stands), differences.filter(({ subject }) => stands(subject))];
    return keepComparison(tx, kind, same, different, on, actor);
  });
  return { opened: opened.length, closed: closed.length, open };
}

/** A clear no is an answer; who is not there, or does not have that question, is asked another day. */
async function asked<T>(answer: Promise<T>): Promise<T | 'refused' | 'later'> {
  try {
    return await answer;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.type === 'SYSTEM_REFUSED' || thrown.type === 'NOT_FOUND' ? 'refused' : 'later';
  }
}

/** Quantities are decimals with three places. */
function covers(quantity: string, least: string): boolean {
  return thousandths(quantity) >= thousandths(least);
}

function thousandths(quantity: string): bigint {
  return BigInt(quantity.replace('.', ''));
}
