/** Small changes to signed messages: one character, no more. */

/** One character in the middle is another of the same alphabet, so that it still looks like a signature. */
export function flipped(signature: string): string {
  const at = signature.length >> 1;
  const other = signature[at] === '0' ? '1' : signature[at] === 'A' ? 'B' : /\d/.test(signature[at] ?? '') ? '0' : 'A';
  return signature.slice(0, at) + other + signature.slice(at + 1);
}

/** The last digit of the message is another: it parses as before, and says something else. */
export function otherDigit(body: Buffer): Buffer {
  const text = body.toString('latin1');
  const at = text.search(/\d(?=[^\d]*$)/);
  if (at < 0)
    return Buffer.from(
      text.replace(/[a-z](?=[^a-z]*$)/, (letter) => (letter === 'x' ? 'y' : 'x')),
      'latin1',
    );
  return Buffer.from(text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1), 'latin1');
}

export function withHeader<T extends { readonly headers: Readonly<Record<string, string>> }>(
  message: T,
  name: string,
  value: string | undefined,
): T {
  const { [name]: _, ...others } = message.headers;
  return { ...message, headers: value === undefined ? others : { ...others, [name]: value } };
}

/** A JSON body with some fields others. */
export function edited(body: Buffer, edit: (fields: Record<string, never>) => object): Buffer {
  return Buffer.from(JSON.stringify(edit(JSON.parse(body.toString()) as Record<string, never>)));
}
