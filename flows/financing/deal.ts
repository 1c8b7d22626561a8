/** What the steps of one spot pledge share. */
import type { Message } from '../../contracts/contract.ts';
import type { bank } from '../../contracts/bank/bank.ts';
import type { TradeOrder } from '../../contracts/sap/sap.ts';
import { type ControlConfirmed } from '../../contracts/wms/wms.ts';
import { type Project } from '../../ledger/configuration/projects.ts';

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

export type Terms = NonNullable<Message<typeof bank.notices.creditDecided.contract>['terms']> & {
  readonly funderRef: string;
};

export type Lots = Message<typeof ControlConfirmed>['lots'];
