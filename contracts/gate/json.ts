/**
 * The JSON gate: everything that enters as JSON passes here before anything looks at it.
 *
 * `JSON.parse` takes the last of two equal keys, rounds 9007199254740993 and nests without end. A signed instruction
 * that two parsers read differently is a hole, so this parser refuses whatever could be read in two ways: one pass,
 * linear, and every refusal names the place but never the value.
 */
import { isUtf8 } from 'node:buffer';
import { Failure, type FailureCode } from '../failures.ts';
import { survivesDouble } from './decimal.ts';

export interface JsonLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
  /** Values of any kind, containers included. */
  readonly nodesMax: number;
}

export const jsonLimits: JsonLimits = { bytesMax: 1_048_576, depthMax: 64, nodesMax: 20_000 };

/** The value that the bytes spell. @throws Failure BODY_MALFORMED or BODY_TOO_LARGE with pointer, line and column. */
export function parseJson(bytes: Uint8Array, limits: Partial<JsonLimits> = {}): unknown {
  const allowed = { ...jsonLimits, ...limits };
  if (bytes.byteLength > allowed.bytesMax) {
    const detail = `${bytes.byteLength} bytes, at most ${allowed.bytesMax} are taken`;
    throw new Failure('BODY_TOO_LARGE', {
      detail,
      errors: [{ pointer: '#', code: 'bytes', detail }],
    });
  }
  if (!isUtf8(bytes)) {
    const detail = `line ${firstLineNotUtf8(bytes)} is not valid UTF-8`;
    throw new Failure('BODY_MALFORMED', {
      detail,
      errors: [{ pointer: '#', code: 'encoding', detail }],
    });
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return new Reader(text, allowed).document();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const hexPattern = /[0-9a-fA-F]{4}/y;
const POINTER_SEGMENT_CHARS = 64;

class Reader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #nodes = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): unknown {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#refuse('bom', 'begins with a byte order mark');
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#refuse('syntax', 'something follows the value');
    return value;
  }

  #value(): unknown {
    this.#skipSpace();
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodesMax) {
      this.#refuse('nodes', `more than ${this.#limits.nodesMax} values`, 'BODY_TOO_LARGE');
    }
    switch (this.#text.charCodeAt(this.#at)) {
      case BRACE_OPEN:
        return this.#object();
      case BRACKET_OPEN:
        return this.#array();
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): Record<string, unknown> {
    this.#descend();
    const result: Record<string, unknown> = {};
    if (this.#take(BRACE_CLOSE)) return result;
    do {
      this.#skipSpace();
      const keyAt = this.#at;
      if (this.#text.charCodeAt(keyAt) !== QUOTE) this.#refuse('syntax', 'a key in double quotes is expected');
      const key = this.#string();
      this.#path.push(key);
      if (Object.hasOwn(result, key))
        this.#refuse('duplicate_key', 'the key occurs twice in one object', 'BODY_MALFORMED', keyAt);
      if (!this.#take(COLON)) this.#refuse('syntax', 'a colon is expected');
      const value = this.#value();
      // An ordinary assignment to `__proto__` would change what the object is.
      if (key === '__proto__') {
        Object.defineProperty(result, key, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else result[key] = value;
      this.#path.pop();
    } while (this.#take(COMMA));
    if (!this.#take(BRACE_CLOSE)) this.#refuse('syntax', 'a comma or the end of the object is expected');
    return result;
  }

  #array(): unknown[] {
    this.#descend();
    const result: unknown[] = [];
    if (this.#take(BRACKET_CLOSE)) return result;
    do {
      this.#path.push(result.length);
      result.push(this.#value());
      this.#path.pop();
    } while (this.#take(COMMA));
    if (!this.#take(BRACKET_CLOSE)) this.#refuse('syntax', 'a comma or the end of the array is expected');
    return result;
  }

  /** Steps over the opening bracket. The path is as long as the brackets around it are many. */
  #descend(): void {
    if (this.#path.length >= this.#limits.depthMax)
      this.#refuse('depth', `nested deeper than ${this.#limits.depthMax}`);
    this.#at += 1;
  }

  #string(): string {
    const begin = this.#at;
    let result = '';
    let from = begin + 1;
    let at = from;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        result += this.#text.slice(from, at);
        this.#at = at;
        result += this.#escape();
        from = at = this.#at;
      } else if (code >= 0x20) at += 1;
      else {
        this.#at = at;
        this.#refuse('syntax', at < this.#text.length ? 'a control character in a string' : 'the string does not end');
      }
    }
    this.#at = at + 1;
    result += this.#text.slice(from, at);
    // The bytes are valid UTF-8, so only an escape can have brought half a pair.
    if (from > begin + 1 && !result.isWellFormed()) {
      this.#refuse('lone_surrogate', 'half a surrogate pair', 'BODY_MALFORMED', begin);
    }
    return result;
  }

  #escape(): string {
    const kind = this.#text.charAt(this.#at + 1);
    const plain = kind === 'u' ? undefined : escapes[kind];
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    hexPattern.lastIndex = this.#at + 2;
    const hex = kind === 'u' ? hexPattern.exec(this.#text) : null;
    if (!hex) return this.#refuse('syntax', 'no such escape');
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(hex[0], 16));
  }

  #number(): number {
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text);
    if (!match) {
      return this.#refuse('syntax', this.#at < this.#text.length ? 'a value is expected' : 'the text ends too early');
    }
    const literal = match[0];
    const value = Number(literal);
    if (!survivesDouble(literal, value)) {
      this.#refuse('number_precision', 'the number does not survive a double: send it as a string');
    }
    this.#at += literal.length;
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#refuse('syntax', 'a value is expected');
    this.#at += word.length;
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #take(code: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #refuse(code: string, what: string, type: FailureCode = 'BODY_MALFORMED', at = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    const detail = `line ${line} column ${column}: ${what}`;
    throw new Failure(type, { detail, errors: [{ pointer: pointerOf(this.#path), code, detail }] });
  }
}

/** Keys come from outside: they are shown short and without control characters. */
function pointerOf(path: readonly (string | number)[]): string {
  return [
    '#',
    ...path.map((step) => String(step).slice(0, POINTER_SEGMENT_CHARS).replaceAll('~', '~0').replaceAll('/', '~1')),
  ]
    .join('/')
    .replace(/\p{Cc}/gu, '?')
    .toWellFormed();
}

function firstLineNotUtf8(bytes: Uint8Array): number {
  // A line feed is never part of a longer character, so lines can be judged one by one.
  for (let line = 1, from = 0; ; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    if (end === -1 || !isUtf8(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
}
