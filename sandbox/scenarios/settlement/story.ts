/** What the stories of a settlement share: a repayment that the clearing house carried out, its day, and the people who sign. */
import type { Stage } from '../scenario.ts';
import { financed } from './financed.ts';

export const house = 'clearing-files';
export const gateway = 'clearing-cpcn';

export interface Repaid {
  readonly caseNo: string;
  readonly instructionNo: string;
  readonly fen: string;
  /** The day on which the clearing house collected it. */
  readonly on: string;
}

/** A whole financing, up to the goods that leave; on a day of its own. */
export async function repaid(stage: Stage): Promise<Repaid> {
  const caseNo = await financed(stage);
  await stage.caseEnds(caseNo, 'released');
  return collectionOf(stage, caseNo);
}

async function collectionOf(stage: Stage, caseNo: string): Promise<Repaid> {
  const [payment] = await stage.rows<{ no: string }>(
    `select p.no from payment p join application a on a.no = p.application_no where a.case_id = $1 and p.purpose = 'REPAY' order by p.no limit 1`,
    [caseNo],
  );
  const done = stage.effects(gateway, 'collected').find(({ number }) => number === payment?.no);
  if (!done) throw new Error(`the clearing house collected nothing for ${caseNo}`);
  const on = new Date(Date.parse(done.at) + 8 * 3_600_000).toISOString().slice(0, 10);
  return { caseNo, instructionNo: done.number, fen: String(done.detail['fen']), on };
}

export const settle = (stage: Stage, on: string, scope = house) =>
  stage.command('operator', '/v1/due', { what: 'settlement', scope, on });

export async function settlementCase(stage: Stage, on: string, scope = house): Promise<string> {
  return stage.caseOf(`settlement/${scope}/${on}`);
}

/** The run that counts, once it was compared. */
export async function comparedRun(stage: Stage, on: string, connector = house): Promise<string> {
  let no: unknown;
  await stage.until(`the settlement of ${connector} on ${on} to be compared`, async () => {
    no = await stage.value(
      "select no from recon_run where connector = $1 and on_date = $2 and state in ('COMPARED', 'SIGNED_OFF')",
      [connector, on],
    );
    return no !== undefined;
  });
  return String(no);
}

export async function signedOff(stage: Stage, caseNo: string, runNo: string): Promise<void> {
  for (const person of ['对账经办', '对账复核'])
    await stage.decide(caseNo, 'sign off the settlement', { person, role: 'operator' });
  await stage.caseEnds(caseNo, 'reconciled');
  stage.same('the run', await stage.value('select state from recon_run where no = $1', [runNo]), 'SIGNED_OFF');
  stage.same('its evidence', (await stage.evidence(caseNo)).at(-1), 'N24');
}

export const alertOf = (stage: Stage, subject: string) =>
  stage.rows<{ level: string; metric: string; state: string }>(
    "select level, metric, state from alert where type = 'CONNECTOR_DOWN' and subject = $1 order by opened_at desc limit 1",
    [subject],
  );

export const breaksOf = (stage: Stage, runNo: string) =>
  stage.rows<{ no: string; subject: string; difference: string; owner: string; state: string }>(
    'select no, subject, difference, owner, state from recon_case where run_no = $1 order by no',
    [runNo],
  );

/** As the operator tells it. */
export const resolve = (stage: Stage, breakNo: string, how: object) =>
  stage.command('operator', '/v1/break-resolutions', {
    resolutionNo: `BR-${stage.unique()}`,
    breakNo,
    by: '对账经办',
    reason: '核对银行回单',
    ...how,
  });
