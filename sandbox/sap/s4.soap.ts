/** The SOAP-RFC port of the sandbox's SAP: `/sap/bc/soap/rfc`, as wire.md tells and as strict as ICM is. */
import { Parser } from 'xml2js';
import type { TwinAnswer, TwinRequest } from '../twin.ts';

export type SoapValue = string | SoapRow | readonly SoapRow[];
export interface SoapRow {
  readonly [field: string]: string;
}

/** A call of a function module: texts, structures as rows, and the tables that were sent (only these are returned). */
export interface SoapCall {
  readonly functionModule: string;
  text(name: string): string;
  structure(name: string): SoapRow;
  rows(name: string): readonly SoapRow[];
  readonly sent: ReadonlySet<string>;
}

const rfcNamespace = 'urn:sap-com:document:sap:rfc:functions';
const xmlHeaders = { 'content-type': 'text/xml; charset=utf-8' };

export function functionModuleOf(request: TwinRequest): string | undefined {
  return /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?([A-Z0-9_-]+)/.exec(request.body.toString())?.[1]?.replaceAll('_-', '/');
}

/** @throws Error whose message is the fault string */
export function callIn(request: TwinRequest): SoapCall {
  let root: Node | undefined;
  const parser = new Parser({
    async: false,
    explicitRoot: false,
    explicitChildren: true,
    preserveChildrenOrder: true,
    xmlns: true,
    explicitCharkey: true,
  });
  parser.parseString(request.body, (error: unknown, tree: unknown) => {
    if (error) throw new Error('XML parser error');
    root = tree as Node;
  });
  const body = root?.$$?.find((each) => each.$ns?.local === 'Body');
  const call = body?.$$?.[0];
  if (!call || call.$ns?.uri !== rfcNamespace) throw new Error('no RFC function in the body');
  const parameters = new Map((call.$$ ?? []).map((each) => [plain(each['#name']), each]));
  if ([...parameters.values()].some((each) => each.$ns?.uri)) throw new Error('parameters must not be qualified');
  return {
    functionModule: plain(call.$ns.local),
    text: (name) => parameters.get(name)?._?.trim() ?? '',
    structure: (name) => fieldsOf(parameters.get(name) ?? { '#name': name }),
    rows: (name) => (parameters.get(name)?.$$ ?? []).filter((row) => row['#name'] === 'item').map(fieldsOf),
    sent: new Set(parameters.keys()),
  };
}

interface Node {
  readonly '#name': string;
  readonly _?: string;
  readonly $$?: readonly Node[];
  readonly $ns?: { readonly local: string; readonly uri: string };
}

const fieldsOf = (row: Node): SoapRow =>
  Object.fromEntries((row.$$ ?? []).map((field) => [plain(field['#name']), field._?.trim() ?? '']));
const plain = (name: string) => name.replaceAll('_-', '/');
const dashed = (name: string) => name.replaceAll('/', '_-');

/** Exports always, tables only those that the caller sent. */
export function response(
  call: SoapCall,
  exports: Readonly<Record<string, SoapValue>>,
  tables: Readonly<Record<string, readonly SoapRow[]>> = {},
): TwinAnswer {
  const asked = Object.entries(tables).filter(([name]) => call.sent.has(name));
  const parts = [...Object.entries(exports), ...asked].map(([name, value]) => parameter(name, value)).join('');
  const wrapper = `rfc:${dashed(call.functionModule)}.Response`;
  return {
    status: 200,
    headers: xmlHeaders,
    body: envelope(`<${wrapper} xmlns:rfc="${rfcNamespace}">${parts}</${wrapper}>`),
  };
}

export function fault(message: string, functionModule?: string, exception?: string): TwinAnswer {
  const detail =
    functionModule === undefined || exception === undefined
      ? ''
      : `<detail><rfc:${functionModule}.Exception xmlns:rfc="${rfcNamespace}"><Name>${exception}</Name></rfc:${functionModule}.Exception></detail>`;
  const text = `<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>${escaped(message)}</faultstring>${detail}</SOAP-ENV:Fault>`;
  return { status: 500, headers: xmlHeaders, body: envelope(text) };
}

/** A short dump (ST22) as ICM shows it: 500 and a page, whatever was asked for. */
export function dump(name: string): TwinAnswer {
  return {
    status: 500,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><html><head><META name="sap"><title>Application Server Error</title></head><body><h1>500 Internal Server Error<br></h1>Runtime error ${name}</body></html>`,
  };
}

/** The context that the cookie names is over. */
export function sessionGone(): TwinAnswer {
  return {
    status: 400,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<html><head><title>Session not found</title></head><body><h1>400 Session not found<br></body></html>',
  };
}

/** ICM's logon page: HTML with tags that no XML parser takes, whatever the client asked for. */
export function logonPage(): TwinAnswer {
  return {
    status: 401,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'www-authenticate': 'Basic realm="SAP NetWeaver Application Server [S4H/100]"',
    },
    body: '<!DOCTYPE html><html><head><META http-equiv="Content-Type" content="text/html"><title>Logon failed</title></head><body><h1>Anmeldung fehlgeschlagen<br></body></html>',
  };
}

function envelope(body: string): string {
  const opening = '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>';
  return `<?xml version="1.0" encoding="utf-8"?>${opening}${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

function parameter(name: string, value: SoapValue): string {
  const tag = dashed(name);
  if (typeof value === 'string') return `<${tag}>${escaped(value)}</${tag}>`;
  if (isTable(value)) return `<${tag}>${value.map((row) => `<item>${fields(row)}</item>`).join('')}</${tag}>`;
  return `<${tag}>${fields(value)}</${tag}>`;
}

const isTable = (value: SoapValue): value is readonly SoapRow[] => Array.isArray(value);
const fields = (row: SoapRow) =>
  Object.entries(row)
    .map(([name, value]) => `<${dashed(name)}>${escaped(value)}</${dashed(name)}>`)
    .join('');

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
