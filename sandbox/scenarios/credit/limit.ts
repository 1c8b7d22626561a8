/** Standing limits in the scenarios of credit. */
import { cityBank, dealers, factor, funder, type Dealer } from '../../world.ts';
import type { Stage } from '../scenario.ts';

export const city = cityBank;
export const own = funder;
export const south = factor;

export function dealerOf(sapNo: string): Dealer {
  const dealer = dealers.find((one) => one.sapNo === sapNo);
  if (!dealer) throw new Error(`the world has no dealer ${sapNo}`);
  return dealer;
}

/** A revolving one, by the funder's own word. Returns its number. */
export async function grantLimit(stage: Stage, dealer: Dealer, by: { uscc: string }, total: string): Promise<string> {
  const limitNo = `ED-${stage.unique()}`;
  await stage.command('city-bank', '/v1/credit-limits', {
    limitNo,
    borrowerUscc: dealer.uscc,
    funderUscc: by.uscc,
    total,
    revolving: true,
    rate: '0.052000',
    validFrom: stage.today(),
    validTo: '2028-12-31',
    decisionRef: `PF-${limitNo}`,
  });
  await stage.until(
    `the limit ${limitNo}`,
    async () => (await stage.value('select state from credit_limit where no = $1', [limitNo])) === 'ACTIVE',
  );
  return limitNo;
}
