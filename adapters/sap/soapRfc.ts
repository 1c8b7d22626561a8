/** RFC as SOAP: `/sap/bc/soap/rfc`, HTTP Basic, parameters unqualified, table rows `<item>`, `/` in names written `_-`. */
import { Failure } from '../../contracts/failures.ts';
import { buildXml, child, parseXml, textOf, type XmlElement } from '../../contracts/gate/xml.ts';
import type { Wire, WireAnswer } from '../wire.ts';
import { basicOf } from './basicAuth.ts';
import type { RfcCall, RfcRow, RfcSession, RfcTransport, RfcValue } from './rfc.ts';

const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';
const rfcNamespace = 'urn:sap-com:document:sap:rfc:functions';
/** A page of open items has ninety fields in each row. */
const answerLimits = { bytesMax: 2_000_000, nodesMax: 200_000 };

export function soapRfc(wire: Wire): RfcTransport {
  const once = caller(wire);
  return {
    date: (date) => date,
    call: async (functionModule, imports, tables) =>
      exportsIn(await once(functionModule, imports, tables, {}), functionModule),
    session: (act) => new SoapSession(caller(wire)).run(act),
  };
}

type Send = (
  functionModule: string,
  imports: Readonly<Record<string, RfcValue>>,
  tables: readonly string[],
  headers: Readonly<Record<string, string>>,
) => Promise<WireAnswer>;

function caller(wire: Wire): Send {
  const { settings } = wire.system;
  const client = encodeURIComponent(settings['client'] ?? '100');
  return (functionModule, imports, tables, headers) =>
    wire.send({
      method: 'POST',
      path: `/sap/bc/soap/rfc?sap-client=${client}`,
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        soapaction: rfcNamespace,
        authorization: basicOf(settings['rfcUser'] ?? '', wire.keys.secret('rfc-password')),
        ...headers,
      },
      body: Buffer.from(envelope(functionModule, imports, tables)),
    });
}

/** `session_mode` of the SOAP handler: 1 keeps the context, 2 ends it after this call. */
const sessionOpen = { session_mode: '1' };
const sessionLast = { session_mode: '2' };

/** The context of ICF is a cookie. An answer from another context is not the answer to this, and committed nothing of this. */
class SoapSession {
  readonly #send: Send;
  #context: string | undefined;
  /** Whether the last answer was one: what came of it is known, and SAP can be talked to. */
  #sound = true;
  #ended = false;

  constructor(send: Send) {
    this.#send = send;
  }

  async run<T>(act: (session: RfcSession) => Promise<T>): Promise<T> {
    const call = (headers: Readonly<Record<string, string>>): RfcCall => {
      return (functionModule, imports, tables) => this.#call(functionModule, imports, tables, headers);
    };
    try {
      return await act({ call: call(sessionOpen), end: call(sessionLast) });
    } finally {
      // SAP would do it by itself when the session times out; a session less until then.
      if (this.#context !== undefined && this.#sound && !this.#ended)
        await call(sessionLast)('BAPI_TRANSACTION_ROLLBACK', {}, []).catch(() => undefined);
    }
  }

  async #call(
    functionModule: string,
    imports: Readonly<Record<string, RfcValue>>,
    tables: readonly string[],
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    if (!this.#sound) throw new Failure('SYSTEM_UNREACHABLE', { detail: 'the session is over: nothing was sent' });
    this.#ended = headers === sessionLast;
    this.#sound = false;
    const cookie = this.#context === undefined ? {} : { cookie: `sap-contextid=${this.#context}` };
    const answer = await this.#send(functionModule, imports, tables, { ...headers, ...cookie });
    const exported = exportsIn(answer, functionModule);
    const context = /(?:^|[,;]\s*)sap-contextid=([^;,\s]{1,500})/.exec(answer.headers['set-cookie'] ?? '')?.[1];
    this.#context ??= context;
    if (this.#context === undefined)
      throw new Failure('SYSTEM_REFUSED', {
        detail: 'SAP opened no session (session_mode 1)',
        externalCode: 'NO_SESSION',
      });
    if (context !== undefined && context !== this.#context)
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'SAP answered from another session' });
    this.#sound = true;
    return exported;
  }
}

function envelope(
  functionModule: string,
  imports: Readonly<Record<string, RfcValue>>,
  tables: readonly string[],
): string {
  const call = element(`rfc:${soapName(functionModule)}`, [
    ...Object.entries(imports).map(([name, value]) => parameter(name, value)),
    ...tables.map((name) => element(soapName(name), [])),
  ]);
  call.attributes['xmlns:rfc'] = rfcNamespace;
  const root = element('soapenv:Envelope', [element('soapenv:Body', [call])]);
  root.attributes['xmlns:soapenv'] = soapNamespace;
  return buildXml(root, { declaration: 'UTF-8' });
}

function parameter(name: string, value: RfcValue): XmlElement {
  if (typeof value === 'string') return { ...element(soapName(name), []), text: value };
  if (isTable(value))
    return element(
      soapName(name),
      value.map((row) => element('item', fieldsOf(row))),
    );
  return element(soapName(name), fieldsOf(value));
}

function fieldsOf(row: RfcRow): XmlElement[] {
  return Object.entries(row).map(([name, value]) => ({ ...element(soapName(name), []), text: value }));
}

const isTable = (value: RfcValue): value is readonly RfcRow[] => Array.isArray(value);
const element = (name: string, children: XmlElement[]): XmlElement => ({ name, attributes: {}, children, text: '' });
const soapName = (name: string) => name.replaceAll('/', '_-');
const rfcName = (name: string) => name.replaceAll('_-', '/');

/**
 * Everything that is read is harmless to repeat, and still an answer is only believed when it is one: a logon page is a
 * no (again and again would lock the user), a page of HTML with 5xx says nothing.
 */
function exportsIn(answer: WireAnswer, functionModule: string): Record<string, unknown> {
  const { status } = answer;
  if (status === 401 || status === 403) {
    throw new Failure('SYSTEM_REFUSED', {
      detail: `SAP refused the technical user with HTTP ${status}`,
      externalCode: `HTTP_${status}`,
    });
  }
  if (status === 404)
    throw new Failure('SYSTEM_REFUSED', { detail: 'SAP serves no /sap/bc/soap/rfc (SICF)', externalCode: 'HTTP_404' });
  if (status === 429) throw new Failure('SYSTEM_BUSY', { detail: 'SAP answered HTTP 429', externalCode: 'HTTP_429' });
  const first = bodyOf(answer);
  if (first && local(first) === 'Fault') throw faultOf(first);
  if (
    status !== 200 ||
    !first ||
    local(first) !== `${soapName(functionModule)}.Response` ||
    first.namespace !== rfcNamespace
  ) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${status} without an answer of ${functionModule}` });
  }
  return valuesOf(first);
}

function bodyOf(answer: WireAnswer): XmlElement | undefined {
  try {
    const root = parseXml(answer.body, answerLimits);
    return local(root) === 'Envelope' && root.namespace === soapNamespace
      ? child(root, 'Body')?.children[0]
      : undefined;
  } catch {
    return undefined; // HTML, half an answer, noise: nothing that SAP said.
  }
}

/** An exception of the function module is an answer: it ran and said no. Any other fault may be a dump half-way. */
function faultOf(fault: XmlElement): Failure {
  const exception = child(fault, 'detail')?.children[0];
  const name = exception && textOf(exception, 'Name');
  const shown = (name ?? textOf(fault, 'faultstring') ?? '').slice(0, 60).replace(/[^\w ./-]/g, '?');
  if (name !== undefined && name !== '')
    return new Failure('SYSTEM_REFUSED', { detail: `SAP raised ${shown}`, externalCode: shown });
  return new Failure('OUTCOME_UNKNOWN', { detail: `SOAP fault: ${shown}` });
}

/** A list of `<item>` is a table, other parts are a structure, text is a value. */
function valuesOf(parent: XmlElement): Record<string, unknown> {
  return Object.fromEntries(parent.children.map((each) => [rfcName(local(each)), valueOf(each)]));
}

function valueOf(each: XmlElement): unknown {
  if (each.children.length === 0) return each.text;
  return each.children.every((row) => row.name === 'item') ? each.children.map(valuesOf) : valuesOf(each);
}

const local = (each: XmlElement) => each.name.slice(each.name.indexOf(':') + 1);
