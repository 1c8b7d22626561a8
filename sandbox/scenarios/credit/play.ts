/** A credit order from its placing to its end, as the scenarios of credit and of routing need it. */
import type { Stage } from '../scenario.ts';
import { dealers } from '../../world.ts';

interface Wish {
  readonly dealer?: string;
  readonly amount?: string;
  readonly tenorDays?: number;
  readonly mode?: 'SEQUENTIAL' | 'OFFER' | 'MANUAL';
  /** USCCs, the best liked first. */
  readonly preferred?: readonly string[];
  readonly material?: string;
  readonly quantity?: string;
  readonly salesOrganization?: string;
}

interface Played {
  readonly orderNo: string;
  readonly caseNo: string;
  readonly applicationNo: string;
}

/** Amounts that a bank's officers leave lying until somebody acts. */
export const undecided = '200000.05';

/** The order is placed, and its people do what is theirs; nobody repays by himself. */
export async function begin(stage: Stage, wish: Wish = {}): Promise<Played> {
  const dealer = wish.dealer ?? dealers[0]?.sapNo ?? '';
  const orderNo = await stage.placeOrder({
    dealer,
    salesOrganization: wish.salesOrganization ?? '3000',
    quantity: wish.quantity ?? '120.000',
    ...(wish.material === undefined ? {} : { material: wish.material }),
  });
  return follow(stage, orderNo, wish, dealer);
}

export async function follow(stage: Stage, orderNo: string, wish: Wish, dealer: string): Promise<Played> {
  const routing = {
    ...(wish.mode === undefined ? {} : { mode: wish.mode }),
    ...(wish.preferred === undefined ? {} : { preferred: wish.preferred }),
  };
  stage.people(
    orderNo,
    {
      apply: (usual) => ({
        ...usual,
        ...(wish.amount === undefined ? {} : { amount: wish.amount }),
        ...(wish.tenorDays === undefined ? {} : { tenorDays: wish.tenorDays }),
        ...(Object.keys(routing).length === 0 ? {} : { routing }),
      }),
      release: () => undefined,
    },
    dealer,
  );
  const caseNo = await stage.caseOf(orderNo);
  return { orderNo, caseNo, applicationNo: caseNo.replace('CASE-', 'AP') };
}

interface Attempt {
  readonly no: string;
  readonly state: string;
  readonly system: string;
  readonly reason: string | null;
}

/** In the order in which the funders are asked. */
export function attemptsOf(stage: Stage, applicationNo: string): Promise<Attempt[]> {
  return stage.rows<Attempt>(
    `select t.no, t.state, t.reason, (select pf.system from project_funder pf join project pr on pr.id = pf.project_id
       join application a on a.seller_no = pr.seller_no where a.no = t.application_no and pf.funder_id = t.funder_id) system
     from route_attempt t where t.application_no = $1 order by t.position`,
    [applicationNo],
  );
}

/** Waits until the attempt at that place is in that state. */
export async function attemptIs(stage: Stage, applicationNo: string, place: number, state: string): Promise<Attempt> {
  let found: Attempt | undefined;
  let seen = '';
  await stage.until(`attempt ${place} of ${applicationNo} to be ${state}`, async () => {
    const attempts = await attemptsOf(stage, applicationNo);
    seen = attempts.map(({ system, state: now }) => `${system} ${now}`).join(', ');
    found = attempts[place - 1];
    if (found?.state !== state) throw new Error(seen);
    return true;
  });
  return found ?? { no: '', state: '', system: '', reason: null };
}

/** The bank's officer decides this attempt, as soon as its package lies there. */
export const decides = (stage: Stage, { system, no }: Attempt, how: object = {}): Promise<void> =>
  stage.until(`${system} to decide ${no}`, async () => {
    await stage.act(system, 'decide', { applicationNo: no, verdict: 'approved', ...how });
    return true;
  });

export async function disbursed(stage: Stage, { caseNo, applicationNo }: Played): Promise<void> {
  try {
    await stage.until(
      `a loan of ${caseNo}`,
      async () => (await stage.value('select state from loan where application_no = $1', [applicationNo])) === 'ACTIVE',
      40_000,
    );
  } catch (thrown) {
    throw new Error(`${String(thrown)}: ${JSON.stringify(await endOf(stage, caseNo))}`, { cause: thrown });
  }
}

/** How the runs of a case ended, and what still runs. */
async function endOf(stage: Stage, caseNo: string): Promise<object> {
  return {
    done: await stage.rows('select flow, outcome, detail from run_done where case_id = $1 order by finished_at', [
      caseNo,
    ]),
    live: await stage.rows('select flow, state, problem from run where case_id = $1', [caseNo]),
    attempts: await attemptsOf(stage, caseNo.replace('CASE-', 'AP')),
  };
}

/** Waits for the end of this flow's run of the case. */
export async function ended(stage: Stage, caseNo: string, flow: string): Promise<{ outcome: string; detail: string }> {
  let found: { outcome: string; detail: string } | undefined;
  await stage.until(`${flow} of ${caseNo} to end`, async () => {
    [found] = await stage.rows<{ outcome: string; detail: string }>(
      'select outcome, detail from run_done where case_id = $1 and flow = $2 order by finished_at desc limit 1',
      [caseNo, flow],
    );
    if (!found) throw new Error(JSON.stringify(await endOf(stage, caseNo)));
    return true;
  });
  return found ?? { outcome: '', detail: '' };
}

/** The dealer repays all of it, and the case is over: nothing is left that could fall due in another story. */
export async function repay(
  stage: Stage,
  { caseNo, applicationNo }: Played,
  dealerNo: string = dealers[0]?.sapNo ?? '',
): Promise<void> {
  const dealer = dealers.find(({ sapNo }) => sapNo === dealerNo);
  await stage.command(`dealer-${Number(dealerNo)}`, '/v1/loan-repayments', {
    requestNo: `HK-${stage.unique()}`,
    caseNo,
    applicationNo,
    borrowerUscc: dealer?.uscc,
  });
  await stage.until(
    `the loan of ${caseNo} to be settled`,
    async () => (await stage.value('select state from loan where application_no = $1', [applicationNo])) === 'SETTLED',
  );
}

/** What a limit has left, reserved and used by this application. */
export const heldOf = (stage: Stage, applicationNo: string): Promise<unknown> =>
  stage.value(
    'select coalesce(sum(reserved_for(m.limit_no, $1)), 0)::text from (select distinct limit_no from limit_movement where application_no = $1) m',
    [applicationNo],
  );
