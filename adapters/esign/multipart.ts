/** `multipart/form-data` (RFC 7578): some texts and one file, as bytes. */
import { randomBytes } from 'node:crypto';

interface FilePart {
  readonly name: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export function multipart(texts: Readonly<Record<string, string>>, file: FilePart): { type: string; body: Buffer } {
  const boundary = `----lianshu${randomBytes(16).toString('hex')}`; // Cannot be guessed, so it is in no file.
  const parts = Object.entries(texts).map(
    ([name, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${text}\r\n`,
  );
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(file.name)}"; filename="${quoted(file.fileName)}"\r\n` +
    `Content-Type: ${file.contentType}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(parts.join('') + head), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

/** As browsers do (WHATWG HTML, 4.10.22.8): what would end the name is percent-encoded. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
