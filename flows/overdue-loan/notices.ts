/**
 * Step 3: notices to the borrower, the trading unit and whoever owes what was bought. That a text message arrived is proven by the operator of
 * the network; where it did not, the unit's people are told to reach them otherwise.
 */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import { notify } from '../../contracts/notify/notify.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { addWorkingDays } from '../../contracts/canonical/calendar.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { disclose } from '../../ledger/parties/consents.ts';
import { signerOf } from '../../ledger/parties/authorities.ts';
import { messageSha256 } from '../disclosures.ts';
import { inTime } from '../marking/inTime.ts';
import type { Overdue } from './mending.ts';

/** 个人信息保护法 第13条第2项: what a party must know of its own contract. */
const ownContract = { kind: 'CONTRACT', note: '个人信息保护法 第13条第2项 履行合同所必需的通知' } as const;
/** Until a notice is answered. */
const answerWorkingDays = 3;

export async function remind(run: Run, late: Overdue, days: number): Promise<void> {
  const { loan } = late;
  const notice = {
    loanNo: loan.loanNo,
    days: String(days),
    amount: await owedNow(run, late),
    deadline: addWorkingDays(businessDate(run.now()), answerWorkingDays),
  };
  const arrived = await textWithProof(run, late, loan.borrower.id, `D${days}`, notice);
  const debtor = loan.debtor && (await textWithProof(run, late, loan.debtor.id, `D${days}C`, notice));
  const bounced = [arrived, ...(debtor ? [debtor] : [])].filter((proof) => !proof.delivered);
  const told = await tellUnit(run, late, days, notice.amount, bounced.length > 0);
  await run.record('keep the proof of delivery', (tx) =>
    keepEvidence(tx, run.caseId, 'N22 overdue notice', `${loan.loanNo} D+${days}`, {
      ...notice,
      borrower: { ...arrived },
      ...(debtor ? { debtor: { ...debtor } } : {}),
      unit: { messageNo: told, otherChannel: bounced.length > 0 },
    }),
  );
}

/** The funder's figure; ours where it cannot be asked. */
export async function owedNow(run: Run, { loan }: Overdue): Promise<string> {
  try {
    const quote = await run.call(
      bank.operations.quoteRepayment,
      { loanNo: loan.funderLoanNo, valueDate: businessDate(run.now()) },
      { system: loan.project.systems.funder },
    );
    return quote.total;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return loan.balance;
  }
}

interface Proof {
  readonly messageNo: string;
  readonly delivered: boolean;
  /** When it arrived by the network's operator, or why not. */
  readonly at: string;
}

/** To whoever may sign for the party. The number is the case's, so that the same notice is one message. */
async function textWithProof(
  run: Run,
  { loan, actor, lapse }: Overdue,
  party: string,
  mark: string,
  notice: Readonly<Record<string, string>>,
): Promise<Proof> {
  const messageNo = `${numberFor('OD', run.caseId)}-${lapse}-${mark}`;
  const system = loan.project.systems.sms;
  try {
    const phone = await run.record(`whom to tell: ${mark}`, async (tx) => {
      const found = await signerOf(tx, party);
      const told = { party, recipient: system, purpose: 'notification', dataKinds: ['CONTACT'] } as const;
      await disclose(tx, { ...told, documentSha256: messageSha256(notice), legalBasis: ownContract }, actor);
      return found.phone;
    });
    const params = Object.entries(notice).map(([name, value]) => ({ name, value }));
    await run.call(notify.operations.sendSms, { messageNo, phone, template: 'overdue', params }, { system });
    const proof = await inTime(
      run.wait(notify.notices.smsDelivered, { key: messageNo, within: '4 hours', from: system }),
    );
    if (proof)
      return {
        messageNo,
        delivered: proof.status === 'delivered',
        at: proof.status === 'delivered' ? proof.at : proof.detail,
      };
    return { messageNo, delivered: false, at: 'no report of delivery' };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return { messageNo, delivered: false, at: thrown.message.slice(0, 200) };
  }
}

/** The unit subscribes to what is overdue (订阅); it is also who reaches a dealer that no message reaches. */
async function tellUnit(
  run: Run,
  { loan, lapse }: Overdue,
  days: number,
  amount: string,
  bounced: boolean,
): Promise<string> {
  const messageNo = `${numberFor('OG', run.caseId)}-${lapse}-D${days}`;
  const text = [
    `**逾期提醒** ${loan.borrower.name} 融资 ${loan.loanNo} 已逾期 ${days} 天，应还 ${amount} 元。`,
    ...(bounced ? ['短信未送达，请电话或上门联系，并回执。'] : []),
  ].join('\n');
  try {
    await run.call(notify.operations.postGroup, { messageNo, text }, { system: loan.project.systems.group });
    return messageNo;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return `not taken: ${thrown.message}`.slice(0, 200);
  }
}
