/** HTTP that two servers could read differently, or that no client sends in good faith: the bytes of whole requests. */

export interface BadRequest {
  readonly id: string;
  readonly text: string;
}

/** @param body a good order; @param signed its headers, as lines: what is wrong is the frame alone */
export function framing(host: string, signed: string, body: string): BadRequest[] {
  const length = Buffer.byteLength(body);
  const head = (line: string, ...headers: string[]) => `${[line, ...headers].join('\r\n')}\r\n\r\n`;
  const post = 'POST /v1/orders HTTP/1.1';
  const own = [`Host: ${host}`, signed];
  const whole = `Content-Length: ${length}`;
  const chunk = (size: string) => `${size}\r\n${body}\r\n0\r\n\r\n`;
  const hex = length.toString(16);
  const cases: Record<string, string> = {
    'length and chunks': head(post, ...own, whole, 'Transfer-Encoding: chunked') + chunk(hex),
    'chunks and length': head(post, ...own, 'Transfer-Encoding: chunked', whole) + chunk(hex),
    'two lengths': head(post, ...own, whole, `Content-Length: ${length + 1}`) + body,
    'one length twice': head(post, ...own, whole, whole) + body,
    'lengths in a list': head(post, ...own, `Content-Length: ${length}, ${length}`) + body,
    'length with a sign': head(post, ...own, `Content-Length: +${length}`) + body,
    'negative length': head(post, ...own, 'Content-Length: -1') + body,
    'length in hexadecimal': head(post, ...own, `Content-Length: 0x${hex}`) + body,
    'length of 30 digits': head(post, ...own, `Content-Length: ${'9'.repeat(30)}`) + body,
    'length with a blank inside': head(post, ...own, 'Content-Length: 1 2') + body,
    'blank before the colon': head(post, ...own, `Content-Length : ${length}`) + body,
    'folded header': head(post, ...own, 'X-Folded: a', ' b', whole) + body,
    'blank before the first header': head(post, ` Host: ${host}`, signed, whole) + body,
    'chunk size that is none': head(post, ...own, 'Transfer-Encoding: chunked') + chunk('zz'),
    'chunk size with a sign': head(post, ...own, 'Transfer-Encoding: chunked') + chunk(`-${hex}`),
    'chunk size of 20 digits': head(post, ...own, 'Transfer-Encoding: chunked') + chunk('f'.repeat(20)),
    'chunk without an end of line': `${head(post, ...own, 'Transfer-Encoding: chunked')}${hex}\r\n${body}0\r\n\r\n`,
    'chunk with a bare LF': `${head(post, ...own, 'Transfer-Encoding: chunked')}${hex}\n${body}\n0\n\n`,
    'transfer encoding of two': head(post, ...own, 'Transfer-Encoding: chunked, identity') + chunk(hex),
    'transfer encoding that nobody knows': head(post, ...own, 'Transfer-Encoding: xchunked', whole) + body,
    'transfer encoding twice':
      head(post, ...own, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + chunk(hex),
    'transfer encoding with a tab': head(post, ...own, 'Transfer-Encoding:\tchunked', whole) + body,
    'gzip without being it': head(post, ...own, 'Content-Encoding: gzip', whole) + body,
    'encoding that nobody knows': head(post, ...own, 'Content-Encoding: br2', whole) + body,
    'another host': head(post, 'Host: evil.example', signed, whole) + body,
    'two hosts': head(post, ...own, 'Host: evil.example', whole) + body,
    'no host': head(post, signed, whole) + body,
    'host with a path': head(post, `Host: ${host}/x`, signed, whole) + body,
    'host of somebody in it': head(post, `Host: ${host}@evil.example`, signed, whole) + body,
    'absolute address of another host':
      head('POST http://evil.example/v1/orders HTTP/1.1', 'Host: evil.example', signed, whole) + body,
    'no version': head('POST /v1/orders', ...own, whole) + body,
    'version 3': head('POST /v1/orders HTTP/3.0', ...own, whole) + body,
    'version that is none': head('POST /v1/orders HTTX/1.1', ...own, whole) + body,
    'method that is none': head('P\u0001ST /v1/orders HTTP/1.1', ...own, whole) + body,
    'method in small letters': head('post /v1/orders HTTP/1.1', ...own, whole) + body,
    'method TRACE': head('TRACE /v1/orders HTTP/1.1', ...own),
    'method CONNECT': head('CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example:443'),
    'two blanks in the first line': head('POST  /v1/orders HTTP/1.1', ...own, whole) + body,
    'NUL in the address': head('POST /v1/orders\u0000 HTTP/1.1', ...own, whole) + body,
    'address of 100 kB': head(`POST /v1/orders?${'a'.repeat(100_000)} HTTP/1.1`, ...own, whole) + body,
    'escape that is none': head('POST /v1/%zz HTTP/1.1', ...own, whole) + body,
    'way upwards': head('POST /v1/../../etc/passwd HTTP/1.1', ...own, whole) + body,
    'way upwards, escaped': head('POST /v1/%2e%2e/%2e%2e/etc/passwd HTTP/1.1', ...own, whole) + body,
    'NUL in a header': head(post, ...own, 'X-Bad: a\u0000b', whole) + body,
    'CR in a header': head(post, ...own, 'X-Bad: a\rb', whole) + body,
    'header of 64 kB': head(post, ...own, `X-Long: ${'a'.repeat(65_536)}`, whole) + body,
    '10 000 headers': head(post, ...own, ...Array.from({ length: 10_000 }, (_, i) => `X-${i}: 1`), whole) + body,
    'header without a name': head(post, ...own, ': x', whole) + body,
    'header without a colon': head(post, ...own, 'nothing', whole) + body,
    'upgrade to h2c': head(
      post,
      ...own,
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ),
    'preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'hello of TLS': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    'expectation that nobody meets': head(post, ...own, 'Expect: 200-maybe', whole) + body,
    'bytes of nobody': 'GARBAGE\r\n\r\n',
    'only line ends': '\r\n'.repeat(5_000),
    'body shorter than said': head(post, ...own, `Content-Length: ${length + 10}`, 'Connection: close') + body,
    'body longer than said': head(post, ...own, `Content-Length: ${length - 10}`, 'Connection: close') + body,
    'content type twice': head(post, ...own, 'Content-Type: text/plain', whole) + body,
    'two orders in one frame': `${head(post, ...own, `Content-Length: ${length + 2}`)}${body}{}`,
  };
  return Object.entries(cases).map(([id, text]) => ({ id, text }));
}
