/**
 * `minLength` and `maxLength` as JSON Schema means them, in characters and not in UTF-16 units, without counting where the
 * number of units already decides: no text has more characters than units, and none fewer than half as many. Ajv counts
 * every text of every message, which is a good part of what validating one costs.
 */
import { _, str, type Ajv2020, type Code, type KeywordCxt } from 'ajv/dist/2020.js';

interface Bound {
  readonly keyword: 'minLength' | 'maxLength';
  readonly comparative: string;
  /** The text is too short or too long, by its units and, when they do not decide, by its characters. */
  readonly broken: (text: Code, limit: Code, characters: Code) => Code;
}

const bounds: readonly Bound[] = [
  {
    keyword: 'maxLength',
    comparative: 'more',
    broken: (text, limit, characters) =>
      _`${text}.length > ${limit} && (${text}.length > ${limit} * 2 || ${characters}(${text}) > ${limit})`,
  },
  {
    keyword: 'minLength',
    comparative: 'fewer',
    broken: (text, limit, characters) =>
      _`${text}.length < ${limit} || (${text}.length < ${limit} * 2 && ${characters}(${text}) < ${limit})`,
  },
];

export function countCharactersWhenNeeded(ajv: Ajv2020): void {
  for (const { keyword, comparative, broken } of bounds) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword({
      keyword,
      type: 'string',
      schemaType: 'number',
      error: {
        message: ({ schemaCode }) => str`must NOT have ${comparative} than ${schemaCode} characters`,
        params: ({ schemaCode }) => _`{limit: ${schemaCode}}`,
      },
      code(cxt: KeywordCxt) {
        const characters = cxt.gen.scopeValue('func', { ref: charactersIn });
        const { data, schemaCode } = cxt;
        cxt.fail(broken(data, schemaCode as Code, characters));
      },
    });
  }
}

/** Surrogate pairs are one; a half without its other half is one too. */
function charactersIn(text: string): number {
  return [...text].length;
}
