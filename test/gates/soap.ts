/**
 * Attacks on the hub's SOAP service (classes of ws-attacks.org and of RUB-NDS/WS-Attacker, written anew), each on every
 * operation. Each differs from a message that is taken in one thing alone, under a token that would be good: what refuses it
 * is that one thing.
 */
import iconv from 'iconv-lite';
import { contents, envelope, type Operation, payload } from '../../adapters/wms/soap.fixture.ts';
import type { BadInput } from './input.ts';
import { tokenPlace } from './soapTokens.ts';

type Headers = Readonly<Record<string, string>>;
interface Attack {
  readonly body: string | Buffer;
  readonly headers?: Headers;
}

const operations = Object.keys(contents) as Operation[];
const action = (operation: string) => ({ soapaction: `"urn:lianshu:wms:1/${operation}"` });
const plain = { 'content-type': 'text/xml; charset=utf-8' };

/** Those that are taken. */
export function goodSoap(): BadInput[] {
  return operations.map((operation) => inputOf(operation, 'as it should be', { body: good(operation) }));
}

export function soapAttacks(): BadInput[] {
  return operations.flatMap((operation) =>
    Object.entries(attacksOn(operation)).map(([id, attack]) => inputOf(operation, id, attack)),
  );
}

function inputOf(operation: Operation, id: string, { body, headers }: Attack): BadInput {
  return {
    class: 'SOAP attacks',
    id: `${operation}: ${id}`,
    door: 'soap',
    body: Buffer.from(body),
    headers: { ...plain, ...action(operation), ...headers },
    must: 'refused',
  };
}

const good = (operation: Operation) => envelope(tokenPlace, payload(operation));

function attacksOn(operation: Operation): Record<string, Attack> {
  const other = operation === 'NotifyInbound' ? 'NotifyOutbound' : 'NotifyInbound';
  return {
    ...onAction(operation, other),
    ...bodiesOf(onEnvelope(operation, other)),
    ...bodiesOf(onHeader(operation)),
    ...bodiesOf(onToken(operation)),
    ...bodiesOf(onPayload(operation)),
    ...bodiesOf(onParser(operation)),
    ...onTransport(operation),
  };
}

const bodiesOf = (bodies: Record<string, string>): Record<string, Attack> =>
  Object.fromEntries(Object.entries(bodies).map(([id, body]) => [id, { body }]));

function onAction(operation: Operation, other: Operation): Record<string, Attack> {
  const body = good(operation);
  return {
    'SOAPAction of another operation': { body, headers: action(other) },
    'body of another operation': { body: good(other) },
    'SOAPAction empty': { body, headers: { soapaction: '""' } },
    'SOAPAction of nobody': { body, headers: action('Pay') },
    'SOAPAction with more behind it': { body, headers: action(`${operation}/../${other}`) },
    'SOAPAction in another case': { body, headers: action(operation.toLowerCase()) },
    'two SOAPActions in one': { body, headers: { soapaction: `"${operation}", "urn:lianshu:wms:1/${other}"` } },
    'operation of JavaScript': {
      body: envelope(tokenPlace, '<__proto__ xmlns="urn:lianshu:wms:1"/>'),
      headers: action('__proto__'),
    },
    'operation of Object': {
      body: envelope(tokenPlace, '<constructor xmlns="urn:lianshu:wms:1"/>'),
      headers: action('constructor'),
    },
  };
}

const of12 = 'http://www.w3.org/2003/05/soap-envelope';

function onEnvelope(operation: Operation, other: Operation): Record<string, string> {
  const body = good(operation);
  const [, header = '', content = ''] =
    /(<soap:Header>.*<\/soap:Header>)(<soap:Body>.*<\/soap:Body>)/s.exec(body) ?? [];
  const around = (inside: string) => body.replace(header + content, () => inside);
  const inBody = (inside: string) => around(`${header}<soap:Body>${inside}</soap:Body>`);
  return {
    'body before header': around(content + header),
    'two bodies': around(header + content + content),
    'a body of another operation first': around(`${header}<soap:Body>${payload(other)}</soap:Body>${content}`),
    'two headers': around(header + header + content),
    'no header': around(content),
    'no body': around(header),
    'a body of nothing': inBody(''),
    'two elements in the body': inBody(payload(operation) + payload(other)),
    'another operation first in the body': inBody(payload(other) + payload(operation)),
    'something behind the body': around(`${header}${content}<x/>`),
    'something between': around(`${header}<x/>${content}`),
    'text beside the elements': around(`${header}x${content}`),
    'SOAP 1.2 in SOAP 1.1 clothes': body.replaceAll('http://schemas.xmlsoap.org/soap/envelope/', of12),
    'header of SOAP 1.2': around(
      header.replaceAll('soap:Header', 's:Header').replace('>', ` xmlns:s="${of12}">`) + content,
    ),
    'body of SOAP 1.2': around(header + content.replaceAll('soap:Body', 's:Body').replace('>', ` xmlns:s="${of12}">`)),
    'envelope of nobody': body.replaceAll('http://schemas.xmlsoap.org/soap/envelope/', 'urn:other'),
    'no envelope': payload(operation),
    'an envelope in an envelope': envelope(tokenPlace, body.replace(tokenPlace, '')),
    'encoded, not literal': body.replace(
      '<soap:Body>',
      '<soap:Body soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
    ),
    'a fault': envelope(tokenPlace, '<soap:Fault><faultcode>soap:Client</faultcode></soap:Fault>'),
  };
}

const wsa = 'xmlns:wsa="http://www.w3.org/2005/08/addressing"';

function onHeader(operation: Operation): Record<string, string> {
  const beside = (block: string) => envelope(tokenPlace + block, payload(operation));
  const elsewhere = (name: string) =>
    `<wsa:${name} ${wsa}><wsa:Address>http://127.0.0.1:1/</wsa:Address></wsa:${name}>`;
  return {
    'ReplyTo elsewhere': beside(elsewhere('ReplyTo')),
    'FaultTo elsewhere': beside(elsewhere('FaultTo')),
    'ReplyTo before the token': envelope(elsewhere('ReplyTo') + tokenPlace, payload(operation)),
    'Action of WS-Addressing': beside(`<wsa:Action ${wsa}>urn:lianshu:wms:1/NotifyOutbound</wsa:Action>`),
    'To elsewhere': beside(`<wsa:To ${wsa}>http://127.0.0.1:1/</wsa:To>`),
    'a block that must be understood': beside('<x:t xmlns:x="urn:x" soap:mustUnderstand="1">5</x:t>'),
    'a block that must be understood (true)': beside('<x:t xmlns:x="urn:x" soap:mustUnderstand="true">5</x:t>'),
    'a block that need not be understood': beside('<x:t xmlns:x="urn:x">5</x:t>'),
    'a block of JavaScript': beside('<__proto__/>'),
  };
}

const wss = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';

function onToken(operation: Operation): Record<string, string> {
  const told = payload(operation);
  const under = (header: string) => envelope(header, told);
  const named = `xmlns:wsse="${wss}-wssecurity-secext-1.0.xsd"`;
  const change = (from: string, to: string) => under(`${tokenPlace}<!CHANGE ${from}=>${to}!>`);
  return {
    'no token': under(''),
    'a Security of nothing': under(`<wsse:Security ${named}/>`),
    'a token too old': under('<!TOKEN old>'),
    'a token of the future': under('<!TOKEN early>'),
    'a token of another name': under('<!TOKEN stranger>'),
    'a token under another key': under('<!TOKEN otherKey>'),
    'two Securities': under(tokenPlace + tokenPlace),
    'a good Security behind a strange one': under(`<wsse:Security ${named}/>${tokenPlace}`),
    'the token in the body': envelope('', tokenPlace + told),
    'two tokens in one Security': change('(<wsse:UsernameToken>.*</wsse:UsernameToken>)', '$1$1'),
    'the password as text': change('#PasswordDigest', '#PasswordText'),
    'no type of password': change(' Type="[^"]*"', ''),
    'no nonce': change('<wsse:Nonce>.*</wsse:Nonce>', ''),
    'two nonces': change('(<wsse:Nonce>.*</wsse:Nonce>)', '$1$1'),
    'a nonce that is no base64': change('<wsse:Nonce>', '<wsse:Nonce>*'),
    'no time': change('<wsu:Created>.*</wsu:Created>', ''),
    'another time': change('<wsu:Created>2', '<wsu:Created>1'),
    'two times': change('(<wsu:Created>.*</wsu:Created>)', '$1$1'),
    'no password': change('<wsse:Password[^>]*>[^<]*</wsse:Password>', ''),
    'an empty password': change('(<wsse:Password[^>]*>)[^<]*', '$1'),
    'two passwords': change('(<wsse:Password[^>]*>[^<]*</wsse:Password>)', '$1$1'),
    'for another actor': change('<wsse:Security ', '<wsse:Security soap:actor="urn:other" '),
    'of another version of WS-Security': change('oasis-200401-wss-wssecurity-secext-1.0.xsd"', 'x"'),
    'with a signature that nobody checks': change(
      '</wsse:Security>',
      '<ds:Signature xmlns:ds="urn:ds"/></wsse:Security>',
    ),
    'with a Timestamp that is over': change(
      '</wsse:Security>',
      '<wsu:Timestamp><wsu:Expires>2020-01-01T00:00:00Z</wsu:Expires></wsu:Timestamp></wsse:Security>',
    ),
  };
}

function onPayload(operation: Operation): Record<string, string> {
  const told = payload(operation);
  const [first = ''] = /<(\w+No)>[^<]*<\/\1>/.exec(told) ?? [];
  const name = /^<(\w+)>/.exec(first)?.[1] ?? '';
  const value = first.slice(name.length + 2, -name.length - 3);
  const withFirst = (inside: string) =>
    envelope(
      tokenPlace,
      told.replace(first, () => inside),
    );
  const asFirst = (inside: string) => withFirst(`<${name}>${inside}</${name}>`);
  const whole = (change: (text: string) => string) => envelope(tokenPlace, change(told));
  return {
    'no namespace': whole((text) => text.replace(' xmlns="urn:lianshu:wms:1"', '')),
    'another namespace': whole((text) => text.replace('urn:lianshu:wms:1', 'urn:lianshu:wms:2')),
    'a field of no namespace': withFirst(first.replace(`<${name}>`, `<${name} xmlns="">`)),
    'a field of another namespace': withFirst(first.replace(`<${name}>`, `<${name} xmlns="urn:x">`)),
    'a field missing': withFirst(''),
    'a field twice': withFirst(first + first),
    'a field too many': withFirst(`${first}<note>1</note>`),
    'fields in another order': whole((text) => text.replace(first, '').replace('<lots>', `${first}<lots>`)),
    'a field of JavaScript': withFirst(`${first}<__proto__><admin>1</admin></__proto__>`),
    'a value in CDATA': asFirst(`<![CDATA[${value}]]>`),
    'a value split by a comment': asFirst(`${value.slice(0, 2)}<!-- -->${value.slice(2)}`),
    'a value split by an instruction': asFirst(`${value.slice(0, 2)}<?x?>${value.slice(2)}`),
    'a document in CDATA': asFirst('<![CDATA[<?xml version="1.0"?><a/>]]>'),
    'elements in a value': asFirst(`<b>${value}</b>`),
    'xsi:type': withFirst(
      first.replace(`<${name}>`, `<${name} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Text">`),
    ),
    'xsi:nil': withFirst(`<${name} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>`),
    'a schema elsewhere': whole((text) =>
      text.replace(
        '>',
        ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:lianshu:wms:1 http://127.0.0.1:1/x.xsd">',
      ),
    ),
    'a reference (multi-ref)': withFirst(`<${name} href="#id1"/>`),
    'an include of MTOM': asFirst(
      '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="http://127.0.0.1:1/"/>',
    ),
    'an include of XInclude': asFirst(
      '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
    ),
    'a figure with an exponent': whole((text) => text.replace(/>-?1200\.500<|>-?1198\.000<|>-1000\.500</, '>1e3<')),
    'a figure that is none': whole((text) => text.replace(/>-?1200\.500<|>-?1198\.000<|>-1000\.500</, '>INF<')),
    'a time without offset': whole((text) => text.replace('09:00:00+08:00', '09:00:00')),
    'no lots': whole((text) => text.replace(/<lots>.*?<\/lots>/s, '<lots/>')),
    '501 lots': whole((text) => text.replace(/<lot>.*?<\/lot>/s, (lot) => lot.repeat(501))),
  };
}

function onParser(operation: Operation): Record<string, string> {
  const told = payload(operation);
  const inside = (text: string) =>
    envelope(
      tokenPlace,
      told.replace('<lots>', () => `${text}<lots>`),
    );
  const ha = Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${i === 0 ? 'ha' : `&a${i - 1};`.repeat(10)}">`);
  return {
    'billion laughs': `<!DOCTYPE l [${ha.join('')}]>${inside('&a8;')}`,
    'external entity': `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${inside('&e;')}`,
    'external document type': `<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">${good(operation)}`,
    'nested too deep': inside(`${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`),
    'never closed': inside('<a>'.repeat(50_000)),
    '50 000 elements': inside('<a/>'.repeat(50_000)),
    '20 000 attributes': inside(`<a ${Array.from({ length: 20_000 }, (_, i) => `b${i}="1"`).join(' ')}/>`),
    '10 000 namespaces': inside(`<a ${Array.from({ length: 10_000 }, (_, i) => `xmlns:b${i}="urn:${i}"`).join(' ')}/>`),
    'a text of 300 kB': inside(`<a>${'a'.repeat(300_000)}</a>`),
    'a name of 300 kB': inside(`<${'a'.repeat(300_000)}/>`),
    '160 kB of brackets': inside('<'.repeat(160_000)),
    'an attribute twice': inside('<a b="1" b="2"/>'),
    'a NUL': inside('&#0;'),
    'two documents': good(operation) + good(operation).replace(tokenPlace, ''),
    'a style sheet': `<?xml-stylesheet href="http://127.0.0.1:1/" type="text/xsl"?>${good(operation)}`,
    half: good(operation).slice(0, -40),
  };
}

function onTransport(operation: Operation): Record<string, Attack> {
  const body = good(operation);
  const typed = (type: string): Attack => ({ body, headers: { 'content-type': type } });
  const boundary = 'MIME_b';
  const parts = `--${boundary}\r\nContent-Type: application/xop+xml; type="text/xml"\r\n\r\n${body}\r\n--${boundary}--\r\n`;
  return {
    'media type of SOAP 1.2': typed(`application/soap+xml; action="urn:lianshu:wms:1/${operation}"`),
    'media type of a form': typed('application/x-www-form-urlencoded'),
    'media type of JSON': typed('application/json'),
    'another charset told': typed('text/xml; charset=gbk'),
    'two charsets told': typed('text/xml; charset=utf-8; charset=utf-16'),
    MTOM: {
      body: parts,
      headers: { 'content-type': `multipart/related; type="application/xop+xml"; boundary=${boundary}` },
    },
    'MTOM under the plain type': { body: parts },
    'told to be gzip': { body, headers: { 'content-encoding': 'gzip' } },
    'UTF-16': { body: iconv.encode(`\ufeff${body}`, 'utf-16le') },
    'declared GBK': { body: `<?xml version="1.0" encoding="GBK"?>${body}` },
    'declared UTF-7': { body: `<?xml version="1.0" encoding="UTF-7"?>${body}` },
    'bytes of GBK': { body: iconv.encode(body.replace('XM01', '仓').replace('PC0', '批'), 'gbk') },
    JSON: { body: '{"a":1}' },
    nothing: { body: '' },
    '3 MB': { body: body.replace('<soap:Body>', `<soap:Body>${' '.repeat(3_000_000)}`) },
  };
}
