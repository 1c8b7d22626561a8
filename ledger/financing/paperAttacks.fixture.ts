/** For tests: attacks on envelopes and registrations, and on money that would move without them. */
import type { Attack, Work } from '../attack.fixture.ts';
import { accounts, actor } from '../fixture.ts';
import { stages } from '../fixtureStages.ts';
import { move } from '../lifecycle.ts';
import { instructPayment } from '../money/payments.ts';
import { again, factoring, onCheck, onIndex, onTrigger, spot, unlessDone } from './attacking.fixture.ts';
import { sums, type Factoring, type FactoringStage } from './factoring.fixture.ts';
import { extendRegistration } from './registrations.ts';

const envelope = (changes: string) => (f: Factoring) => `update envelope set ${changes} where no = '${f.envelopeNo}'`;
const completed = `state = 'COMPLETED', verified_at = hub_now()`;
const signer = (position: number, changes: string) => (f: Factoring) =>
  `update envelope_signer set ${changes} where envelope_no = '${f.envelopeNo}' and position = ${position};`;
const signed = `state = 'SIGNED', signed_at = hub_now()`;
const registration = (changes: string) => (f: Factoring) =>
  `update registration set ${changes} where request_no = '${f.requestNo}'`;
const registering = (event: 'register' | 'cancel', at: FactoringStage) =>
  factoring(
    at,
    (f): Work =>
      (tx) =>
        move(tx, 'registration', f.requestNo, event, actor),
  );

const onEnvelopes: readonly Attack[] = [
  onCheck(
    'envelope',
    'completed_by_vendor', // I-07
    'SIGNATURES_INCOMPLETE',
    factoring('signing', (f) => [1, 2, 3].map((i) => signer(i, signed)(f)).join('') + envelope(completed)(f)),
  ),
  onIndex(
    'envelope_open_once', // I-07
    'ILLEGAL_TRANSITION',
    factoring('signing', (f) => again('envelope', `no = '${f.envelopeNo}'`, { no: 'FE-2', state: 'DRAFT' })),
  ),
  onCheck('envelope_signer', 'signer_of_envelope', 'CONTRACT_VIOLATED', factoring('signing', signer(1, `id = 'x'`))),
  onTrigger(
    'envelope_signer',
    'signer_moves',
    'another signer',
    'NOT_ALLOWED',
    factoring('signing', (f) => signer(1, `party_id = '${f.others[0]}'`)(f)),
  ),
  onTrigger(
    'envelope_signer',
    'signer_moves',
    'out of turn', // I-07
    'SIGNATURES_INCOMPLETE',
    factoring('signing', signer(2, signed)),
  ),
  onTrigger(
    'envelope_signer',
    'signer_moves',
    'before he was allowed to', // I-07
    'AUTHORITY_MISSING',
    factoring('signing', signer(1, `state = 'SIGNED', signed_at = '2020-01-01'`)),
  ),
  onTrigger(
    'envelope',
    'envelope_moves',
    'somebody has not signed', // I-07
    'SIGNATURES_INCOMPLETE',
    factoring('signedFirst', envelope(`${completed}, vendor_status = 'completed'`)),
  ),
  onTrigger(
    'envelope',
    'envelope_moves',
    'other documents afterwards', // I-07
    'NOT_ALLOWED',
    factoring('signed', envelope(`documents = '[]'`)),
  ),
];

const onRegistrations: readonly Attack[] = [
  onCheck(
    'registration',
    'submitted_is_searched', // I-06
    'REGISTRATION_MISSING',
    factoring('searched', registration(`search_no = null, state = 'SUBMITTED', submitted_at = hub_now()`)),
  ),
  onCheck('registration', 'registered_has_number', 'REGISTRATION_MISSING', registering('register', 'registering')), // I-06
  onCheck(
    'registration',
    'registration_of_financing',
    'CONTRACT_VIOLATED',
    factoring('applied', () => `insert into registration (request_no, state) values ('RG-0', 'DRAFT')`),
  ),
  onCheck(
    'registration',
    'registration_term',
    'CONTRACT_VIOLATED',
    factoring('registering', registration(`registered_at = hub_now(), expires_at = hub_now() + interval '31 years'`)),
  ),
  onCheck('registration', 'cancelled_is_dated', 'CONTRACT_VIOLATED', registering('cancel', 'registered')), // I-33
  onTrigger(
    'registration',
    'registration_moves',
    'extended too early',
    'ILLEGAL_TRANSITION',
    factoring('registered', (f) => (tx) => extendRegistration(tx, f.requestNo, '2029-01-01', actor)),
  ),
  onTrigger(
    'registration',
    'registration_moves',
    'another number',
    'NOT_ALLOWED',
    factoring('registered', registration(`registration_no = 'ZD-0'`)),
  ),
  onTrigger(
    'party',
    'registration_due_at_renaming',
    'a new name and nothing due', // I-33
    'registration_due_at_renaming',
    factoring(
      'registered',
      (f) => `update party set legal_name = legal_name || '（新）' where id = '${f.creditor}';
        ${unlessDone('registration_due_at_renaming', `select from registration where request_no = '${f.requestNo}' and amend_due is not null`)}`,
    ),
  ),
  onTrigger(
    'loan',
    'registration_due_at_end',
    'a settled loan and nothing due', // I-33
    'registration_due_at_end',
    spot('matched', (deal) => async (tx) => {
      await stages.posted(tx, deal);
      const due = `select from registration where request_no = '${deal.requestNo}' and cancel_due is not null`;
      await tx.query(unlessDone('registration_due_at_end', due));
    }),
  ),
];

/** Money for a factoring in which one thing has not happened. */
const disbursed = (without: readonly FactoringStage[]) =>
  factoring(
    'ready',
    (f): Work =>
      (tx) =>
        instructPayment(
          tx,
          {
            no: `DB-${f.applicationNo}`,
            purpose: 'DISBURSE',
            applicationNo: f.applicationNo,
            payee: accounts.unit,
            amount: sums.lent,
            currency: 'CNY',
          },
          actor,
        ),
    without,
  );

const onMoney: readonly Attack[] = [
  onTrigger(
    'payment',
    'registered_before_disbursement',
    'nothing is registered', // I-06
    'REGISTRATION_MISSING',
    disbursed(['registering', 'registered']),
  ),
  onTrigger(
    'payment',
    'notified_before_disbursement',
    'the debtor was not told', // I-19
    'NOTICE_NOT_DELIVERED',
    disbursed(['delivered']),
  ),
];

export const paperAttacks: readonly Attack[] = [...onEnvelopes, ...onRegistrations, ...onMoney];
