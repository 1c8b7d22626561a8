/** For tests: attacks on receivables, confirmations, notices and certificates. */
import type { Attack, Work } from '../attack.fixture.ts';
import { again, factoring, onCheck, onIndex, onTrigger } from '../financing/attacking.fixture.ts';
import { bringFactoring, factoringAt, sums, type Factoring } from '../financing/factoring.fixture.ts';
import { actor } from '../fixture.ts';
import { move } from '../lifecycle.ts';
import { decide } from '../oversight/approvals.ts';
import { draftCertificate, issueCertificate, type CertificateDraft } from './certificates.ts';

export function certificateOf(f: Factoring): CertificateDraft {
  return {
    no: `PZ-${f.receivableNo}`,
    receivableNo: f.receivableNo,
    issuer: f.debtor,
    holder: f.creditor,
    function: 'PAYMENT',
    amount: sums.net,
    currency: 'CNY',
    startDate: '2026-11-24',
    endDate: '2027-05-24',
  };
}

const signatures = { issuer: 'aXNzdWVy', platform: 'cGxhdGZvcm0=' };
const draft = (changes: Partial<CertificateDraft>) =>
  factoring('confirmed', (f) => (tx) => draftCertificate(tx, { ...certificateOf(f), ...changes }, actor));
/** Drafts a certificate and does something to it. */
const drafted = (changes: Partial<CertificateDraft>, then: (f: Factoring) => Work) =>
  factoring('confirmed', (f) => async (tx) => {
    await draftCertificate(tx, { ...certificateOf(f), ...changes }, actor);
    await then(f)(tx);
  });

const confirmation = (changes: string) => (f: Factoring) =>
  `update confirmation set ${changes} where no = '${f.confirmationNo}'`;
const notice = (changes: string) => (f: Factoring) =>
  `update assignment_notice set ${changes} where no = '${f.noticeNo}'`;
const version = (f: Factoring, no: number, deductions: string) =>
  `insert into receivable_version (receivable_no, version, gross_amount, deductions, due_date, pay_account)
   select receivable_no, ${no}, gross_amount, ${deductions}, due_date, pay_account from receivable_version where receivable_no = '${f.receivableNo}' and version = 1`;

const onReceivables: readonly Attack[] = [
  onCheck(
    'receivable',
    'debtor_is_not_creditor',
    'NOT_ALLOWED',
    factoring('filed', (f) =>
      again('receivable', `no = '${f.receivableNo}'`, { no: 'AR-2', debtor_id: f.creditor, state: 'DRAFT' }),
    ),
  ),
  onCheck(
    'receivable_version',
    'deductions_within_gross',
    'CONTRACT_VIOLATED',
    factoring('filed', (f) => version(f, 9, 'gross_amount')),
  ),
  onTrigger(
    'receivable',
    'receivable_moves',
    'other terms under a financing', // I-18
    'ILLEGAL_TRANSITION',
    factoring(
      'applied',
      (f) => `${version(f, 2, '1000000')}; update receivable set version = 2 where no = '${f.receivableNo}'`,
    ),
  ),
  onTrigger(
    'receivable',
    'receivable_moves',
    'another debtor',
    'ILLEGAL_TRANSITION',
    factoring('filed', (f) => `update receivable set debtor_id = '${f.others[0]}' where no = '${f.receivableNo}'`),
  ),
  onTrigger(
    'receivable',
    'receivable_moves',
    'confirmed by nobody',
    'CONFIRMATION_MISSING',
    factoring('asked', (f) => (tx) => move(tx, 'receivable', f.receivableNo, 'confirm', actor)),
  ),
  onTrigger(
    'receivable',
    'receivable_moves',
    'locked for nothing',
    'ILLEGAL_TRANSITION',
    factoring('confirmed', (f) => (tx) => move(tx, 'receivable', f.receivableNo, 'lock', actor)),
  ),
  onTrigger(
    'receivable',
    'receivable_moves',
    'collected before it is paid',
    'ILLEGAL_TRANSITION',
    factoring('assigned', (f) => async (tx) => {
      await move(tx, 'receivable', f.receivableNo, 'mature', actor);
      await move(tx, 'receivable', f.receivableNo, 'collect', actor);
    }),
  ),
];

const onConfirmations: readonly Attack[] = [
  onCheck(
    'confirmation',
    'confirmation_within_30_days',
    'CONTRACT_VIOLATED',
    factoring('asked', confirmation(`due_at = requested_at + interval '31 days'`)),
  ),
  onCheck(
    'confirmation',
    'claimed_by_somebody',
    'CONTRACT_VIOLATED',
    factoring('asked', (f) => (tx) => move(tx, 'confirmation', f.confirmationNo, 'claim', actor)),
  ),
  onCheck(
    'confirmation',
    'confirmation_has_terms',
    'CONTRACT_VIOLATED',
    factoring('claimed', (f) => (tx) => move(tx, 'confirmation', f.confirmationNo, 'approve', actor)),
  ),
  onCheck(
    'confirmation',
    'confirmed_is_signed',
    'SIGNATURES_INCOMPLETE',
    factoring('made', (f) => async (tx) => {
      await decide(tx, f.approval, 'approve', '乙', actor);
      await move(tx, 'confirmation', f.confirmationNo, 'confirm', actor, {}, { approval: f.approval });
    }),
  ),
  onCheck(
    'confirmation',
    'rejected_says_why',
    'CONTRACT_VIOLATED',
    factoring('asked', (f) => (tx) => move(tx, 'confirmation', f.confirmationNo, 'reject', actor, { reason: ' ' })),
  ),
  onIndex(
    'confirmation_open_once',
    'ILLEGAL_TRANSITION',
    factoring('asked', (f) => again('confirmation', `no = '${f.confirmationNo}'`, { no: 'CF-2' })),
  ),
  onIndex(
    'confirmed_once', // I-18
    'ILLEGAL_TRANSITION',
    factoring('confirmed', (f) =>
      [
        again('confirmation', `no = '${f.confirmationNo}'`, { no: 'CF-2', state: 'REQUESTED' }),
        ...['CLAIMED', 'APPROVED', 'CONFIRMED'].map((s) => `update confirmation set state = '${s}' where no = 'CF-2';`),
      ].join(''),
    ),
  ),
  onTrigger(
    'confirmation',
    'confirmation_terms',
    'another amount afterwards', // I-18
    'ILLEGAL_TRANSITION',
    factoring('confirmed', confirmation('confirmed_amount = confirmed_amount - 0.01')),
  ),
  onTrigger(
    'confirmation',
    'confirmation_terms',
    'more than the net amount',
    'CONTRACT_VIOLATED',
    factoring('made', confirmation('confirmed_amount = confirmed_amount + 0.01')),
  ),
];

const onNotices: readonly Attack[] = [
  onCheck(
    'assignment_notice',
    'factor_proves_assignment',
    'CONTRACT_VIOLATED',
    factoring('noticed', notice('assignment_proof = null')),
  ),
  onCheck(
    'assignment_notice',
    'delivered_has_arrived', // I-19
    'NOTICE_NOT_DELIVERED',
    factoring('sent', (f) => (tx) => move(tx, 'assignment_notice', f.noticeNo, 'deliver', actor)),
  ),
  onCheck(
    'assignment_notice',
    'sent_has_channel',
    'CONTRACT_VIOLATED',
    factoring('noticed', (f) => (tx) => move(tx, 'assignment_notice', f.noticeNo, 'send', actor)),
  ),
  onCheck(
    'assignment_notice',
    'arrived_after_sent', // I-19
    'CONTRACT_VIOLATED',
    factoring('sent', notice(`arrived_at = sent_at - interval '1 second'`)),
  ),
  onCheck(
    'assignment_notice',
    'held_until_triggered',
    'ILLEGAL_TRANSITION',
    factoring('noticed', notice(`disclosed = false, state = 'SENT', channel = 'POST', sent_at = hub_now()`)),
  ),
  onIndex(
    'notice_open_once',
    'ILLEGAL_TRANSITION',
    factoring('noticed', (f) => again('assignment_notice', `no = '${f.noticeNo}'`, { no: 'NT-2' })),
  ),
  onTrigger(
    'assignment_notice',
    'arrival_kept',
    'another arrival', // I-19
    'NOT_ALLOWED',
    factoring('delivered', notice(`arrived_at = arrived_at + interval '1 second'`)),
  ),
];

const onCertificates: readonly Attack[] = [
  onCheck(
    'receivable_certificate',
    'certificate_term', // I-32
    'CONTRACT_VIOLATED',
    draft({ endDate: '2027-11-25', longTermReason: '设备账期' }),
  ),
  onCheck(
    'receivable_certificate',
    'long_certificate_has_reason', // I-32
    'CONTRACT_VIOLATED',
    draft({ endDate: '2027-05-25', longTermReason: ' ' }),
  ),
  onCheck(
    'receivable_certificate',
    'certificate_is_signed',
    'SIGNATURES_INCOMPLETE',
    drafted({}, (f) => (tx) => move(tx, 'receivable_certificate', certificateOf(f).no, 'issue', actor)),
  ),
  onIndex(
    'certificate_once',
    'ASSET_ALREADY_LOCKED',
    drafted({}, (f) => (tx) => draftCertificate(tx, { ...certificateOf(f), no: 'PZ-2' }, actor)),
  ),
  onTrigger(
    'receivable_certificate',
    'certificate_issue',
    'more than was confirmed',
    'CONFIRMATION_MISSING',
    drafted({ amount: '1100000.01' }, (f) => (tx) => issueCertificate(tx, certificateOf(f).no, signatures, actor)),
  ),
  onTrigger(
    'receivable_certificate',
    'certificate_issue',
    'other terms after its issue',
    'NOT_ALLOWED',
    drafted({}, (f) => async (tx) => {
      await issueCertificate(tx, certificateOf(f).no, signatures, actor);
      await tx.query(`update receivable_certificate set amount = amount - 1 where no = '${certificateOf(f).no}'`);
    }),
  ),
  onTrigger(
    'receivable_certificate',
    'certificate_issue',
    'an issuer in default', // I-32
    'NOT_ALLOWED',
    async (the) => {
      const [f, overdue] = [await factoringAt(the, 'confirmed'), await bringFactoring(the, 'assigned')];
      return async (tx) => {
        await move(tx, 'receivable', overdue.receivableNo, 'mature', actor);
        await move(tx, 'receivable', overdue.receivableNo, 'lapse', actor);
        await draftCertificate(tx, certificateOf(f), actor);
        await issueCertificate(tx, certificateOf(f).no, signatures, actor);
      };
    },
  ),
];

export const receivableAttacks: readonly Attack[] = [
  ...onReceivables,
  ...onConfirmations,
  ...onNotices,
  ...onCertificates,
];
