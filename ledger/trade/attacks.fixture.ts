/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import type { Assault, Attack } from '../attack.fixture.ts';
import { bringFactoring } from '../financing/factoring.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { draftCertificate } from './certificates.ts';
import { certificateOf } from './factoringAttacks.fixture.ts';
import type { tradeKeys } from './lifecycles.ts';
import { tradePaperAttacks } from './paperAttacks.fixture.ts';
import { receivableAttacks } from './factoringAttacks.fixture.ts';
import { assaultsOnTrade } from './assaults.fixture.ts';

export const tradeAttacks: readonly Attack[] = [...tradePaperAttacks, ...receivableAttacks];

export const tradeAssaults: readonly Assault[] = assaultsOnTrade;

export const tradeSpecimens: Readonly<Record<keyof typeof tradeKeys, (the: Books) => Promise<string>>> = {
  invoice: async (the) => (await bringFactoring(the, 'checked')).invoiceNo,
  invoice_use: async (the) => {
    const f = await bringFactoring(the, 'filed');
    const found = await the.store.pool.query<{ id: string }>('select id from invoice_use where receivable_no = $1', [
      f.receivableNo,
    ]);
    return found.rows[0]?.id ?? '';
  },
  receivable: async (the) => (await bringFactoring(the, 'filed')).receivableNo,
  confirmation: async (the) => (await bringFactoring(the, 'asked')).confirmationNo,
  assignment_notice: async (the) => {
    const f = await bringFactoring(the, 'noticed');
    return f.noticeNo;
  },
  receivable_certificate: async (the) => {
    const f = await bringFactoring(the, 'confirmed');
    await the.store.tx((tx) => draftCertificate(tx, certificateOf(f), actor));
    return certificateOf(f).no;
  },
};
