/** One month of one borrower to one funder: packed, disclosed, delivered, and what the funder sends back put right by the trading unit. */
import { bank } from '../../contracts/bank/bank.ts';
import { Failure, isFailure } from '../../contracts/failures.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import type { Project } from '../../ledger/configuration/projects.ts';
import { consentScope, type FedBack, type Scope, type Versions } from '../../ledger/oversight/feedback.ts';
import { disclosing, messageSha256 } from '../disclosures.ts';
import { extract, type About, type Extract } from './extract.ts';
import { packageOf, type FeedbackPackage } from './package.ts';

/** 个人信息保护法 第13条第2项: a package in which all is withheld says that, and no more, to the other side of a contract. */
const ownContract = { kind: 'CONTRACT', note: '个人信息保护法 第13条第2项 履行贷款合同所必需的报送' } as const;
/** How often rows that came back are told again. */
const roundsMax = 3;

export interface Month {
  readonly project: Project;
  readonly period: string;
  readonly from: string;
  readonly actor: string;
}

export interface Delivered {
  readonly no: string;
  readonly outcome: 'TAKEN' | 'MISSED';
  readonly why: string | undefined;
  readonly versions: Versions;
  readonly withheld: readonly string[];
  readonly sha256: string | undefined;
}

function aboutOf({ project, from }: Month, { customerNo, borrower, loans }: FedBack, to: string): About {
  return {
    erp: project.systems.erp,
    companyCode: project.companyCode,
    salesOrganization: project.sellerNo,
    customerNo,
    borrowerId: borrower.id,
    orders: [...new Set(loans.map(({ orderNo }) => orderNo))].toSorted(),
    from,
    to,
    hasGoods: project.productType !== 'CREDIT',
  };
}

/** `no` is the number of the month; what is told again has one of its own. Never throws a failure: a month that fails is one missed. */
export async function deliver(run: Run, month: Month, fedBack: FedBack, no: string): Promise<Delivered> {
  let before = fedBack.versions;
  let last: Pick<Delivered, 'versions' | 'withheld'> = { versions: before, withheld: [] };
  const missed = (why: string): Delivered => ({ no, outcome: 'MISSED', why, sha256: undefined, ...last });
  try {
    const about = aboutOf(month, fedBack, businessDate(run.now()));
    let extracted = await extract(run, about);
    for (let round = 1; round <= roundsMax; round += 1) {
      const scope = await run.record('what the borrower has consented to', (tx) =>
        consentScope(tx, fedBack.borrower.id, fedBack.funder.name),
      );
      const { feedback, versions } = pack(run, {
        no: round === 1 ? no : `${no}-${round}`,
        month,
        fedBack,
        extracted,
        scope,
        before,
      });
      last = { versions, withheld: feedback.withheld.map(({ part, why }) => `${part} ${why}`) };
      before = versions;
      const checked = await submit(run, { month, fedBack, feedback, scope });
      if (checked === undefined || checked.verdict === 'approved')
        return { no: feedback.feedbackNo, outcome: 'TAKEN', why: undefined, sha256: messageSha256(feedback), ...last };
      if (round === roundsMax) break;
      await putRight(run, month, fedBack, feedback, checked.rejects);
      extracted = await extract(run, about);
    }
    return missed(`the funder sent rows back ${roundsMax} times`);
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type === 'RUN_CANCELLED') throw thrown;
    return missed(`${thrown.type}: ${thrown.message}`);
  }
}

function pack(
  run: Run,
  given: {
    readonly no: string;
    readonly month: Month;
    readonly fedBack: FedBack;
    readonly extracted: Extract;
    readonly scope: Scope;
    readonly before: Versions;
  },
) {
  const { no, month, fedBack, extracted, scope, before } = given;
  const told = {
    no,
    occasion: 'MONTHLY' as const,
    from: month.from,
    to: businessDate(run.now()),
    borrower: fedBack.borrower,
    loanNos: fedBack.loans.map(({ funderNo }) => funderNo).toSorted(),
  };
  return packageOf(told, extracted, scope, before);
}

type Checked = Awaited<ReturnType<typeof waitForCheck>>;

/** Delivered, and checked by the funder. Undefined: it has no such interface, and people have handed it over. */
async function submit(
  run: Run,
  given: {
    readonly month: Month;
    readonly fedBack: FedBack;
    readonly feedback: FeedbackPackage;
    readonly scope: Scope;
  },
): Promise<Checked | undefined> {
  const { month, fedBack, feedback } = given;
  try {
    await run.call(bank.operations.submitFeedback, feedback, { system: fedBack.system, before: logged(given) });
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type !== 'OPERATION_NOT_OFFERED') throw thrown;
    // It stands in the log since it was to leave; how it left is people's to say.
    await handOver(run, month, fedBack, feedback);
    return undefined;
  }
  return waitForCheck(run, fedBack, feedback);
}

/** Who got what, when, on which ground: kept as long as the law asks (网络数据安全管理条例 12), by the log of disclosures. */
function logged({ month, fedBack, feedback, scope }: Parameters<typeof submit>[1]) {
  const told = (kind: 'TRADE' | 'FINANCE', rows: number) => (rows > 0 ? [kind] : []);
  const trade = feedback.quantities.length + feedback.amounts.filter(({ row }) => row === 'ORDER').length;
  const finance =
    feedback.amounts.filter(({ row }) => row !== 'ORDER').length + (feedback.openItemsTotal === undefined ? 0 : 1);
  const kinds = [...told('TRADE', trade), ...told('FINANCE', finance)];
  const { purpose } = scope;
  const ground =
    purpose === undefined || kinds.length === 0
      ? { purpose: 'feedback', dataKinds: ['COMPANY'] as const, legalBasis: ownContract }
      : { purpose, dataKinds: kinds };
  return disclosing(
    feedback,
    { party: fedBack.borrower.id, recipient: fedBack.funder.name, recipientId: fedBack.funder.id, ...ground },
    month.actor,
  );
}

function waitForCheck(run: Run, { system }: FedBack, { feedbackNo }: FeedbackPackage) {
  return run.wait(bank.notices.feedbackChecked, {
    key: feedbackNo,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readFeedback, system, every: '8 hours' },
  });
}

/** @throws Failure DEADLINE_PASSED, or SYSTEM_REFUSED when people did not hand it over either */
async function handOver(
  run: Run,
  { period }: Month,
  { funder, borrower }: FedBack,
  feedback: FeedbackPackage,
): Promise<void> {
  const { feedbackNo, totals } = feedback;
  const decided = await run.ask('hand the feedback over', {
    title: { zh: '线下报送贷后反馈', en: 'hand the feedback over by hand' },
    payload: {
      feedbackNo,
      period,
      funder: funder.name,
      borrower: borrower.uscc,
      totals,
      sha256: messageSha256(feedback),
    },
    within: '3 working days',
    escalateAfter: '2 working days',
    escalateTo: ['operations/head'],
    roles: ['operations'],
  });
  if (decided.decision === 'rejected')
    throw new Failure('SYSTEM_REFUSED', { detail: `not handed over: ${decided.reason}` });
}

/** The unit's people look at what came back (退回清单): they put it right in their ERP, or stand by it. @throws Failure */
async function putRight(
  run: Run,
  { project, period }: Month,
  { funder, borrower }: FedBack,
  { feedbackNo }: FeedbackPackage,
  rejects: readonly { row: string; no: string; reason: string }[],
): Promise<void> {
  const decided = await run.ask('put right what came back', {
    title: { zh: '贷后反馈退回核对', en: 'rows of the feedback came back' },
    payload: { feedbackNo, period, funder: funder.name, borrower: borrower.name, rejects: [...rejects] },
    party: project.unit.id,
    roles: ['unit/data'],
    within: '3 working days',
    escalateAfter: '2 working days',
    escalateTo: ['unit/head'],
  });
  if (decided.decision === 'approved') return;
  throw new Failure('SYSTEM_REFUSED', { detail: `the trading unit stands by its rows: ${decided.reason}` });
}
