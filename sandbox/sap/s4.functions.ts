/** The function modules that the sandbox's SAP has, and what each shows of its memory. */
import type { TwinAnswer } from '../twin.ts';
import { unit } from '../world.ts';
import { commitWork, postDocument, readTable, rollbackWork, type sessionOf } from './s4.finance.ts';
import type { S4 } from './s4.memory.ts';
import {
  headerRow,
  itemRow,
  openItemRow,
  purchaseHeader,
  purchaseRow,
  returned,
  statusRows,
  totalsRow,
} from './s4.rows.ts';
import { dump, fault, logonPage, response, type SoapCall, type SoapRow } from './s4.soap.ts';

type Session = NonNullable<ReturnType<typeof sessionOf>>;

const message = (id: string, number: string, text: string): SoapRow => ({
  TYPE: 'E',
  ID: id,
  NUMBER: number,
  MESSAGE: text,
});

/** Magic purchase orders: whatever they would hold, they answer so. */
const purchasesAnswer: Readonly<Record<string, (call: SoapCall) => TwinAnswer>> = {
  '4500009401': () => logonPage(),
  '4500009500': () => dump('DBIF_RSQL_SQL_ERROR'),
  '4500009006': (call) =>
    response(
      call,
      { POHEADER: {} },
      { RETURN: [message('ME', '006', 'User WANGLI already processing purchase order 4500009006')] },
    ),
};

export const functionModules: Readonly<Record<string, (call: SoapCall, s4: S4, session: Session) => TwinAnswer>> = {
  RFC_PING: (call) => response(call, {}),
  RFC_PING_AND_WAIT: (call) => response(call, {}),
  STFC_CONNECTION: (call) =>
    response(call, { ECHOTEXT: call.text('REQUTEXT'), RESPTEXT: 'SAP R/3 Rel. 756   Sysid: S4H' }),
  STFC_STRUCTURE: (call) =>
    response(
      call,
      { ECHOSTRUCT: call.structure('IMPORTSTRUCT'), RESPTEXT: 'SAP R/3 Rel. 756   Sysid: S4H' },
      { RFCTABLE: [...call.rows('RFCTABLE'), call.structure('IMPORTSTRUCT')] },
    ),
  RFC_RAISE_ERROR: (call) => fault('RAISE_EXCEPTION', call.functionModule, 'RAISE_EXCEPTION'),
  BAPISDORDER_GETDETAILEDLIST(call, s4) {
    // No ALPHA conversion on this road: 4711 is not 0000004711.
    const orders = call.rows('SALES_DOCUMENTS').flatMap((row) => s4.memory.orders[row['VBELN'] ?? ''] ?? []);
    return response(
      call,
      {},
      {
        ORDER_HEADERS_OUT: orders.map(headerRow),
        ORDER_ITEMS_OUT: orders.flatMap((order) => order.items.map((item) => itemRow(order, item))),
        ORDER_STATUSHEADERS_OUT: orders.map((order) => ({
          OPERATION: '',
          SD_DOC: order.vbeln,
          DLV_STAT_H: order.deliveryStatus,
          PRC_STAT_H: order.deliveryStatus,
        })),
      },
    );
  },
  BAPI_SALESORDER_GETSTATUS(call, s4) {
    const no = call.text('SALESDOCUMENT');
    const order = s4.memory.orders[no];
    const said = order ? returned('', '', '') : returned('E', 'V1302', `Document ${no} is not in the database`);
    return response(call, { RETURN: said }, { STATUSINFO: order ? statusRows(order, s4.memory.deliveries) : [] });
  },
  BAPI_PO_GETDETAIL1(call, s4) {
    const no = call.text('PURCHASEORDER');
    const magic = purchasesAnswer[no];
    if (magic) return magic(call);
    const order = s4.memory.purchaseOrders[no];
    if (!order)
      return response(
        call,
        { POHEADER: {} },
        { RETURN: [message('06', '019', `Purchasing document ${no} not in the database`)] },
      );
    return response(
      call,
      { POHEADER: purchaseHeader(order) },
      {
        POITEM: order.items.map(purchaseRow),
        POSCHEDULE: order.items.map(({ ebelp, due, quantity }) => ({
          PO_ITEM: ebelp,
          SCHED_LINE: '0001',
          DELIVERY_DATE: due,
          QUANTITY: quantity,
        })),
        POHISTORY_TOTALS: order.items.filter(({ received }) => received !== '0.000').map(totalsRow),
        RETURN: [],
      },
    );
  },
  BAPI_AR_ACC_GETOPENITEMS(call, s4) {
    const customer = call.text('CUSTOMER');
    const keyDate = call.text('KEYDATE');
    if (!/^\d{4}-\d\d-\d\d$/.test(keyDate)) return fault('KEYDATE: CX_SY_CONVERSION_NO_DATE');
    const known = customer in s4.memory.customers && call.text('COMPANYCODE') === unit.companyCode;
    // Open at the key date: what was cleared later counts, what was cleared by then does not.
    const rows = s4.memory.openItems.filter(
      (item) =>
        item.customer === customer &&
        item.date <= keyDate &&
        (item.clearDate === undefined || item.clearDate > keyDate),
    );
    return response(
      call,
      { RETURN: known ? returned('', '', '') : returned('E', 'FN021', `Customer ${customer} does not exist`) },
      { LINEITEMS: known ? rows.map(openItemRow) : [] },
    );
  },
  RFC_READ_TABLE: (call, s4) => readTable(call, s4),
  BAPI_ACC_DOCUMENT_POST: (call, s4, session) => postDocument(call, session, s4),
  BAPI_TRANSACTION_COMMIT: (call, s4, session) => commitWork(call, session, s4),
  BAPI_TRANSACTION_ROLLBACK: (call, _s4, session) => rollbackWork(call, session),
};
