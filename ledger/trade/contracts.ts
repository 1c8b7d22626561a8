/** Base contracts (贸易合同) in versions. What changes under an assigned receivable is told (民法典 765, I-18). */
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';

export interface ContractTerms {
  readonly amount: string;
  readonly currency: string;
  readonly signedOn: string;
  readonly effectiveOn?: string;
  readonly sealed: boolean;
  readonly certSerial?: string;
  readonly fileSha256: string;
  /** Third and fourth party. */
  readonly otherParties?: readonly { readonly name: string; readonly uscc: string }[];
}

/** Returns its id. A number is unique to its seller. */
export async function recordContract(
  tx: Tx,
  contract: {
    readonly contractNo: string;
    readonly type: 'SALE' | 'PURCHASE' | 'FRAMEWORK' | 'SERVICE';
    readonly seller: string;
    readonly buyer: string;
  },
  terms: ContractTerms,
): Promise<string> {
  const made = await tx.query<{ id: string }>(
    'insert into trade_contract (contract_no, type, seller_id, buyer_id) values ($1, $2, $3, $4) returning id',
    [contract.contractNo, contract.type, contract.seller, contract.buyer],
  );
  const id = made.rows[0]?.id ?? '';
  await insertVersion(tx, id, 1, terms);
  return id;
}

/**
 * A new version of a contract. Returns the receivables assigned on it: for each of them the fact CONTRACT_CHANGED is kept in
 * `contract_change`, and an alert is due.
 */
export async function changeContract(tx: Tx, id: string, terms: ContractTerms): Promise<readonly string[]> {
  const moved = await tx.query<{ version: number }>(
    'update trade_contract set version = version + 1 where id = $1 returning version',
    [id],
  );
  const version = moved.rows[0]?.version;
  if (version === undefined) throw new Failure('NOT_FOUND', { detail: `there is no contract ${id}` });
  await insertVersion(tx, id, version, terms);
  const told = await tx.query<{ no: string }>(
    `insert into contract_change (contract_id, version, receivable_no)
     select $1, $2, no from receivable where contract_id = $1 and state in ('ASSIGNED', 'DISPUTED', 'MATURED', 'OVERDUE')
     order by no returning receivable_no no`,
    [id, version],
  );
  return told.rows.map((row) => row.no);
}

async function insertVersion(tx: Tx, id: string, version: number, terms: ContractTerms): Promise<void> {
  await tx.query(
    `insert into trade_contract_version (contract_id, version, amount, currency, signed_on, effective_on, sealed, cert_serial, file_sha256, other_parties)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      version,
      terms.amount,
      terms.currency,
      terms.signedOn,
      terms.effectiveOn ?? null,
      terms.sealed,
      terms.certSerial ?? null,
      terms.fileSha256,
      JSON.stringify(terms.otherParties ?? []),
    ],
  );
}

/** Its id, where it is known already: several receivables may rest on one contract. */
export async function contractOf(tx: Tx, seller: string, contractNo: string): Promise<string | undefined> {
  const found = await tx.query<{ id: string }>(
    'select id from trade_contract where seller_id = $1 and contract_no = $2',
    [seller, contractNo],
  );
  return found.rows[0]?.id;
}
