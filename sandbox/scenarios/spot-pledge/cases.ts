/** How the stories of a spot pledge begin: an order, its people, and a loan where the story is about what comes after it. */
import { createHash } from 'node:crypto';
import type { Changes } from '../../traders.ts';
import { dealers, funder, unit, warehouse, type Dealer } from '../../world.ts';
import type { Stage } from '../scenario.ts';

export interface Played {
  readonly orderNo: string;
  readonly caseNo: string;
  readonly dealer: Dealer;
  /** As whom the dealer speaks to the hub. */
  readonly caller: string;
  /** The last six digits of the case: those of all its numbers. */
  readonly digits: string;
}

export interface Wish {
  readonly quantity?: string;
  readonly dealer?: number;
  readonly changes?: Changes;
}

/** The usual application with another amount. */
export const amountOf =
  (amount: string) =>
  (usual: Record<string, unknown>): object => ({ ...usual, amount });

/** An order in the ERP, and people who do what is asked of them but for what is changed. */
export async function begun(stage: Stage, { quantity, dealer = 0, changes = {} }: Wish = {}): Promise<Played> {
  const who = dealers[dealer] ?? dealers[0];
  if (!who) throw new Error('the sandbox has no dealers');
  const orderNo = await stage.placeOrder({ dealer: who.sapNo, ...(quantity === undefined ? {} : { quantity }) });
  stage.people(orderNo, changes, who.sapNo);
  const caseNo = await stage.caseOf(orderNo);
  return { orderNo, caseNo, dealer: who, caller: `dealer-${Number(who.sapNo)}`, digits: caseNo.slice(-6) };
}

/** Paid out, and nobody asks for the goods unless the story does. */
export async function lent(stage: Stage, wish: Wish = {}): Promise<Played> {
  const played = await begun(stage, { ...wish, changes: { release: () => undefined, ...wish.changes } });
  await stage.until(`a loan of ${played.caseNo}`, async () => (await loanState(stage, played)) === 'ACTIVE');
  await ended(stage, played, 'spot-pledge', 'disbursed');
  return played;
}

export const numberOf = (prefix: string, { caseNo }: Played): string => caseNo.replace('CASE-', prefix);

export async function loanState(stage: Stage, { caseNo }: Played): Promise<unknown> {
  return stage.value('select l.state from loan l join application a on a.no = l.application_no where a.case_id = $1', [
    caseNo,
  ]);
}

/** Waits for that flow of the case to have ended so. */
export async function ended(stage: Stage, { caseNo }: Played, flow: string, outcome: string): Promise<void> {
  let last: unknown;
  await stage
    .until(`${flow} of ${caseNo} to end ${outcome}`, async () => {
      const rows = await stage.rows<{ outcome: string }>(
        'select outcome, detail from run_done where case_id = $1 and flow = $2 order by finished_at desc',
        [caseNo, flow],
      );
      last = rows;
      return rows.some((row) => row.outcome === outcome);
    })
    .catch(async (thrown: unknown) => {
      const live = await stage.rows('select flow, state, problem from run where case_id = $1', [caseNo]);
      const waits = await stage.rows(
        'select key, what_en from wait where run_id in (select id from run where case_id = $1)',
        [caseNo],
      );
      throw new Error(`${String(thrown)}: ${JSON.stringify({ last, live, waits })}`);
    });
}

/** Waits until that fact is waited for, and lets the time for it pass: not much more, for an offer may end soon after. */
export async function outwait(stage: Stage, key: string): Promise<void> {
  let deadline: Date | undefined;
  await stage.until(`${key} to be waited for`, async () => {
    deadline = (await stage.rows<{ deadline: Date }>('select deadline from wait where key = $1', [key]))[0]?.deadline;
    return deadline !== undefined;
  });
  const left = Math.ceil(((deadline?.getTime() ?? 0) - stage.now().getTime()) / 60_000);
  if (left > 0) await stage.advance(`${left}m`);
}

/** What the hub asks the parties of the case, as the dealer reads it. */
export async function advised(stage: Stage, { orderNo, caller }: Played, words: string): Promise<void> {
  await stage.until(`${caller} to be told “${words}”`, async () => {
    const { body } = await stage.read(caller, `/v1/cases?order=${orderNo}`);
    const told = body['told'] as { advice?: string } | undefined;
    return told?.advice?.includes(words) === true;
  });
}

/** Asks for goods, as the dealer's people do; all of them unless something else is wished. */
export async function askFor(stage: Stage, played: Played, wish: Record<string, unknown> = {}): Promise<string> {
  const { caller, caseNo, dealer } = played;
  const releaseNo = `${numberOf('RL', played)}-${stage.unique()}`;
  const { name, idNo, vehicle } = dealer.picker;
  const applicationNo = await stage.value(
    "select no from application where case_id = $1 and state <> 'RETURNED' order by no desc limit 1",
    [caseNo],
  );
  const picker = { name, idNo, vehicle };
  await stage.command(caller, '/v1/releases', {
    releaseNo,
    caseNo,
    applicationNo,
    borrowerUscc: dealer.uscc,
    picker,
    ...wish,
  });
  return releaseNo;
}

/** Text messages of a template that went to the dealer's agent. */
export async function textsOf(stage: Stage, { dealer }: Played, part: string): Promise<number> {
  const { sent } = (await stage.memory('notify-sms')) as { sent: { phone: string; session: string }[] };
  return sent.filter(({ phone, session }) => phone.endsWith(dealer.agent.phone) && session.includes(part)).length;
}

/** What the warehouse holds locked under the case's pledge, in its smallest unit. */
export async function lockedAt(stage: Stage, system: string, played: Played): Promise<number> {
  const { locks } = (await stage.memory(system)) as { locks: { code: string; left: { qty: number }[] }[] };
  const own = locks.filter(({ code }) => code === numberOf('PL', played));
  return own.flatMap(({ left }) => left).reduce((sum, { qty }) => sum + qty, 0);
}

export function projectDocuments(
  { caseNo }: Played,
  contractNo: string,
  principals: readonly { name: string; uscc: string }[],
) {
  const paper = (type: string, name: string) => ({
    type,
    name,
    sha256: createHash('sha256').update(`${type} ${contractNo}`).digest('hex'),
  });
  return {
    caseNo,
    contractNo,
    signedOn: '2026-01-05',
    warehouse: { code: warehouse.code, name: warehouse.name, uscc: warehouse.uscc },
    seller: { name: unit.name, uscc: unit.uscc, account: unit.account },
    supervision: {
      agreementNo: `JG-${contractNo}`,
      principals: principals.map(({ name, uscc }) => ({ name, uscc })),
      supervisor: { name: warehouse.name, uscc: warehouse.uscc },
    },
    documents: [paper('purchaseContract', '采购合同'), paper('supervisionAgreement', '三方监管协议')],
  };
}

export { funder, unit };
