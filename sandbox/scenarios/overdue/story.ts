/** What the stories of overdue loans share: a loan of a few days that nobody repays, and the mornings after. */
import { dealers } from '../../world.ts';
import type { Stage } from '../scenario.ts';
import { financed } from '../settlement/financed.ts';

export const bank = 'bank-open';
export const texts = 'notify-sms';

const tenorDays = 7;
const hourMs = 3_600_000;

export interface Lent {
  readonly caseNo: string;
  readonly loanNo: string;
  readonly funderLoanNo: string;
  readonly applicationNo: string;
  readonly limitNo: string;
  /** Holidays rolled. */
  readonly dueOn: string;
}

/** A pledge whose loan is paid out, and who keeps the goods has gone silent. */
export async function lent(stage: Stage, dealer = 0): Promise<Lent> {
  const changes = { apply: (usual: Record<string, unknown>) => ({ ...usual, tenorDays }), release: () => undefined };
  const caseNo = await financed(stage, { dealer, changes });
  let loan: Omit<Lent, 'caseNo'> | undefined;
  await stage.until(`a loan of ${caseNo}`, async () => {
    [loan] = await stage.rows<Omit<Lent, 'caseNo'>>(
      `select l.no "loanNo", l.funder_no "funderLoanNo", a.no "applicationNo", i.due_on::text "dueOn",
         (select m.limit_no from limit_movement m where m.application_no = a.no and m.kind = 'RESERVE') "limitNo"
       from loan l join application a on a.no = l.application_no join instalment i on i.loan_no = l.no where a.case_id = $1 and l.state = 'ACTIVE'`,
      [caseNo],
    );
    return loan !== undefined;
  });
  if (!loan) throw new Error(`${caseNo} has no loan`);
  return { caseNo, ...loan };
}

/** To that hour of the day so many days after the due date. */
export async function advanceTo(stage: Stage, { dueOn }: Lent, days: number, hour = 10): Promise<void> {
  const aimMs = Date.parse(`${dueOn}T00:00:00+08:00`) + (days * 24 + hour) * hourMs;
  const minutes = Math.ceil((aimMs - stage.now().getTime()) / 60_000);
  if (minutes >= 60) await stage.advance(`${Math.floor(minutes / 60)}h`);
  if (minutes > 0 && minutes % 60 > 0) await stage.advance(`${minutes % 60}m`);
}

/** The check of the day; returns what it said. */
export async function checkDue(stage: Stage): Promise<string> {
  const on = stage.today();
  const scope = `all`;
  await stage.command('operator', '/v1/due', { what: 'overdue', scope, on });
  let said: unknown;
  await stage.until('the due-date check', async () => {
    said = await stage.value("select detail from run_done where flow = 'overdue' and key = $1", [
      `overdue/${scope}/${on}`,
    ]);
    return said !== undefined;
  });
  return String(said);
}

export const stateOf = (stage: Stage, loanNo: string) => stage.value('select state from loan where no = $1', [loanNo]);
export const limitOf = (stage: Stage, limitNo: string) =>
  stage.value('select state from credit_limit where no = $1', [limitNo]);

/** The loan lapses on the day after its due date. */
export async function lapsed(stage: Stage, dealer = 0): Promise<Lent> {
  const loan = await lent(stage, dealer);
  await advanceTo(stage, loan, 1, 1);
  await checkDue(stage);
  stage.same('the loan', await stateOf(stage, loan.loanNo), 'OVERDUE');
  stage.same('the limit', await limitOf(stage, loan.limitNo), 'FROZEN');
  return loan;
}

/** Numbers of the text messages of that loan's case that left, in their order: `1-D1`, `1-D3`. */
export function textsOf(stage: Stage, { caseNo }: Lent): string[] {
  const prefix = `${caseNo.replace('CASE-', 'OD')}-`;
  return stage
    .effects(texts, 'sent')
    .filter(({ number }) => number.startsWith(prefix))
    .map(({ number }) => number.slice(prefix.length));
}

export async function noticeGoesOut(stage: Stage, loan: Lent, mark: string): Promise<void> {
  await stage.until(`the notice ${mark}`, async () => textsOf(stage, loan).includes(mark));
  await stage.until(`the proof of ${mark}`, async () => (await proofOf(stage, loan, mark)) !== undefined);
}

export async function proofOf(stage: Stage, { caseNo, loanNo }: Lent, mark: string) {
  const payload = await stage.value(
    "select payload from evidence where case_id = $1 and node = 'N22 overdue notice' and business_key = $2",
    [caseNo, `${loanNo} D+${mark.replace(/^\d+-D/, '')}`],
  );
  return payload as { borrower: { delivered: boolean; at: string }; unit: { otherChannel: boolean } } | undefined;
}

/** The borrower repays all and asks for the goods. */
export async function repayAll(stage: Stage, loan: Lent, dealer = 0): Promise<void> {
  const who = dealers[dealer];
  if (!who) throw new Error('no such dealer');
  await stage.command(`dealer-${Number(who.sapNo)}`, '/v1/releases', {
    releaseNo: loan.caseNo.replace('CASE-', 'RL'),
    caseNo: loan.caseNo,
    applicationNo: loan.applicationNo,
    borrowerUscc: who.uscc,
    picker: { name: who.picker.name, idNo: who.picker.idNo, vehicle: who.picker.vehicle },
  });
  await stage.until(`loan ${loan.loanNo} to be settled`, async () => (await stateOf(stage, loan.loanNo)) === 'SETTLED');
}

/** The next morning finds that nothing is late any more; the funder gives the limit free. */
export async function mended(stage: Stage, loan: Lent, outcome: string): Promise<void> {
  await stage.advance('1d');
  await checkDue(stage);
  await stage.decide(loan.caseNo, 'unfreeze the limit', { person: 'credit-manager-zhao', role: 'funder' });
  await stage.until('the end of the pursuit', async () =>
    (
      await stage.rows<{ outcome: string }>(
        "select outcome from run_done where flow = 'overdue-loan' and key like $1",
        [`${loan.loanNo}/%`],
      )
    ).some((run) => run.outcome === outcome),
  );
  stage.same('the limit', await limitOf(stage, loan.limitNo), 'ACTIVE');
  // Nothing of it is left to stop the next financing.
  await stage.until('the call upon the goods to be over', async () => {
    const open = await stage.value("select count(*)::int from run where flow = 'margin-call' and case_id = $1", [
      loan.caseNo,
    ]);
    return open === 0;
  });
  const alert = await stage.value(
    "select state from alert where type = 'OVERDUE' and subject = $1 order by opened_at desc limit 1",
    [loan.loanNo],
  );
  stage.same('the alert', alert, 'RESOLVED');
}
