/** What the steps of one financing share. */
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import type { bank } from '../../contracts/bank/bank.ts';
import type { TradeOrder } from '../../contracts/sap/sap.ts';
import { type ControlConfirmed } from '../../contracts/wms/wms.ts';
import { type ProductType, type Project } from '../../ledger/configuration/projects.ts';
import type { Route } from '../routing/route.ts';

export type Order = Message<typeof TradeOrder>;

/** Who borrows, and on what: what the later steps of one case share. */
export interface Deal {
  readonly project: Project;
  readonly order: Order;
  readonly dealer: { readonly id: string; readonly name: string; readonly uscc: string };
  /** What the dealer owes the unit by its ERP, debits less credits. */
  readonly openItemsTotal: string;
  readonly actor: string;
}

export interface Applied {
  readonly no: string;
  /** Its number at the funder: that of the attempt, where several funders are asked one after the other. */
  readonly askedAs: string;
  /** In which order the funders are asked. */
  readonly route: Route;
  readonly amount: string;
  readonly currency: string;
  readonly tenorDays: number;
  readonly purpose: string;
  readonly payee: {
    readonly accountName: string;
    readonly accountNo: string;
    readonly bankName: string;
    readonly bankCode: string;
  };
  /** Serial numbers of the verifications that make the dealer a known one. */
  readonly verification: { readonly enterprise: string; readonly agent: string };
  readonly documents: readonly { type: string; name: string; sha256: string }[];
}

/** Whether goods stand behind the loan: then there is a pledge, a price, and a registration. */
export const isSecured = ({ project }: Pick<Deal, 'project'>): boolean => project.productType !== 'CREDIT';

/** @throws Failure CONTRACT_VIOLATED for an approval of a pledge that does not say what its goods carry */
export function pledgeRateOf({ pledgeRate }: Terms): string {
  if (pledgeRate === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: 'the funder named no pledge rate' });
  return pledgeRate;
}

/** The admission rules of each product. */
export const admissionRules = {
  SPOT_PLEDGE: 'spot-pledge-admission',
  CREDIT: 'credit-admission',
  FUTURE_GOODS: 'future-goods-admission',
  FACTORING: 'factoring-admission',
} as const satisfies Readonly<Record<ProductType, string>>;

export type Terms = NonNullable<Message<typeof bank.notices.creditDecided.contract>['terms']> & {
  readonly funderRef: string;
};

export type Lots = Message<typeof ControlConfirmed>['lots'];

/** An application that a funder has approved. */
export interface Placed {
  /** As that funder finances it. */
  readonly deal: Deal;
  readonly application: Applied;
  readonly terms: Terms;
}
