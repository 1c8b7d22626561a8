/**
 * SAP S/4HANA. One dialect with one road for each thing: BAPIs over SOAP-RFC or node-rfc, OData, IDocs and events in, audit
 * confirmations out. It is one system behind all of them, with one user and one set of books.
 */
import { deliveryNoticeOf, billingNoticeOf, orderChangeOf, ordersIn } from '../../../mappings/sap/s4.idocs.ts';
import { tradeOrderOfEntity } from '../../../mappings/sap/s4.odata.ts';
import { tradeOrderOfIdoc } from '../../../mappings/sap/s4.orders05.ts';
import { Failure } from '../../../contracts/failures.ts';
import type { sap } from '../../../contracts/sap/sap.ts';
import { problemReply, type Dialect, type Inbound, type Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { checkBasic } from '../basicAuth.ts';
import { readEvents } from '../events.ts';
import { readIdocs, type IdocAt } from '../idocs.ts';
import { nodeRfc, type NodeRfc } from '../nodeRfc.ts';
import type { RfcTransport } from '../rfc.ts';
import { readSalesOrders } from '../salesOrders.ts';
import { soapRfc } from '../soapRfc.ts';
import { documentReads } from './s4.documents.ts';
import { postingOperations } from './s4.postings.ts';

type Told = Received['notices'][number];

/** @param load where node-rfc comes from; default: the installed package */
export function s4With(load?: () => Promise<NodeRfc>): Dialect<typeof sap> {
  const transportTo = (wire: Wire): RfcTransport => {
    const transport = wire.system.settings['transport'] ?? 'soap';
    if (transport === 'soap') return soapRfc(wire);
    if (transport === 'rfc') return nodeRfc(wire.system, wire.keys, load);
    throw new Failure('SYSTEM_UNKNOWN', { detail: `${wire.system.id}: the setting transport is soap or rfc` });
  };
  return {
    operations: { ...documentReads(transportTo), ...postingOperations(transportTo) },
    receive: async (inbound, wire) => taken(noticesIn(inbound, wire)),
    refuse(failure) {
      const reply = problemReply(failure);
      return reply.status === 401
        ? { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="lianshu"' } }
        : reply;
    },
  };
}

export const s4Dialect = s4With();

function noticesIn(inbound: Inbound, wire: Wire): Told[] {
  const { settings } = wire.system;
  checkBasic(inbound.headers['authorization'], settings['inboundUser'] ?? '', wire.keys.secret('inbound-password'));
  const receivedAt = wire.now().toISOString();
  switch (`${inbound.method} ${inbound.path}`) {
    case 'POST /idoc':
      return readIdocs(inbound.body).flatMap((each) => {
        checkSender(each, wire);
        return noticesOf(each, wire, receivedAt);
      });
    case 'POST /orders':
      return readSalesOrders(inbound.body).map((each) => ({
        notice: 'orderPlaced',
        message: tradeOrderOfEntity({ ...each, ...arrivalAt(wire) }),
      }));
    case 'POST /events':
      return readEvents(inbound.body).map((each) => ({
        notice: 'orderChanged',
        message: orderChangeOf({ ...each, receivedAt }),
      }));
    default:
      throw new Failure('METHOD_UNKNOWN', { detail: 'SAP posts to /idoc (IDoc XML), /orders (OData) or /events' });
  }
}

function noticesOf(each: IdocAt, wire: Wire, receivedAt: string): Told[] {
  const { type, path } = each;
  if (type === 'order') {
    const message = tradeOrderOfIdoc({ path, idoc: each.idoc, ...arrivalAt(wire) });
    return [{ notice: 'orderPlaced', message }];
  }
  if (type === 'billing')
    return [{ notice: 'billed', message: billingNoticeOf({ receivedAt, path, idoc: each.idoc }) }];
  const { idoc } = each;
  return ordersIn(idoc, path).map((orderNo) => ({
    notice: 'delivered',
    message: deliveryNoticeOf({ receivedAt, path, orderNo, idoc }),
  }));
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
function taken(notices: readonly Told[]): Received {
  return {
    notices,
    reply: { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from('OK') },
  };
}
