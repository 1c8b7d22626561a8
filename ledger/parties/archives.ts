/**
 * What funders say of a company that was admitted (入驻备案): the number under which they know it, or why they take none of its
 * business. One that refused it is not asked for its financing; the others are.
 */
import type { Tx } from '../lifecycle.ts';

export type ArchiveAnswer = { readonly customerNo: string } | { readonly refusal: string };

/** The latest word counts. */
export async function keepArchive(tx: Tx, party: string, funder: string, answer: ArchiveAnswer): Promise<void> {
  const { customerNo, refusal } = { customerNo: null, refusal: null, ...answer };
  await tx.query(
    `insert into funder_archive (party_id, funder_id, customer_no, refusal) values ($1, $2, $3, $4)
     on conflict on constraint funder_archive_pkey do update set customer_no = excluded.customer_no, refusal = excluded.refusal, answered_at = hub_now()`,
    [party, funder, customerNo, refusal],
  );
}

/** Funders that take no business of this company. */
export async function refusedBy(tx: Tx, party: string): Promise<string[]> {
  const found = await tx.query<{ funder_id: string }>(
    'select funder_id from funder_archive where party_id = $1 and refusal is not null order by funder_id',
    [party],
  );
  return found.rows.map((row) => row.funder_id);
}
