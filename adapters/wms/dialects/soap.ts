/**
 * The SOAP service that the hub publishes for warehouses that call in (SOAP 1.1, document/literal wrapped): its WSDL at
 * `GET /in/<system>/soap?wsdl`, its operations at `POST /in/<system>/soap`.
 *
 * Such a warehouse is told nothing: it cannot be called, and the hub keeps no mailbox for it. What it shall do goes another
 * road, and what it did comes by this one.
 *
 * The bytes pass the gate before anything reads them; who sends is proven before anything of the body is believed; the action
 * that HTTP names must be the element in the body; and a message is taken as its schema has it or not at all.
 */
import type { Contract } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import * as content from '../../../contracts/wms/soap.wire.ts';
import type { wms } from '../../../contracts/wms/wms.ts';
import * as map from '../../../mappings/wms/soap.ts';
import { problemReply, type Dialect, type Inbound, type Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { contentOf, xpathOf } from './soapBody.ts';
import { envelopeOf, localName } from './soapEnvelope.ts';
import { fault, xmlReply } from './soapReply.ts';
import { assertToken } from './soapToken.ts';
import { publishedFile } from './soapWsdl.ts';

export const soapDialect: Dialect<typeof wms> = {
  operations: {},
  // Nothing is taken back over SOAP: `reportCorrected` is EPCIS's.
  tells: ['goodsReceived', 'controlConfirmed', 'goodsOutbound', 'stockCounted', 'stockChanged'],
  receive: (inbound, wire) =>
    inbound.method === 'GET' ? Promise.resolve(published(inbound, wire)) : called(inbound, wire),
  refuse: (failure, inbound) => (inbound.method === 'POST' ? fault(failure) : problemReply(failure)),
};

const place = '/soap';

interface Operation {
  readonly contract: Contract;
  readonly notice: string;
  /** The mapping checks what it is given. */
  readonly read: (told: never) => unknown;
}

/** By the element in the body. */
const operations: Readonly<Record<string, Operation>> = {
  NotifyInbound: { contract: content.SoapNotifyInbound, notice: 'goodsReceived', read: map.goodsReceivedOf },
  ConfirmControl: { contract: content.SoapConfirmControl, notice: 'controlConfirmed', read: map.controlConfirmedOf },
  NotifyOutbound: { contract: content.SoapNotifyOutbound, notice: 'goodsOutbound', read: map.goodsOutboundOf },
  ReportStockCount: { contract: content.SoapReportStockCount, notice: 'stockCounted', read: map.stockCountedOf },
  ReportStockChange: { contract: content.SoapReportStockChange, notice: 'stockChanged', read: map.stockChangedOf },
};

function published({ path, query, headers }: Inbound, wire: Wire): Received {
  if (path !== place) throw new Failure('METHOD_UNKNOWN');
  const file = publishedFile(query, wire.system, headers['host'] ?? '');
  if (file === undefined) throw new Failure('METHOD_NOT_ALLOWED', { detail: 'GET answers ?wsdl; calls are POST' });
  return { notices: [], reply: xmlReply(200, file) };
}

async function called({ method, path, query, headers, body }: Inbound, wire: Wire): Promise<Received> {
  if (path !== place || Object.keys(query).length > 0) throw new Failure('METHOD_UNKNOWN');
  if (method !== 'POST') throw new Failure('METHOD_NOT_ALLOWED', { detail: 'calls are POST' });
  const { token, payload } = envelopeOf(body, headers);
  await assertToken(token, wire);
  const name = localName(payload);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation || payload.namespace !== content.soapNamespace)
    throw new Failure('METHOD_UNKNOWN', { detail: 'the element in the body is no operation of urn:lianshu:wms:1' });
  if (unquoted(headers['soapaction'] ?? '') !== `${content.soapNamespace}/${name}`)
    throw new Failure('METHOD_UNKNOWN', { detail: 'the SOAPAction is not that of the element in the body' });
  const message = read(name, operation, () => contentOf(payload, operation.contract.schema, content.soapNamespace));
  const answer = `<${name}Response xmlns="${content.soapNamespace}"><result>taken</result></${name}Response>`;
  return { notices: [{ notice: operation.notice, message }], reply: xmlReply(200, answer, 'in an envelope') };
}

/** What is wrong is told by an XPath into the message, whichever of the two contracts it breaks. */
function read(name: string, { contract, read: mapped }: Operation, told: () => unknown): unknown {
  try {
    return mapped(contract.check(told()) as never);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const errors = thrown.errors.map((error) => ({ ...error, pointer: xpathOf(name, error.pointer) }));
    const detail = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ') || thrown.message;
    throw new Failure(thrown.type, { detail, errors, cause: thrown });
  }
}

function unquoted(action: string): string {
  return /^"(.*)"$/.exec(action)?.[1] ?? action;
}
