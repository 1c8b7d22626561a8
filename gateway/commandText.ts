/** What a contract's patterns cannot say about the text in a message: check digits, and characters that no store keeps. */
import { isUscc } from '../contracts/canonical/uscc.ts';
import { Failure, type FieldError } from '../contracts/failures.ts';

const errorsMax = 20;

/** The message itself. @throws Failure USCC_CHECKDIGIT or CONTRACT_VIOLATED naming every field that is wrong */
export function checkText(message: unknown): unknown {
  const digits: FieldError[] = [];
  const characters: FieldError[] = [];
  for (const { pointer, name, text } of textsOf(message, '#', '')) {
    if (/uscc$/i.test(name) && !isUscc(text)) {
      digits.push({ pointer, code: 'check_digit', detail: 'the check digit of the USCC (GB 32100-2015) is wrong' });
    }
    // PostgreSQL has no place for U+0000.
    if (text.includes('\0')) characters.push({ pointer, code: 'character', detail: 'holds U+0000' });
  }
  if (characters.length > 0) {
    throw new Failure('CONTRACT_VIOLATED', {
      detail: `${characters.length} fields hold U+0000`,
      errors: characters.slice(0, errorsMax),
    });
  }
  if (digits.length > 0) {
    throw new Failure('USCC_CHECKDIGIT', {
      detail: `wrong check digit at ${digits
        .map((error) => error.pointer)
        .slice(0, errorsMax)
        .join(', ')}`,
      errors: digits.slice(0, errorsMax),
    });
  }
  return message;
}

/** Depth and number of values were limited by the gate that parsed them. */
function* textsOf(
  value: unknown,
  pointer: string,
  name: string,
): Generator<{ pointer: string; name: string; text: string }> {
  if (typeof value === 'string') yield { pointer, name, text: value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, field] of Object.entries(value)) {
    const step = key.replaceAll('~', '~0').replaceAll('/', '~1');
    yield* textsOf(field, `${pointer}/${step}`, Array.isArray(value) ? name : key);
  }
}
