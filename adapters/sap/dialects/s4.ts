/** SAP S/4HANA: orders come as IDoc or OData, order and open items are read back by BAPI. */
import { alphaIn } from '../../../mappings/sap/s4.numbers.ts';
import { openItemsOf, refuseBapiErrors, snapshotOf } from '../../../mappings/sap/s4.bapi.ts';
import { tradeOrderOfEntity } from '../../../mappings/sap/s4.odata.ts';
import { tradeOrderOfIdoc } from '../../../mappings/sap/s4.orders05.ts';
import { Failure } from '../../../contracts/failures.ts';
import { BapiReturn, OpenLineItems, OrderDetail } from '../../../contracts/sap/s4.wire.ts';
import type { sap } from '../../../contracts/sap/sap.ts';
import { problemReply, type Dialect, type Inbound, type Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { checkBasic } from '../basicAuth.ts';
import { nodeRfc } from '../nodeRfc.ts';
import { readOrders05, type IdocAt } from '../orders05.ts';
import { isTree, pick } from '../pick.ts';
import type { RfcTransport } from '../rfc.ts';
import { readSalesOrders } from '../salesOrders.ts';
import { soapRfc } from '../soapRfc.ts';

const documentNoDigits = 10;
const customerNoDigits = 10;

export const s4Dialect: Dialect<typeof sap> = {
  operations: {
    async readOrder({ orderNo }, wire) {
      const imports = {
        I_BAPI_VIEW: { HEADER: 'X', ITEM: 'X', STATUS_H: 'X' },
        SALES_DOCUMENTS: [{ VBELN: alphaIn(orderNo, documentNoDigits) }],
      };
      const answer = await transportTo(wire).call(
        'BAPISDORDER_GETDETAILEDLIST',
        imports,
        Object.keys(OrderDetail.properties),
      );
      const detail = pick(OrderDetail, answer);
      const numbers = detail.ORDER_HEADERS_OUT.map((header) => header.DOC_NUMBER);
      // No order at all is an answer; another order than was asked for is not the answer to this.
      if (numbers.length > 0) confirmAsked(numbers, alphaIn(orderNo, documentNoDigits), documentNoDigits);
      return snapshotOf({ orderNo, readAt: wire.now().toISOString(), answer: detail });
    },
    async readOpenItems({ companyCode, customerNo, keyDate }, wire) {
      const transport = transportTo(wire);
      const imports = {
        COMPANYCODE: companyCode,
        CUSTOMER: alphaIn(customerNo, customerNoDigits),
        KEYDATE: transport.date(keyDate),
      };
      const answer = await transport.call('BAPI_AR_ACC_GETOPENITEMS', imports, ['LINEITEMS']);
      refuseBapiErrors(pick(BapiReturn, answer));
      confirmAsked(customersIn(answer), imports.CUSTOMER, customerNoDigits);
      return openItemsOf({ customerNo, keyDate, answer: pick(OpenLineItems, answer) });
    },
  },
  async receive(inbound, wire) {
    const { settings } = wire.system;
    checkBasic(inbound.headers['authorization'], settings['inboundUser'] ?? '', wire.keys.secret('inbound-password'));
    switch (`${inbound.method} ${inbound.path}`) {
      case 'POST /idoc':
        return taken(idocOrders(inbound, wire));
      case 'POST /orders':
        return taken(readSalesOrders(inbound.body).map((each) => tradeOrderOfEntity({ ...each, ...arrivalAt(wire) })));
      default:
        throw new Failure('METHOD_UNKNOWN', { detail: 'SAP posts to /idoc (ORDERS05) or /orders (OData)' });
    }
  },
  refuse(failure) {
    const reply = problemReply(failure);
    return reply.status === 401
      ? { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="lianshu"' } }
      : reply;
  },
};

/** SAP writes into each row whose it is: an answer about another is none. */
function confirmAsked(found: readonly (string | undefined)[], asked: string, digits: number): void {
  if (found.some((each) => each !== undefined && each !== '' && alphaIn(each, digits) !== asked))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about something else than was asked for' });
}

function customersIn(answer: unknown): string[] {
  const rows: unknown = isTree(answer) ? answer['LINEITEMS'] : undefined;
  return (Array.isArray(rows) ? rows : []).flatMap((row: unknown) => {
    const customer = isTree(row) ? row['CUSTOMER'] : undefined;
    return typeof customer === 'string' ? [customer.trim()] : [];
  });
}

function transportTo(wire: Wire): RfcTransport {
  const transport = wire.system.settings['transport'] ?? 'soap';
  if (transport === 'soap') return soapRfc(wire);
  if (transport === 'rfc') return nodeRfc(wire.system, wire.keys);
  throw new Failure('SYSTEM_UNKNOWN', { detail: `${wire.system.id}: the setting transport is soap or rfc` });
}

function idocOrders(inbound: Inbound, wire: Wire) {
  return readOrders05(inbound.body).map((each) => {
    checkSender(each, wire);
    return tradeOrderOfIdoc({ ...each, ...arrivalAt(wire) });
  });
}

/** SAP cannot sign. Beside the password, the IDoc must come from the partner and port that were agreed; `*` agrees to any. */
function checkSender({ path, idoc }: IdocAt, wire: Wire): void {
  for (const field of ['SNDPRN', 'SNDPOR'] as const) {
    const agreed = (wire.system.settings[field.toLowerCase()] ?? '').split(',').map((each) => each.trim());
    const sent = idoc.EDI_DC40[field] ?? '';
    if (agreed.includes('*') || (sent !== '' && agreed.includes(sent))) continue;
    const pointer = `${path}/EDI_DC40/${field}`;
    const detail = 'is not the sender that was agreed';
    throw new Failure('NOT_ALLOWED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code: 'sender', detail }] });
  }
}

function arrivalAt(wire: Wire) {
  const salesOrganization = wire.system.settings['salesOrganization'];
  return { receivedAt: wire.now().toISOString(), ...(salesOrganization === undefined ? {} : { salesOrganization }) };
}

/** An XML-HTTP port wants nothing but the status. */
function taken(orders: readonly unknown[]): Received {
  return {
    notices: orders.map((message) => ({ notice: 'orderPlaced', message })),
    reply: { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from('OK') },
  };
}
