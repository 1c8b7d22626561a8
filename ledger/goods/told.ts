/**
 * A receipt (仓单) as a warehouse's notice tells it: what the notice does not hold is left out, and `missingElements` names it.
 */
import { Failure } from '../../contracts/failures.ts';
import type { Actor, Tx } from '../lifecycle.ts';
import { tellReceipt } from './receipts.ts';
import type { LotRow } from './stock.ts';

interface Company {
  readonly name: string;
  readonly uscc: string;
}

export interface ToldReceipt {
  readonly receiptNo: string;
  readonly depositor: Company;
  readonly goods: string;
  readonly lots: readonly LotRow[];
  readonly quality: string;
  readonly packaging: string;
  readonly lossStandard: string;
  readonly storagePlace: string;
  readonly storageFrom: string;
  readonly storageTo: string;
  readonly storageFee: string;
  readonly issuer: Company;
  readonly issuedAt: string;
  readonly sealSha256: string;
}

/** @throws Failure NOT_FOUND when depositor or issuer are no parties of the books */
export async function recordToldReceipt(tx: Tx, told: ToldReceipt, warehouse: string, actor: Actor): Promise<void> {
  const { quality, packaging } = told;
  await tellReceipt(
    tx,
    {
      no: told.receiptNo,
      warehouse,
      depositor: await partyOf(tx, told.depositor),
      depositorName: told.depositor.name,
      issuer: await partyOf(tx, told.issuer),
      goods: told.lots.map(({ lotNo, quantity, unit }) => ({
        lotNo,
        quantity,
        unit,
        variety: told.goods,
        quality,
        packaging,
      })),
      lossStandard: told.lossStandard,
      storagePlace: told.storagePlace,
      storageFrom: shanghaiDate(told.storageFrom),
      storageTo: shanghaiDate(told.storageTo),
      storageFee: told.storageFee,
      issuedAt: told.issuedAt,
      keeperSha256: told.sealSha256,
    },
    actor,
  );
}

async function partyOf(tx: Tx, { name, uscc }: Company): Promise<string> {
  const found = await tx.query<{ id: string }>('select id from party where uscc = $1', [uscc]);
  const party = found.rows[0];
  if (!party) throw new Failure('NOT_FOUND', { detail: `${name} stands on a receipt and is no party of the books` });
  return party.id;
}

const shanghaiMs = 8 * 3_600_000;

function shanghaiDate(instant: string): string {
  return new Date(Date.parse(instant) + shanghaiMs).toISOString().slice(0, 10);
}
