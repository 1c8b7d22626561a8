/** For tests: two writers at once against the invariants of this area (domain.md 3). */
import type { Assault, Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { application, bringFactoring, claim, confirmed, sums, type Factoring } from '../financing/factoring.fixture.ts';
import { submitFactoring } from '../financing/applications.ts';
import { move } from '../lifecycle.ts';
import { draftCertificate, issueCertificate } from './certificates.ts';
import { changeContract } from './contracts.ts';
import { certificateOf } from './factoringAttacks.fixture.ts';
import { invoiceKey, recordCheck, releaseInvoices } from './invoices.ts';
import { fileReceivable, recordCollection } from './receivables.ts';

const signatures = { issuer: 'aXNzdWVy', platform: 'cGxhdGZvcm0=' };

/** Whole thousands of yuan, of 0 to the gross amount of an invoice and a bit. */
const thousands = (die: number) => `${1 + die + (die % 200)}000.00`;

/** Files another claim on the same invoice. */
const claiming =
  (f: Factoring, no: string, amount: string): Work =>
  (tx) =>
    fileReceivable(tx, { ...claim(f), no, invoices: [{ key: f.invoiceNo, amount }] }, actor);

const flushed =
  (f: Factoring, die: number): Work =>
  (tx) =>
    recordCheck(
      tx,
      invoiceKey({ no: f.invoiceNo }),
      { status: 'PARTIALLY_RED', redAmount: thousands(die % 900), serial: 'T-2', checkedAt: new Date() },
      actor,
    );

const asking =
  (f: Factoring, no: string, amount: string): Work =>
  (tx) =>
    submitFactoring(tx, { ...application(f, amount), no }, actor);

const contractTerms = {
  amount: '1.00',
  currency: 'CNY',
  signedOn: '2026-10-12',
  sealed: true,
  fileSha256: 'b'.repeat(64),
};

/** Whatever the issuer owed since the last time is paid. */
async function settleOverdue(the: Books): Promise<void> {
  const late = await the.store.pool.query<{ no: string }>("select no from receivable where state = 'OVERDUE'");
  for (const { no } of late.rows) await the.store.tx((tx) => recordCollection(tx, no, confirmed.amount, actor));
}

export const assaultsOnTrade: readonly Assault[] = [
  {
    invariant: 'I-03',
    title: 'two claims on one invoice at once',
    without: [
      'alter table invoice drop constraint invoice_not_exhausted',
      'drop trigger invoice_use_counts on invoice_use',
    ],
    prepare: async (the, [one = 0, two = 0]) => {
      const f = await bringFactoring(the, 'checked');
      return [claiming(f, `${f.receivableNo}-1`, thousands(one)), claiming(f, `${f.receivableNo}-2`, thousands(two))];
    },
  },
  {
    invariant: 'I-03',
    title: 'a claim on an invoice that is just being flushed red, another given up',
    without: ['drop trigger invoice_use_counts on invoice_use'],
    prepare: async (the, [one = 0, two = 0, three = 0]) => {
      const f = await bringFactoring(the, 'filed');
      const release: Work = (tx) => releaseInvoices(tx, f.receivableNo, actor);
      return [flushed(f, one), three % 2 === 0 ? release : claiming(f, `${f.receivableNo}-2`, thousands(two))];
    },
  },
  {
    invariant: 'I-03',
    title: 'two financings of one receivable, of any amount',
    without: ['drop trigger asset_lock_fits on asset_lock'],
    prepare: async (the, [one = 0, two = 0]) => {
      const f = await bringFactoring(the, 'confirmed');
      return [asking(f, `${f.applicationNo}-1`, thousands(one)), asking(f, `${f.applicationNo}-2`, thousands(two))];
    },
  },
  {
    invariant: 'I-18',
    title: 'other terms while it is being financed',
    without: ['drop trigger receivable_moves on receivable'],
    prepare: async (the, [one = 0]) => {
      const f = await bringFactoring(the, 'confirmed');
      const change: Work = async (tx) => {
        await tx.query(
          `insert into receivable_version (receivable_no, version, gross_amount, deductions, due_date, pay_account)
           select receivable_no, 2, gross_amount, ${one}, due_date, pay_account from receivable_version where receivable_no = $1`,
          [f.receivableNo],
        );
        await tx.query('update receivable set version = 2 where no = $1', [f.receivableNo]);
      };
      return [asking(f, f.applicationNo, sums.lent), change];
    },
  },
  {
    invariant: 'I-18',
    title: 'another amount after it was confirmed',
    without: ['drop trigger confirmation_terms on confirmation'],
    prepare: async (the, [one = 0, two = 0]) => {
      const f = await bringFactoring(the, 'assigned');
      const set =
        (die: number): Work =>
        (tx) =>
          tx.query('update confirmation set confirmed_amount = $2, due_date = due_date + 1 where no = $1', [
            f.confirmationNo,
            `${900 + die}000.00`,
          ]);
      return [set(one), set(two)];
    },
  },
  {
    invariant: 'I-18',
    title: 'a change of the contract while the claim under it is assigned or was just',
    without: ['drop trigger contract_change_is_told on trade_contract'],
    prepare: async (the, [one = 0]) => {
      const f = await bringFactoring(the, 'assigned');
      const silent: Work = async (tx) => {
        await tx.query('update trade_contract set version = version + 1 where id = $1', [f.contractId]);
        await tx.query(
          `insert into trade_contract_version (contract_id, version, amount, currency, signed_on, sealed, file_sha256)
           select t.id, t.version, v.amount, v.currency, v.signed_on, v.sealed, v.file_sha256 from trade_contract t
             join trade_contract_version v on v.contract_id = t.id and v.version = 1 where t.id = $1`,
          [f.contractId],
        );
      };
      const told: Work = (tx) => changeContract(tx, f.contractId, { ...contractTerms, amount: `${1 + one}.00` });
      return [told, silent];
    },
  },
  {
    invariant: 'I-19',
    title: 'a notice that arrived never, or before it was sent',
    without: [
      'alter table assignment_notice drop constraint delivered_has_arrived',
      'alter table assignment_notice drop constraint arrived_after_sent',
    ],
    prepare: async (the, dice) => {
      const f = await bringFactoring(the, 'sent');
      const arrive =
        (die: number): Work =>
        (tx) =>
          move(
            tx,
            'assignment_notice',
            f.noticeNo,
            'deliver',
            actor,
            die % 3 === 0
              ? {}
              : { arrived_at: new Date(Date.now() + (die - 500) * 1000), arrival_source: 'core-portal' },
          );
      return [arrive(dice[0] ?? 0), arrive(dice[1] ?? 0)];
    },
  },
  {
    invariant: 'I-32',
    title: 'certificates of any term, with and without a reason',
    without: [
      'alter table receivable_certificate drop constraint certificate_term',
      'alter table receivable_certificate drop constraint long_certificate_has_reason',
    ],
    prepare: async (the, dice) => {
      const drafting = async (die: number): Promise<Work> => {
        const f = await bringFactoring(the, 'confirmed');
        const endDate = new Date(Date.UTC(2026, 10, 25 + (die % 500))).toISOString().slice(0, 10);
        const reason = die % 2 === 0 ? {} : { longTermReason: '设备账期' };
        return (tx) => draftCertificate(tx, { ...certificateOf(f), endDate, ...reason }, actor);
      };
      return [await drafting(dice[0] ?? 0), await drafting(dice[1] ?? 0)];
    },
  },
  {
    invariant: 'I-32',
    title: 'a certificate while its issuer lets another debt become overdue',
    without: ['drop trigger certificate_issue on receivable_certificate'],
    prepare: async (the) => {
      await settleOverdue(the);
      const [f, debt] = [await bringFactoring(the, 'confirmed'), await bringFactoring(the, 'assigned')];
      await the.store.tx(async (tx) => {
        await draftCertificate(tx, certificateOf(f), actor);
        await move(tx, 'receivable', debt.receivableNo, 'mature', actor);
      });
      return [
        (tx) => issueCertificate(tx, certificateOf(f).no, signatures, actor),
        (tx) => move(tx, 'receivable', debt.receivableNo, 'lapse', actor),
      ];
    },
  },
];
