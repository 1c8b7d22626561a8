/** For tests: one specimen of each entity of this area. */
import { actor, type Books } from '../fixture.ts';
import { applyForLimit } from './limits.ts';
import type { moneyKeys } from './lifecycles.ts';
import { compareFile } from './reconciliation.ts';

/**
 * All cases have one borrower, who draws nothing while a loan of his is overdue. What lapsed in earlier histories becomes
 * another company's.
 */
export async function unlapsed(the: Books): Promise<void> {
  await the.store.tx(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(
      `update application set borrower_id = $1 where borrower_id <> $1 and no in
         (select application_no from loan where state in ('OVERDUE', 'DEFAULTED', 'DISPOSING', 'WRITTEN_OFF'))`,
      [the.unit],
    );
  });
}

let runs = 0;
async function compared(the: Books): Promise<string> {
  const runNo = `RR-${(runs += 1)}`;
  const lines = [{ key: `K-${runNo}`, amount: '5.00', state: 'SUCCEEDED' }];
  const file = { runNo, on: '2026-11-20', connector: runNo, type: 'FUND', sha256: '0'.repeat(64) } as const;
  await the.store.tx((tx) => compareFile(tx, { ...file, controlCount: 1, controlSum: '5.00', lines }, [], actor));
  return runNo;
}

export const moneySpecimens: Readonly<Record<keyof typeof moneyKeys, (the: Books) => Promise<string>>> = {
  credit_limit: async (the) => {
    const no = `CL-${(runs += 1)}`;
    const limit = { no, party: the.dealer, funder: the.funder, revolving: true };
    await the.store.tx((tx) => applyForLimit(tx, limit, actor));
    return no;
  },
  payment: async (the) => {
    await unlapsed(the);
    return (await the.bring('instructed')).paymentNo;
  },
  loan: async (the) => {
    await unlapsed(the);
    return (await the.bring('disbursed')).loanNo;
  },
  repayment: async (the) => {
    await unlapsed(the);
    return (await the.bring('notified')).repaymentNo;
  },
  recon_run: compared,
  recon_case: async (the) => {
    const runNo = await compared(the);
    return `RC-${runNo}-K-${runNo}`;
  },
};
