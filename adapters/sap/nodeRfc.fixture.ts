/**
 * node-rfc's API before a SAP that only speaks SOAP: what a client of the real package sees, over the sandbox's books. It
 * keeps its session over calls, loses it with an error of group 2, and opens another one without a word, as node-rfc does.
 */
import { parseXml, type XmlElement } from '../../contracts/gate/xml.ts';
import type { NodeRfc } from './nodeRfc.ts';

export interface FakeRfc {
  readonly nodeRfc: NodeRfc;
  /** Function modules in the order in which they were called, with the number of the connection. */
  readonly calls: [connection: number, functionModule: string][];
}

type Value = string | Record<string, string> | readonly Record<string, string>[];

export function fakeRfc(url: () => string): FakeRfc {
  const calls: FakeRfc['calls'] = [];
  let opened = 0;
  class Client {
    readonly #connection: Readonly<Record<string, string>>;
    #handle = 0;
    #cookie: string | undefined;

    constructor(connection: Readonly<Record<string, string>>) {
      this.#connection = connection;
    }

    async open(): Promise<void> {
      const { status } = await this.#post('RFC_PING', '');
      if (status === 401)
        throw { name: 'RfcLibError', group: 3, code: 2, codeString: 'RFC_LOGON_FAILURE', key: 'RFC_LOGON_FAILURE' };
      this.#handle = opened += 1;
    }

    async close(): Promise<void> {
      this.#handle = 0;
    }

    async call(functionModule: string, parameters: object, options: { timeout: number }): Promise<unknown> {
      if (this.#handle === 0)
        throw { name: 'nodeRfcError', message: 'RFM client request over closed connection: call()' };
      if (!(options.timeout > 0)) throw new TypeError('timeout is in seconds');
      calls.push([this.#handle, functionModule]);
      const { status, text } = await this.#post(functionModule, xmlOf(parameters as Record<string, Value>));
      const exception = /<Name>([^<]+)<\/Name>/.exec(text)?.[1];
      if (status !== 200) {
        this.#cookie = undefined;
        this.#handle = opened += 1;
      }
      if (exception !== undefined) throw { name: 'ABAPError', group: 1, code: 5, key: exception };
      if (status === 401) throw { name: 'RfcLibError', group: 3, code: 2, key: 'RFC_LOGON_FAILURE' };
      if (status !== 200) throw { name: 'ABAPError', group: 2, code: 3, key: 'SYSTEM_FAILURE', message: 'dump' };
      return exportsIn(text);
    }

    async #post(functionModule: string, parameters: string): Promise<{ status: number; text: string }> {
      const { client = '', user = '', passwd = '' } = this.#connection;
      const call = `<rfc:${functionModule} xmlns:rfc="urn:sap-com:document:sap:rfc:functions">${parameters}</rfc:${functionModule}>`;
      const answer = await fetch(`${url()}/sap/bc/soap/rfc?sap-client=${client}`, {
        method: 'POST',
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          session_mode: '1',
          authorization: `Basic ${Buffer.from(`${user}:${passwd}`).toString('base64')}`,
          ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }),
        },
        body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${call}</e:Body></e:Envelope>`,
      });
      this.#cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie;
      return { status: answer.status, text: await answer.text() };
    }
  }
  return { nodeRfc: { Client }, calls };
}

/** Dates of the RFC protocol have no dashes, in either direction. */
const dates = new Set(['KEYDATE', 'DOC_DATE', 'PSTNG_DATE']);

function xmlOf(parameters: Record<string, Value>): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      if (typeof value === 'string') return field(name, value);
      if (isTable(value)) return `<${name}>${value.map((row) => `<item>${rowXml(row)}</item>`).join('')}</${name}>`;
      return `<${name}>${rowXml(value)}</${name}>`;
    })
    .join('');
}

const isTable = (value: Value): value is readonly Record<string, string>[] => Array.isArray(value);
const rowXml = (row: Record<string, string>) =>
  Object.entries(row)
    .map(([name, value]) => field(name, value))
    .join('');

function field(name: string, value: string): string {
  if (dates.has(name) && !/^\d{8}$/.test(value)) throw { name: 'nodeRfcError', rfmPath: { parameter: name } };
  const shown = dates.has(name) ? value.replace(/^(\d{4})(\d\d)/, '$1-$2-') : value;
  return `<${name}>${shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
}

function exportsIn(text: string): Record<string, unknown> {
  const answer = parseXml(Buffer.from(text)).children[0]?.children[0];
  return answer ? structure(answer) : {};
}

function structure(parent: XmlElement): Record<string, unknown> {
  return Object.fromEntries(
    parent.children.map((each) => {
      const name = each.name.replaceAll('_-', '/');
      if (each.children.length === 0) return [name, each.text.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$1$2$3')];
      const isRows = each.children.every((row) => row.name === 'item');
      return [name, isRows ? each.children.map(structure) : structure(each)];
    }),
  );
}
