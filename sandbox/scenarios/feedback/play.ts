/** A loan that runs, and the month in which its funder is told of it: what the scenarios of feedback and of people begin with. */
import type { Stage, Task } from '../scenario.ts';
import { dealers } from '../../world.ts';

export interface Lent {
  readonly orderNo: string;
  readonly caseNo: string;
  readonly loanNo: string;
  readonly funderNo: string;
  readonly borrower: { readonly id: string; readonly uscc: string; readonly caller: string; readonly sapNo: string };
}

const dealer = dealers[2] ?? dealers[0];
if (!dealer) throw new Error('the world has no dealer');

/** One that runs already, or a new one; nobody repays it by himself. */
export async function lent(stage: Stage, salesOrganization = '1000'): Promise<Lent> {
  const { uscc, sapNo } = dealer as typeof dealer & object;
  const find = async (): Promise<Lent | undefined> => {
    const [loan] = await stage.rows<{ orderNo: string; caseNo: string; loanNo: string; funderNo: string; id: string }>(
      `select a.order_no "orderNo", a.case_id "caseNo", l.no "loanNo", l.funder_no "funderNo", a.borrower_id id
       from loan l join application a on a.no = l.application_no join party b on b.id = a.borrower_id join cases c on c.id = a.case_id
       where a.seller_no = $1 and b.uscc = $2 and l.state = 'ACTIVE' and c.state = 'open' order by l.no limit 1`,
      [salesOrganization, uscc],
    );
    if (!loan) return undefined;
    const { id, ...rest } = loan;
    return { ...rest, borrower: { id, uscc, sapNo, caller: `dealer-${Number(sapNo)}` } };
  };
  const running = await find();
  if (running) return running;
  const orderNo = await stage.placeOrder({ dealer: sapNo, salesOrganization, quantity: '300.000' });
  stage.people(orderNo, { release: () => undefined }, sapNo);
  let loan: Lent | undefined;
  await stage.until(`a loan on order ${orderNo}`, async () => {
    loan = await find();
    return loan !== undefined;
  });
  return loan as Lent;
}

/** A month long past that no other story of this home has told: its number, and the first day of the month after it. */
export function month(year: number, no: number): { readonly on: string; readonly period: string } {
  const at = (which: number) => new Date(Date.UTC(year, which - 1, 5)).toISOString().slice(0, 10);
  return { on: at(no + 1), period: at(no).slice(0, 7) };
}

/** Years of its own for each story, so that no month of one comes between two of another; the next one when it is played again. */
export async function yearIn(stage: Stage, band: number): Promise<number> {
  const first = 1_000 + band * 100;
  const told = await stage.value(
    `select count(distinct left(split_part(key, '/', 3), 4))::int from cases
     where key like 'feedback/%' and left(split_part(key, '/', 3), 4) between $1 and $2`,
    [String(first), String(first + 99)],
  );
  return first + Number(told);
}

export async function due(stage: Stage, project: string, on: string): Promise<void> {
  await stage.command('operator', '/v1/due', { what: 'feedback', scope: project, on });
}

export interface Cycle {
  readonly no: string;
  readonly outcome: string;
  readonly why: string | null;
  readonly withheld: string[];
}

/** How the month of this borrower ended. */
export async function ended(stage: Stage, project: string, period: string, borrower: string): Promise<Cycle> {
  let found: Cycle | undefined;
  await stage.until(`the feedback of ${period} of ${project}`, async () => {
    [found] = await stage.rows<Cycle>(
      'select no, outcome, why, withheld from feedback_cycle where project_id = $1 and period = $2 and borrower_id = $3',
      [project, period, borrower],
    );
    return found !== undefined;
  });
  return found as Cycle;
}

/** The case of a month, once it has one. */
export async function caseOf(stage: Stage, project: string, on: string): Promise<string | undefined> {
  const found = await stage.value('select id from cases where key = $1', [`feedback/${project}/${on}`]);
  return typeof found === 'string' ? found : undefined;
}

/** A task in the work list of a party, once there is one of that title. */
export async function workOf(stage: Stage, caller: string, title: string, caseNo?: string): Promise<Task> {
  let task: Task | undefined;
  await stage.until(`“${title}” in the work list of ${caller}`, async () => {
    const { body } = await stage.read(caller, '/v1/work');
    const listed = (body['work'] ?? []) as Task[];
    task = listed.find((each) => each.title.en.includes(title) && (caseNo === undefined || each.case === caseNo));
    return task !== undefined;
  });
  return task as Task;
}

export const decision = (task: Task, by: string, decided: 'approved' | 'rejected', role?: string) => ({
  by,
  ...(role === undefined ? {} : { role }),
  decision: decided,
  payloadHash: task.payloadHash,
  reason: 'scenario',
});

const others = [
  'limit.ended',
  'limit.restored',
  'loan.due',
  'loan.changed',
  'alert.escalated',
  'alert.resolved',
  'collateral.changed',
];

/** From now on this caller hears of these, by asking; and of some more, for the same words twice would be one message. */
export async function subscribe(stage: Stage, caller: string, kinds: readonly string[]): Promise<void> {
  const bits = Number(stage.unique());
  const more = others.filter((kind, place) => !kinds.includes(kind) && ((bits >> place) & 1) === 1);
  const turn = bits % kinds.length;
  await stage.command(caller, '/v1/subscriptions', {
    channel: 'POLL',
    kinds: [...kinds.slice(turn), ...more, ...kinds.slice(0, turn)],
  });
}
