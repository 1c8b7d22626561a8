/**
 * A command (指令) of the hub's own API: a notice of the portal, the address under which it is posted, and who may post it. Each area
 * of business lists its own beside its contracts; `portal.ts` puts them together.
 */
import { Type, type TSchema } from 'typebox';
import type { NoticeSpec } from '../kind.ts';

export const callerRoles = ['unit', 'dealer', 'core', 'supplier', 'seller', 'funder', 'keeper', 'operator'] as const;

/**
 * As whom somebody speaks to the hub: trading unit (经营单位), dealer (链属企业), core enterprise (核心企业), supplier (资产方), upstream
 * seller (上游卖方), funder (资金方), warehouse or supervisor (保管人, 监管方), operator (运营方).
 */
export const CallerRole = Type.Enum([...callerRoles], { type: 'string' });
export type CallerRole = (typeof callerRoles)[number];

export interface CommandAddress {
  /** Below `/v1/`, in kebab case. */
  readonly path: string;
  /** Those who may post it. */
  readonly by: readonly CallerRole[];
  /** Whoever gives it takes no part in its case before: what he says is asked of him by the flow. */
  readonly joins?: true;
  /** Top-level fields that differ when the same thing is pushed again. */
  readonly volatile?: readonly string[];
}

/** Types the parts of one command against each other. */
export function command<M extends TSchema>(spec: NoticeSpec<M> & CommandAddress): NoticeSpec<M> & CommandAddress {
  return spec;
}
