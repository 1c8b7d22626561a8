/** Financings that the other stories begin with: begun on a Monday, and once more where a busy machine let the price grow stale. */
import { dealers } from '../../world.ts';
import type { Stage } from '../scenario.ts';

const hourMs = 3_600_000;
const attemptsMax = 4;

/** Nine o'clock of the next Monday in Shanghai. */
export async function toMonday(stage: Stage): Promise<void> {
  const local = new Date(stage.now().getTime() + 8 * hourMs);
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  const days = (8 - local.getUTCDay()) % 7 || 7;
  const minutes = Math.ceil((midnight + (days * 24 + 9) * hourMs - local.getTime()) / 60_000);
  await stage.advance(`${Math.floor(minutes / 60)}h`);
}

export interface Wish {
  readonly dealer?: number;
  readonly salesOrganization?: string;
  readonly changes?: Parameters<Stage['people']>[1];
}

/** The case of an order on which a loan was paid out. */
export async function financed(
  stage: Stage,
  { dealer = 0, salesOrganization = '1000', changes = {} }: Wish = {},
): Promise<string> {
  const who = dealers[dealer]?.sapNo ?? '';
  for (let attempt = 1; ; attempt += 1) {
    await toMonday(stage);
    const orderNo = await stage.placeOrder({ dealer: who, salesOrganization });
    stage.people(orderNo, changes, who);
    const caseNo = await stage.caseOf(orderNo);
    let ended: { outcome: string; detail: string } | undefined;
    await stage.until(`the loan of ${caseNo}`, async () => {
      [ended] = await stage.rows<{ outcome: string; detail: string }>(
        "select outcome, coalesce(detail, '') detail from run_done where case_id = $1 and flow = 'spot-pledge'",
        [caseNo],
      );
      return ended !== undefined;
    });
    if (ended?.outcome === 'disbursed') return caseNo;
    if (attempt >= attemptsMax || !/PRICE_STALE|offer has expired/.test(ended?.detail ?? ''))
      throw new Error(`${caseNo}: ${ended?.outcome} ${ended?.detail}`);
  }
}
