/**
 * What must be true of a document before xml2js may see it.
 *
 * xml2js accepts 139 of the 243 not-well-formed documents of the W3C suite that hold no DTD, takes the first of two equal
 * attributes and nests without end; saxes is strict and stops at the first fault. So saxes reads first, under limits, and
 * also keeps the attributes: the parser inside xml2js loses one that is named `__proto__`.
 */
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { SaxesParser } from 'saxes';
import { Failure, type FailureCode } from '../failures.ts';

export interface XmlLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
  /** Elements, comments, CDATA sections and processing instructions. */
  readonly nodesMax: number;
  readonly attributesPerElementMax: number;
  /** Characters directly in one element, or in one attribute. */
  readonly textCharsMax: number;
}

export const xmlLimits: XmlLimits = {
  bytesMax: 1_048_576,
  depthMax: 64,
  nodesMax: 20_000,
  attributesPerElementMax: 64,
  textCharsMax: 262_144,
};

/** An element as the gate saw it, in document order. */
export interface GatedElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Record<string, string>;
}

/** The text of the document and its elements. @throws Failure BODY_MALFORMED or BODY_TOO_LARGE. */
export function gateXml(bytes: Uint8Array, limits: XmlLimits): { text: string; elements: GatedElement[] } {
  if (bytes.byteLength > limits.bytesMax) {
    refuse('bytes', `${bytes.byteLength} bytes, at most ${limits.bytesMax} are taken`, '/', 'BODY_TOO_LARGE');
  }
  const { text, encoding } = decode(bytes);
  if (/<!\s*(?:DOCTYPE|ENTITY)/i.test(text))
    refuse('doctype', 'a document type or entity declaration is not taken', '/');
  return { text, elements: new Pass(limits, encoding).read(text) };
}

class Pass {
  readonly #limits: XmlLimits;
  readonly #encoding: string;
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #elements: GatedElement[] = [];
  readonly #open: { name: string; textChars: number }[] = [];
  #nodes = 0;
  #attributes = 0;

  constructor(limits: XmlLimits, encoding: string) {
    this.#limits = limits;
    this.#encoding = encoding;
  }

  read(text: string): GatedElement[] {
    const parser = this.#parser;
    parser.on('error', (error) => this.#refuse('not_well_formed', faultOf(error)));
    parser.on('xmldecl', (declaration) => this.#declaration(declaration));
    parser.on('opentagstart', (tag) => this.#begin(tag.name));
    parser.on('attribute', (attribute) => this.#attribute(attribute.value));
    parser.on('opentag', (tag) =>
      this.#elements.push({
        name: tag.name,
        namespace: tag.uri,
        attributes: valuesOf(tag.attributes),
      }),
    );
    parser.on('closetag', () => this.#open.pop());
    parser.on('text', (chars) => this.#text(chars));
    parser.on('cdata', (chars) => {
      this.#node();
      this.#text(chars);
    });
    parser.on('comment', () => this.#node());
    parser.on('processinginstruction', () => this.#node());
    parser.write(text).close();
    return this.#elements;
  }

  #declaration(declaration: { version?: string | undefined; encoding?: string | undefined }): void {
    if (declaration.version !== '1.0') this.#refuse('version', 'only XML 1.0 is taken');
    const declared = declaration.encoding?.toLowerCase() ?? 'utf-8';
    if (declared !== this.#encoding) this.#refuse('encoding', 'the declared encoding is not the one of the bytes');
  }

  #begin(name: string): void {
    this.#node();
    if (this.#open.length >= this.#limits.depthMax)
      this.#refuse('depth', `nested deeper than ${this.#limits.depthMax}`);
    this.#open.push({ name, textChars: 0 });
    this.#attributes = 0;
  }

  #attribute(value: string): void {
    this.#attributes += 1;
    const { attributesPerElementMax, textCharsMax } = this.#limits;
    if (this.#attributes > attributesPerElementMax) {
      this.#refuse('attributes', `more than ${attributesPerElementMax} attributes`, 'BODY_TOO_LARGE');
    }
    if (value.length > textCharsMax)
      this.#refuse('text', `an attribute of more than ${textCharsMax} characters`, 'BODY_TOO_LARGE');
  }

  #text(chars: string): void {
    const element = this.#open.at(-1);
    if (!element) return;
    element.textChars += chars.length;
    if (element.textChars > this.#limits.textCharsMax) {
      this.#refuse('text', `more than ${this.#limits.textCharsMax} characters in one element`, 'BODY_TOO_LARGE');
    }
  }

  #node(): void {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodesMax)
      this.#refuse('nodes', `more than ${this.#limits.nodesMax} nodes`, 'BODY_TOO_LARGE');
  }

  #refuse(code: string, what: string, type?: FailureCode): never {
    const path = `/${this.#open.map((element) => element.name.slice(0, 64)).join('/')}`;
    return refuse(code, `line ${this.#parser.line} column ${this.#parser.column}: ${what}`, path, type);
  }
}

/** Bytes to text: UTF-8, or what the declaration says if that is one of the Chinese sets. Never a guess, never a replacement. */
function decode(bytes: Uint8Array): { text: string; encoding: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer.subarray(0, 256).toString('latin1');
  const declared =
    /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*["']1\.\d["'][ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*["']([\w.-]+)["']/.exec(
      head,
    );
  const encoding = (declared?.[1] ?? 'utf-8').toLowerCase();
  if (encoding === 'utf-8') {
    if (!isUtf8(buffer)) refuse('encoding', 'the document is not valid UTF-8', '/');
    return { text: withUnixLines(buffer.toString('utf8').replace(/^\ufeff/, '')), encoding };
  }
  if (encoding !== 'gb18030' && encoding !== 'gbk' && encoding !== 'gb2312')
    refuse('encoding', 'the declared encoding is not taken', '/');
  const text = iconv.decode(buffer, 'gb18030'); // Senders declare a narrower set than they use; this one holds the others.
  if (text.includes('\ufffd')) refuse('encoding', `the document is not valid ${encoding.toUpperCase()}`, '/');
  return { text: withUnixLines(text), encoding };
}

/** XML 1.0, 2.11: a parser sees only line feeds. saxes does this itself, the parser inside xml2js does not. */
function withUnixLines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function valuesOf(attributes: Record<string, string | { value: string }>): Record<string, string> {
  const values = Object.create(null) as Record<string, string>; // So that an attribute that is absent is absent, `constructor` too.
  for (const [name, attribute] of Object.entries(attributes)) {
    values[name] = typeof attribute === 'string' ? attribute : attribute.value;
  }
  return values;
}

/** saxes puts its own position in front and the offending name, quoted or not, behind a colon. Only the rule is told. */
function faultOf(error: Error): string {
  const rule = error.message.replace(/^\d+:\d+: /, '');
  return (rule.split(':')[0] ?? rule).slice(0, 100);
}

function refuse(code: string, detail: string, pointer: string, type: FailureCode = 'BODY_MALFORMED'): never {
  throw new Failure(type, { detail, errors: [{ pointer, code, detail }] });
}
