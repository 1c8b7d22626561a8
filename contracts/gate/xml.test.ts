import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { isFailure } from '../failures.ts';
import { buildXml, child, children, parseXml, pathOf, textOf, type XmlElement } from './xml.ts';
import { xmlLimits } from './xmlGate.ts';

const parse = (text: string) => parseXml(Buffer.from(text));

test('a document becomes elements with names, attributes, text and namespaces', () => {
  const order = parse(
    '<?xml version="1.0" encoding="UTF-8"?>\n<o:Order xmlns:o="urn:order" no="1"><Line>铝锭</Line><Line/></o:Order>',
  );
  expect(order).toEqual({
    name: 'o:Order',
    namespace: 'urn:order',
    attributes: { 'xmlns:o': 'urn:order', no: '1' },
    children: [
      { name: 'Line', namespace: '', attributes: {}, children: [], text: '铝锭' },
      { name: 'Line', namespace: '', attributes: {}, children: [], text: '' },
    ],
    text: '',
  });
});

test('children are found by name, with any prefix or with one', () => {
  const body = parse(
    '<s:Envelope xmlns:s="u"><s:Body><Amount>1.00</Amount><Amount>2.00</Amount></s:Body></s:Envelope>',
  );
  const found = child(body, 'Body');
  expect(found && children(found, 'Amount').map((each) => each.text)).toEqual(['1.00', '2.00']);
  expect(found && textOf(found, 'Amount')).toBe('1.00');
  expect(child(body, 's:Body')).toBe(found);
  expect(child(body, 'x:Body')).toBeUndefined();
  expect(textOf(body, 'constructor')).toBeUndefined();
  expect(body.attributes['constructor']).toBeUndefined();
});

test('an element knows where it stands', () => {
  const root = parse('<ORDERS05><IDOC><E1EDK01/><E1EDP01/><E1EDP01><MENGE>5</MENGE></E1EDP01></IDOC></ORDERS05>');
  const [, second] = children(child(root, 'IDOC') ?? root, 'E1EDP01');
  expect(second && pathOf(second, 'MENGE')).toBe('/ORDERS05/IDOC[1]/E1EDP01[2]/MENGE');
  expect(pathOf(root)).toBe('/ORDERS05');
});

test('a text is whole across comments, CDATA, references and line ends', () => {
  expect(parse('<a>1<!-- x -->2<![CDATA[<3>]]>&amp;&#x34;\r\n5\r6</a>').text).toBe('12<3>&4\n5\n6');
});

test('elements and attributes with the names of JavaScript are ordinary', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', '_', 'cdata', '__text__', 'valueOf'];
  const written = names.map((name, at) => `<${name} ${name}="a${at}">${at}</${name}>`.repeat(2)).join('');
  const root = parse(`<root>${written}</root>`);
  names.forEach((name, at) => {
    expect(children(root, name).map((each) => [each.text, each.attributes[name]])).toEqual([
      [`${at}`, `a${at}`],
      [`${at}`, `a${at}`],
    ]);
  });
  for (const each of root.children) delete each.attributes['__proto__'];
  expect(parse(buildXml(root))).toEqual(root);
  const lost = JSON.parse('{"__proto__":"1"}') as Record<string, string>;
  expect(() => buildXml({ name: 'a', attributes: lost, children: [], text: '' })).toThrow('not an XML name');
});

describe('encodings', () => {
  const document = (encoding: string, text: string) =>
    iconv.encode(`<?xml version="1.0" encoding="${encoding}"?><户名>${text}</户名>`, 'gb18030');

  test.each(['GB18030', 'gbk', 'GB2312'])('%s is read as it declares itself', (encoding) => {
    expect(parseXml(document(encoding, '厦门象屿股份㐀𠀀'))).toMatchObject({
      name: '户名',
      text: '厦门象屿股份㐀𠀀',
    });
  });

  test('bytes that the declared set does not hold are refused', () => {
    const bytes = Buffer.concat([document('GBK', ''), Buffer.of(0xff, 0xff)]);
    expect(codeOf(bytes)).toBe('encoding');
    expect(codeOf(Buffer.from('<?xml version="1.0" encoding="GBK"?><a>\xff\xff</a>', 'latin1'))).toBe('encoding');
  });

  test('UTF-8 with a byte order mark is taken', () => {
    expect(parse('\ufeff<a>1</a>').text).toBe('1');
  });

  test.each([
    ['UTF-16 with mark', Buffer.from('\ufeff<a/>', 'utf16le')],
    ['declared UTF-16', Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>')],
    ['declared UTF-7', Buffer.from('<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>')],
    ['a mark of UTF-8 and a declared GBK', Buffer.from('\ufeff<?xml version="1.0" encoding="GBK"?><a/>')],
    ['GBK bytes without declaration', iconv.encode('<a>厦门</a>', 'gbk')],
    ['a surrogate in UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c, 0x2f, 0x61, 0x3e])],
    ['an overlong zero', Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0x80, 0x3c, 0x2f, 0x61, 0x3e])],
  ])('%s is refused', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('encoding');
  });
});

describe('attacks are refused and cost little', () => {
  const lol = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');
  const repeated = (count: number, text: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => text(at)).join('');

  test.each<[string, string, string]>([
    ['billion laughs', `<!DOCTYPE a [<!ENTITY l0 "lol">${lol}]><a>&l10;</a>`, 'doctype'],
    ['quadratic blowup', `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(50_000)}">]><a>${'&x;'.repeat(50_000)}</a>`, 'doctype'],
    ['external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'doctype'],
    ['external DTD', '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>', 'doctype'],
    ['parameter entity', '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><a/>', 'doctype'],
    ['a lower case doctype', '<!doctype a><a/>', 'doctype'],
    ['an entity of JavaScript', '<a>&constructor;</a>', 'not_well_formed'],
    ['an entity of HTML', '<a>&nbsp;</a>', 'not_well_formed'],
    ['300,000 levels', '<a>'.repeat(300_000), 'depth'],
    ['a million levels', '<a>'.repeat(1_000_000), 'bytes'],
    ['65 levels', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`, 'depth'],
    ['65 attributes', `<a ${repeated(65, (at) => `a${at}="" `)}/>`, 'attributes'],
    [
      '100,000 attributes',
      `<a ${repeated(100_000, (at) => `${at.toString(36).replace(/^/, 'a')}="" `)}/>`,
      'attributes',
    ],
    ['a namespace bomb', `<a ${repeated(65, (at) => `xmlns:n${at}="u${at}" `)}/>`, 'attributes'],
    ['20,001 elements', `<a>${'<b/>'.repeat(20_000)}</a>`, 'nodes'],
    ['comments without end', `<a>${'<!---->'.repeat(20_001)}</a>`, 'nodes'],
    ['CDATA split to death', `<a>${'<![CDATA[x]]>'.repeat(20_001)}</a>`, 'nodes'],
    ['20 MB of text', `<a>${'x'.repeat(20_000_000)}</a>`, 'bytes'],
    ['300 kB in one element', `<a>${'x'.repeat(300_000)}</a>`, 'text'],
    ['300 kB in one element, in pieces', `<a>${`${'x'.repeat(1000)}<b/>`.repeat(300)}</a>`, 'text'],
    ['300 kB in one attribute', `<a b="${'x'.repeat(300_000)}"/>`, 'text'],
    ['a megabyte of <', '<'.repeat(1_000_000), 'not_well_formed'],
    ['a megabyte of &', `<a>${'&'.repeat(1_000_000)}`, 'not_well_formed'],
    ['UTF-16 without mark', Buffer.from('<?xml version="1.0"?><a/>', 'utf16le').toString('latin1'), 'not_well_formed'],
    ['NUL', '<a>\u0000</a>', 'not_well_formed'],
    ['NUL as a reference', '<a>&#0;</a>', 'not_well_formed'],
    ['a surrogate as a reference', '<a>&#xD800;</a>', 'not_well_formed'],
    ['a code point beyond Unicode', '<a>&#x110000;</a>', 'not_well_formed'],
    ['two roots', '<a/><b/>', 'not_well_formed'],
    ['no root', '<!-- a -->', 'not_well_formed'],
    ['nothing', '', 'not_well_formed'],
    ['text behind the root', '<a/>x', 'not_well_formed'],
    ['a duplicate attribute', '<a b="1" b="2"/>', 'not_well_formed'],
    ['a duplicate attribute by namespace', '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>', 'not_well_formed'],
    ['an undeclared prefix', '<p:a/>', 'not_well_formed'],
    ['an undeclared prefix of an attribute', '<a p:b="1"/>', 'not_well_formed'],
    ['a rebound xml prefix', '<a xmlns:xml="urn:x"/>', 'not_well_formed'],
    ['tags that do not match', '<a><b></a></b>', 'not_well_formed'],
    ['a tag that does not end', '<a><b', 'not_well_formed'],
    [']]> in text', '<a>]]></a>', 'not_well_formed'],
    ['-- in a comment', '<a><!-- -- --></a>', 'not_well_formed'],
    ['< in an attribute', '<a b="<"/>', 'not_well_formed'],
    ['an attribute without quotes', '<a b=1/>', 'not_well_formed'],
    ['a declaration in the middle', '<a/><?xml version="1.0"?>', 'not_well_formed'],
    ['a second declaration', '<?xml version="1.0"?><?xml version="1.0"?><a/>', 'not_well_formed'],
    ['XML 1.1', '<?xml version="1.1"?><a>&#1;</a>', 'version'],
  ])('%s', (_name, text, code) => {
    const started = performance.now();
    expect(codeOf(Buffer.from(text))).toBe(code);
    expect(performance.now() - started).toBeLessThan(5_000); // Generous: what is not linear takes minutes.
  });

  test('XInclude and stylesheets are inert', () => {
    const root = parse(
      '<?xml-stylesheet href="http://127.0.0.1/x"?><a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></a>',
    );
    expect(root.children[0]).toMatchObject({ name: 'xi:include', text: '' });
  });
});

test('a refusal names path, line and column, and never the value', () => {
  expect(errorsOf(Buffer.from('<Payment>\n  <Name>张三</Nam>\n</Payment>'))).toEqual([
    {
      pointer: '/Payment',
      code: 'not_well_formed',
      detail: 'line 2 column 16: unexpected close tag.',
    },
  ]);
});

test('what is at the limits is taken', () => {
  expect(parse(`${'<a>'.repeat(64)}${'</a>'.repeat(64)}`).name).toBe('a');
  expect(parse(`<a>${'x'.repeat(xmlLimits.textCharsMax)}</a>`).text).toHaveLength(xmlLimits.textCharsMax);
  expect(parse(`<a>${'<b/>'.repeat(19_999)}</a>`).children).toHaveLength(19_999);
});

describe('building', () => {
  const leaf = (name: string, text: string): XmlElement => ({
    name,
    attributes: {},
    children: [],
    text,
  });

  test('the declaration is written when asked for, and nothing is indented', () => {
    const root = { ...leaf('root', ''), children: [leaf('A', '1'), leaf('B', '')] };
    expect(buildXml(root)).toBe('<root><A>1</A><B/></root>');
    expect(buildXml(leaf('root', ''), { declaration: 'GBK' })).toBe('<?xml version="1.0" encoding="GBK"?><root/>');
  });

  test('a value cannot break out', () => {
    const root = { ...leaf('a', ']]><b>&lt;"\r'), attributes: { x: '"><b y="\n\t' } };
    expect(buildXml(root)).toBe(
      '<a x="&quot;&gt;&lt;b y=&quot;&#xA;&#x9;">]]&gt;&lt;b&gt;&amp;lt;"&#xD;</a>'.replace('&quot;&gt;', '&quot;>'),
    );
    expect(parse(buildXml(root))).toMatchObject({ attributes: root.attributes, text: root.text });
  });

  test.each(['a><b', 'a b="1"', '', '1a', '#text', 'a:b:c'])('%j is no name', (name) => {
    expect(() => buildXml(leaf(name, ''))).toThrow('not an XML name');
    expect(() => buildXml({ ...leaf('a', ''), children: [leaf(name, '')] })).toThrow('not an XML name');
    expect(() => buildXml({ ...leaf('a', ''), attributes: { [name]: '' } })).toThrow('not an XML name');
  });

  test.each(['\u0001', '\ud800', '\uffff'])(
    'a character that XML cannot carry is refused without showing the value',
    (text) => {
      expect(() => buildXml(leaf('a', `secret${text}`))).toThrow(
        expect.objectContaining({ type: 'CONTRACT_VIOLATED' }),
      );
      expect(() => buildXml(leaf('a', `secret${text}`))).not.toThrow(/secret/);
    },
  );

  test('what is built is parsed back the same', () => {
    const attributeName = fc.constantFrom('A', 'b-c', '_', 'constructor', 'toString');
    const name = fc.constantFrom('A', 'b-c', '_', 'constructor', '__proto__', 'toString', 'cdata', '户名');
    const text = fc
      .string({ unit: 'binary' })
      .map((each) => each.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''));
    const tree = fc.letrec<{ element: XmlElement }>((tie) => ({
      element: fc.record({
        name,
        attributes: fc.dictionary(attributeName, text, { noNullPrototype: false, maxKeys: 3 }),
        children: fc.oneof({ maxDepth: 4 }, fc.constant<XmlElement[]>([]), fc.array(tie('element'), { maxLength: 4 })),
        text: text.map((each) => (/^\s*$/.test(each) ? '' : each)),
      }),
    })).element;
    fc.assert(
      fc.property(tree, (element) => {
        expect(plain(parse(buildXml(element)))).toEqual(plain(element));
      }),
      { numRuns: 300 },
    );
  });
});

test('mutated documents are read or refused, never anything else', () => {
  const seed = Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><s:E xmlns:s="u" a="1"><b c="&lt;">x<!-- y --><![CDATA[z]]></b><b/></s:E>',
  );
  const edit = fc.record({
    at: fc.nat(seed.length - 1),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('<>&"\'=/![]?- '))),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const bytes = Buffer.from(seed);
      for (const { at, byte } of edits) bytes[at] = byte;
      expect(['taken', 'not_well_formed', 'encoding', 'version', 'doctype']).toContain(codeOf(bytes));
    }),
    { numRuns: 3_000 },
  );
});

function errorsOf(bytes: Uint8Array): unknown {
  try {
    parseXml(bytes);
    return 'taken';
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.errors;
  }
}

function codeOf(bytes: Uint8Array): unknown {
  const errors = errorsOf(bytes);
  return Array.isArray(errors) ? (errors as { code: string }[])[0]?.code : errors;
}

/** Without namespaces, and with children grouped by name as the builder groups them. */
function plain(element: XmlElement): unknown {
  const names = [...new Set(element.children.map((each) => each.name))];
  const grouped = names.flatMap((name) => element.children.filter((each) => each.name === name));
  return {
    name: element.name,
    attributes: Object.entries(element.attributes),
    children: grouped.map(plain),
    text: element.text,
  };
}
