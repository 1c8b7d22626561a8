/** What a warehouse tells over SOAP, in our own words: the protocol is ours, so only the spelling of figures differs. */
import { decimal } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import * as wire from '../../contracts/wms/soap.wire.ts';
import { StockChanged, StockCounted } from '../../contracts/wms/stock.ts';
import { ControlConfirmed, GoodsOutbound, GoodsReceived } from '../../contracts/wms/wms.ts';

export const goodsReceivedOf = mapping(
  'wms.soap.goodsReceived',
  wire.SoapNotifyInbound,
  GoodsReceived,
  ({ final, lots, ...told }) => ({ ...told, final: final === 'true' || final === '1', lots: lots.map(lotOf) }),
);

export const controlConfirmedOf = mapping(
  'wms.soap.controlConfirmed',
  wire.SoapConfirmControl,
  ControlConfirmed,
  ({ lots, receipt, ...told }) => ({
    ...told,
    lots: lots.map(lotOf),
    receipt: { ...receipt, lots: receipt.lots.map(lotOf) },
  }),
);

export const goodsOutboundOf = mapping(
  'wms.soap.goodsOutbound',
  wire.SoapNotifyOutbound,
  GoodsOutbound,
  ({ lots, ...told }) => ({ ...told, lots: lots.map(lotOf) }),
);

export const stockCountedOf = mapping(
  'wms.soap.stockCounted',
  wire.SoapReportStockCount,
  StockCounted,
  ({ lots, ...told }) => ({
    ...told,
    lots: lots.map((lot) => {
      const [counted, book] = [quantityOf(lot.counted, lot.unit), quantityOf(lot.book, lot.unit)];
      if (counted !== book && lot.reason === undefined)
        throw new Failure('CONTRACT_VIOLATED', { detail: 'a count that differs from the books gives no reason' });
      return { ...lot, counted, book };
    }),
  }),
);

export const stockChangedOf = mapping(
  'wms.soap.stockChanged',
  wire.SoapReportStockChange,
  StockChanged,
  ({ changedAt, lots, ...told }) => ({
    ...told,
    at: changedAt,
    lots: lots.map((lot) => ({ ...lot, change: quantityOf(lot.change, lot.unit) })),
  }),
);

type Lot = Message<typeof wire.SoapNotifyInbound>['lots'][number];

function lotOf({ lotNo, materialCode, quantity, unit }: Lot): Lot {
  return { lotNo, materialCode, quantity: quantityOf(quantity, unit), unit };
}

/** Three decimals, pieces whole. @throws Failure CONTRACT_VIOLATED */
function quantityOf(text: string, unit: string): string {
  const quantity = decimal(text, 3);
  if (unit === 'C62' && !quantity.endsWith('.000'))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'pieces must be whole' });
  return quantity;
}
