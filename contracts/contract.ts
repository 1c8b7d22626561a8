/**
 * A contract is the JSON Schema of one message. TypeBox writes it once: Ajv validates with it, partners download it,
 * and TypeScript takes its type from it.
 *
 * Strict on purpose (reliability.md 0.9): nothing is coerced, nothing is defaulted, unknown fields are refused.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Type, type Static, type TSchema } from 'typebox';
import { Failure, type FieldError } from './failures.ts';
import { countCharactersWhenNeeded } from './textLength.ts';

const ajv = new Ajv2020({
  $data: false,
  allErrors: false, // One hostile body may otherwise cost hundreds of thousands of error objects.
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  ownProperties: true, // `constructor` in a body is not a field of ours.
});
// The default export of a CommonJS module: TypeScript sees the namespace, Node sees the function.
(addFormats as unknown as (target: typeof ajv) => void)(ajv);
countCharactersWhenNeeded(ajv);
ajv.addKeyword({ keyword: 'x-pii', schemaType: 'string' });
ajv.addKeyword({ keyword: 'x-unit', schemaType: 'string' });

export interface Contract<S extends TSchema = TSchema> {
  /** `<area>/<message>`, stable; the address under which partners download the schema. */
  readonly name: string;
  readonly schema: S;
  /** The value itself, typed. @throws Failure CONTRACT_VIOLATED that names the field. */
  check(value: unknown): Static<S>;
}

/** The TypeScript type of a contract's messages. */
export type Message<C> = C extends Contract<infer S> ? Static<S> : never;

export function contract<S extends TSchema>(name: string, schema: S): Contract<S> {
  let validate: ValidateFunction | undefined; // Compiled at first use: start-up pays for what it needs only.
  return {
    name,
    schema,
    check(value) {
      validate ??= ajv.compile(schema);
      if (validate(value)) return value as Static<S>;
      const errors = (validate.errors ?? []).map(fieldError);
      throw new Failure('CONTRACT_VIOLATED', {
        detail: `${name}: ${errors.map((e) => `${e.pointer} ${e.detail}`).join('; ')}`,
        errors,
      });
    },
  };
}

/** An object that refuses fields it does not know. */
export function strict<P extends Record<string, TSchema>>(
  properties: P,
  options: { title?: string; description?: string } = {},
) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

function fieldError(error: ErrorObject): FieldError {
  const at = (name: unknown) => `#${error.instancePath}/${String(name)}`;
  switch (error.keyword) {
    case 'required':
      return { pointer: at(error.params['missingProperty']), code: 'required', detail: 'is missing' };
    case 'additionalProperties':
      return {
        pointer: at(error.params['additionalProperty']),
        code: 'unknown_field',
        detail: 'is not a field of this message',
      };
    default:
      return { pointer: `#${error.instancePath}`, code: error.keyword, detail: error.message ?? 'is not valid' };
  }
}
