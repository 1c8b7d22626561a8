/** What stands on a warehouse receipt (仓单): Civil Code art. 909, GB/T 30332. */

export interface ReceiptGoods {
  readonly lotNo: string;
  readonly variety: string;
  readonly quantity: string;
  readonly unit: string;
  readonly spec?: string;
  readonly quality?: string;
  readonly packaging?: string;
  readonly pieces?: number;
  readonly marks?: string;
}

export interface ReceiptElements {
  readonly no: string;
  readonly nationalCode?: string;
  readonly form?: 'ELECTRONIC' | 'PAPER';
  readonly warehouse: string;
  /** Parties by their ids. The depositor (存货人) is the first holder (持单人). */
  readonly depositor: string;
  readonly depositorName: string;
  readonly depositorAddress?: string;
  /** The keeper (保管人). */
  readonly issuer: string;
  readonly goods: readonly ReceiptGoods[];
  readonly lossStandard?: string;
  readonly storagePlace?: string;
  /** Business dates. */
  readonly storageFrom?: string;
  readonly storageTo?: string;
  readonly storageFee?: string;
  /** `null`: not insured. Left out: nobody said. */
  readonly insurance?: {
    readonly sum: string;
    readonly currency: string;
    readonly from: string;
    readonly to: string;
    readonly insurer: string;
  } | null;
  readonly issuedPlace?: string;
  readonly issuedAt: string;
  /** Hash of the canonical content under the keeper's signature or seal. */
  readonly keeperSha256: string;
  readonly rightsNotice?: string;
}

/** Column → value, for the insert. */
export function receiptColumns(
  receipt: ReceiptElements,
  basis: 'ISSUED' | 'AS_TOLD',
  state: string,
): Record<string, unknown> {
  const { insurance } = receipt;
  return {
    no: receipt.no,
    national_code: receipt.nationalCode,
    form: receipt.form,
    basis,
    warehouse: receipt.warehouse,
    depositor_id: receipt.depositor,
    depositor_name: receipt.depositorName,
    depositor_address: receipt.depositorAddress,
    holder_id: receipt.depositor,
    loss_standard: receipt.lossStandard,
    storage_place: receipt.storagePlace,
    storage_from: receipt.storageFrom,
    storage_to: receipt.storageTo,
    storage_fee: receipt.storageFee,
    insured: insurance === undefined ? null : insurance !== null,
    insured_sum: insurance?.sum,
    insured_currency: insurance?.currency,
    insured_from: insurance?.from,
    insured_to: insurance?.to,
    insurer: insurance?.insurer,
    issuer_id: receipt.issuer,
    issued_place: receipt.issuedPlace,
    issued_at: receipt.issuedAt,
    keeper_sha256: receipt.keeperSha256,
    rights_notice: receipt.rightsNotice,
    state,
  };
}
