/** What a keeper tells by hand where its system does not (手工维护). */
import { PersonName, Sha256Hex } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { GoodsReceived } from '../wms/wms.ts';
import { command } from './command.ts';

/** Goods that came in, counted by hand and signed by two people (双人清点) because the feed is down. */
export const ArrivalCount = contract(
  'portal/arrival-count',
  strict({
    received: GoodsReceived.schema,
    countedBy: PersonName,
    witnessedBy: PersonName,
    /** Of the sheet that both signed. */
    documentSha256: Sha256Hex,
  }),
);

export const arrivalCommands = {
  arrivalCounted: command({
    contract: ArrivalCount,
    label: { zh: '人工清点入库', en: 'arrival counted by hand' },
    path: 'arrival-counts',
    by: ['keeper'],
    keyOf: (m) => m.received.noticeNo,
    idOf: (m) => `${m.received.receiptNo} ${m.documentSha256}`,
  }),
};
