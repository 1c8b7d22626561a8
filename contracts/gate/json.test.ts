/**
 * The vectors are nst/JSONTestSuite @1ef36fa `test_parsing/` (MIT, licence beside the files), unedited.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure, type FieldError } from '../failures.ts';
import { jsonLimits, parseJson } from './json.ts';

const folder = new URL('../../test/vectors/json-parsing/', import.meta.url);
const vectors = readdirSync(folder).filter((name) => name.endsWith('.json'));
const pathOf = (name: string) => new URL(encodeURIComponent(name), folder); // Names hold `&` and `#`.
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Valid JSON that we refuse on purpose: two equal keys can be read in two ways. */
const refusedOnPurpose: Record<string, string> = {
  'y_object_duplicated_key.json': 'duplicate_key',
  'y_object_duplicated_key_and_value.json': 'duplicate_key',
};

/** Where RFC 8259 leaves the verdict open, ours is fixed. 10^20 is the one that is accepted: a double holds it exactly. */
const openVerdicts: Record<string, string> = {
  'i_number_double_huge_neg_exp.json': 'number_precision',
  'i_number_huge_exp.json': 'number_precision',
  'i_number_neg_int_huge_exp.json': 'number_precision',
  'i_number_pos_double_huge_exp.json': 'number_precision',
  'i_number_real_neg_overflow.json': 'number_precision',
  'i_number_real_pos_overflow.json': 'number_precision',
  'i_number_real_underflow.json': 'number_precision',
  'i_number_too_big_neg_int.json': 'number_precision',
  'i_number_too_big_pos_int.json': 'accepted',
  'i_number_very_big_negative_int.json': 'number_precision',
  'i_object_key_lone_2nd_surrogate.json': 'lone_surrogate',
  'i_string_1st_surrogate_but_2nd_missing.json': 'lone_surrogate',
  'i_string_1st_valid_surrogate_2nd_invalid.json': 'lone_surrogate',
  'i_string_UTF-16LE_with_BOM.json': 'encoding',
  'i_string_UTF-8_invalid_sequence.json': 'encoding',
  'i_string_UTF8_surrogate_U+D800.json': 'encoding',
  'i_string_incomplete_surrogate_and_escape_valid.json': 'lone_surrogate',
  'i_string_incomplete_surrogate_pair.json': 'lone_surrogate',
  'i_string_incomplete_surrogates_escape_valid.json': 'lone_surrogate',
  'i_string_invalid_lonely_surrogate.json': 'lone_surrogate',
  'i_string_invalid_surrogate.json': 'lone_surrogate',
  'i_string_invalid_utf-8.json': 'encoding',
  'i_string_inverted_surrogates_U+1D11E.json': 'lone_surrogate',
  'i_string_iso_latin_1.json': 'encoding',
  'i_string_lone_second_surrogate.json': 'lone_surrogate',
  'i_string_lone_utf8_continuation_byte.json': 'encoding',
  'i_string_not_in_unicode_range.json': 'encoding',
  'i_string_overlong_sequence_2_bytes.json': 'encoding',
  'i_string_overlong_sequence_6_bytes.json': 'encoding',
  'i_string_overlong_sequence_6_bytes_null.json': 'encoding',
  'i_string_truncated-utf-8.json': 'encoding',
  'i_string_utf16BE_no_BOM.json': 'encoding',
  'i_string_utf16LE_no_BOM.json': 'encoding',
  'i_structure_500_nested_arrays.json': 'depth',
  'i_structure_UTF-8_BOM_empty_object.json': 'bom',
};

describe('the vectors of nst/JSONTestSuite @1ef36fa', () => {
  test('are all here: 95 valid, 188 invalid, 35 open', () => {
    const count = (prefix: string) => vectors.filter((name) => name.startsWith(prefix)).length;
    expect([count('y_'), count('n_'), count('i_'), vectors.length]).toEqual([95, 188, 35, 318]);
  });

  test('every valid text is accepted as JSON.parse reads it, but for duplicate keys', () => {
    for (const name of vectors.filter((each) => each.startsWith('y_'))) {
      const bytes = readFileSync(pathOf(name));
      const verdict = verdictOf(bytes);
      if (name in refusedOnPurpose) expect({ name, verdict }).toEqual({ name, verdict: refusedOnPurpose[name] });
      else
        expect({ name, value: parseJson(bytes) }).toEqual({
          name,
          value: JSON.parse(bytes.toString()),
        });
    }
  });

  test('every invalid text is refused as malformed', () => {
    for (const name of vectors.filter((each) => each.startsWith('n_'))) {
      const thrown = thrownBy(readFileSync(pathOf(name)));
      expect({ name, type: isFailure(thrown) && thrown.type }).toEqual({
        name,
        type: 'BODY_MALFORMED',
      });
    }
  });

  test('every open text has one fixed verdict', () => {
    const verdicts = vectors
      .filter((name) => name.startsWith('i_'))
      .map((name) => [name, verdictOf(readFileSync(pathOf(name)))]);
    expect(Object.fromEntries(verdicts)).toEqual(openVerdicts);
  });
});

describe('a refusal', () => {
  test('names pointer, line and column, and never the value', () => {
    const error = errorOf('{"orders": [\n  {"amount": 1},\n  {"amount": secret}\n]}');
    expect(error).toEqual({
      pointer: '#/orders/1/amount',
      code: 'syntax',
      detail: 'line 3 column 14: a value is expected',
    });
  });

  test('names the line that is not UTF-8', () => {
    expect(fieldErrorOf(Uint8Array.of(0x5b, 0x0a, 0x22, 0xff, 0x22, 0x5d)).detail).toBe('line 2 is not valid UTF-8');
  });

  test('shows a key escaped, short and without control characters', () => {
    expect(errorOf('{"a/b~c\\n": ?}').pointer).toBe('#/a~1b~0c?');
    expect(errorOf(`{"${'k'.repeat(5000)}": ?}`).pointer).toHaveLength(66);
    expect(errorOf(`{"${'k'.repeat(63)}😀": ?}`).pointer.isWellFormed()).toBe(true);
  });
});

describe('what could be read in two ways', () => {
  test.each([
    ['{"a":1,"a":1}', 'duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate_key'],
    ['9007199254740993', 'number_precision'],
    ['-9007199254740993', 'number_precision'],
    ['1e400', 'number_precision'],
    ['1e-400', 'number_precision'],
    ['0.12345678901234567890', 'number_precision'],
    ['"\\ud800"', 'lone_surrogate'],
    ['"\\udc00\\ud800"', 'lone_surrogate'],
    ['{"\\ud800":1}', 'lone_surrogate'],
    ['\ufeff{}', 'bom'],
    ['', 'syntax'],
    ['{} {}', 'syntax'],
  ])('%j is refused: %s', (text, code) => {
    expect(errorOf(text).code).toBe(code);
  });

  test.each([
    '0.10',
    '1e22',
    '1E+2',
    '-0',
    '0e99999',
    '9007199254740992',
    '100000000000000000000',
    '0.000001',
    '1.7976931348623157e308',
  ])('%s survives a double and is accepted', (text) => expect(parseJson(bytesOf(text))).toBe(Number(text)));
});

describe('limits', () => {
  test('bytes: one over 1 MiB is refused, 1 MiB is taken', () => {
    expect(parseJson(bytesOf(`"${'a'.repeat(jsonLimits.bytesMax - 2)}"`))).toHaveLength(jsonLimits.bytesMax - 2);
    expect(thrownBy(bytesOf(`"${'a'.repeat(jsonLimits.bytesMax - 1)}"`))).toMatchObject({
      type: 'BODY_TOO_LARGE',
    });
  });

  test('depth: 64 is taken, 65 is refused, a million does not overflow the stack', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseJson(bytesOf(nested(64)))).toBeInstanceOf(Array);
    expect(errorOf(nested(65)).code).toBe('depth');
    expect(errorOf('['.repeat(1_000_000)).code).toBe('depth');
    expect(errorOf('{"a":'.repeat(100_000)).code).toBe('depth');
  });

  test('nodes: 20,000 are taken, one more is refused', () => {
    const list = (length: number) => `[${Array.from({ length }, () => '0').join(',')}]`;
    expect(parseJson(bytesOf(list(19_999)))).toHaveLength(19_999);
    expect(thrownBy(bytesOf(list(20_000)))).toMatchObject({
      type: 'BODY_TOO_LARGE',
      errors: [{ code: 'nodes' }],
    });
  });

  test('a number of a million digits and a string of a million escapes are no work', () => {
    const started = performance.now();
    expect(errorOf(`1${'0'.repeat(1_000_000)}`).code).toBe('number_precision');
    expect(errorOf(`0.${'0'.repeat(500_000)}1${'0'.repeat(500_000)}`).code).toBe('number_precision');
    expect(parseJson(bytesOf(`"${'\\n'.repeat(500_000)}"`))).toHaveLength(500_000);
    expect(performance.now() - started).toBeLessThan(5_000); // Quadratic work would take minutes.
  });
});

test('__proto__ and constructor are ordinary fields', () => {
  const value = parseJson(bytesOf('{"__proto__":{"admin":true},"constructor":1,"toString":2}')) as Record<
    string,
    unknown
  >;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(value['admin']).toBeUndefined();
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
});

test('whatever JSON.stringify writes is read back the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      if (text.length > 100_000) return;
      expect(parseJson(bytesOf(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('what JSON.parse refuses is refused, whatever bytes come', () => {
  const token = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'true',
    'null',
    '1',
    '-',
    '.',
    'e',
    '0',
    ' ',
    '\n',
    '"a"',
    '"b"',
    '\\u00',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const text = tokens.join('');
      if (verdictOf(bytesOf(text)) === 'accepted') expect(parseJson(bytesOf(text))).toEqual(JSON.parse(text));
      else if (isJson(text))
        expect(['duplicate_key', 'number_precision', 'lone_surrogate']).toContain(errorOf(text).code);
    }),
    { numRuns: 5_000 },
  );
});

function thrownBy(bytes: Uint8Array): unknown {
  try {
    parseJson(bytes);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

function verdictOf(bytes: Uint8Array): string {
  const thrown = thrownBy(bytes);
  if (thrown === undefined) return 'accepted';
  return isFailure(thrown) ? (thrown.errors[0]?.code ?? 'none') : 'not a failure';
}

function fieldErrorOf(bytes: Uint8Array): FieldError {
  const thrown = thrownBy(bytes);
  const error = isFailure(thrown) ? thrown.errors[0] : undefined;
  if (!error) throw new Error('no refusal', { cause: thrown });
  return error;
}

function errorOf(text: string): FieldError {
  return fieldErrorOf(bytesOf(text));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
