/**
 * What parties tell the hub themselves, over its own JSON API. Each command is a notice like any other: signed, kept raw,
 * committed before it is answered.
 */
import { kind, type Notice } from '../kind.ts';
import type { CommandAddress } from './command.ts';
import { factoringCommands } from './factoring.ts';
import { arrivalCommands } from './arrivals.ts';
import { creditCommands } from './credit.ts';
import { financingCommands } from './financing.ts';
import { futureGoodsCommands } from './futureGoods.ts';
import { markingCommands } from './marking.ts';
import { onboardingCommands } from './onboarding.ts';
import { operationCommands } from './operations.ts';
import { pledgeChangeCommands } from './pledgeChange.ts';
import { stockCommands } from './stock.ts';
import { overdueCommands } from './overdue.ts';
import { repaymentCommands } from './repayments.ts';
import { settlementCommands } from './settlement.ts';

const commands = {
  ...onboardingCommands,
  ...financingCommands,
  ...creditCommands,
  ...arrivalCommands,
  ...repaymentCommands,
  ...factoringCommands,
  ...futureGoodsCommands,
  ...pledgeChangeCommands,
  ...operationCommands,
  ...overdueCommands,
  ...settlementCommands,
  ...markingCommands,
  ...stockCommands,
};

export const portal = kind('portal', {}, commands);

/** Every command with its notice: what the gateway serves. */
export const portalCommands: readonly (CommandAddress & { readonly notice: Notice })[] = Object.entries(commands).map(
  ([name, { path, by, volatile, joins }]) => ({
    path: `/v1/${path}`,
    by,
    ...(volatile ? { volatile } : {}),
    ...(joins ? { joins } : {}),
    notice: portal.notices[name as keyof typeof commands] as unknown as Notice,
  }),
);
