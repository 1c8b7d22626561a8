/**
 * The account proof (对公账户打款认证) of the `idv` dialect on the wire: ours, like the rest of it (`idv.wire.ts`), in the shape
 * that public vendors of small payments (小额打款) share: a payment that is made later, three tries, 72 hours.
 *
 * These are the messages in the clear. `accountNo` and `amount` travel sealed: who reads the amount on its way has the proof.
 */
import { Type } from 'typebox';
import { BankCode, CompanyName, Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

export const IdvAccountProof = contract(
  'cfca/idv/account-proof',
  strict({
    requestNo: ShortText,
    entName: CompanyName,
    accountNo: Type.String({ pattern: '^\\d{6,32}$', maxLength: 32, 'x-pii': 'account' }),
    bankCode: BankCode,
  }),
);

export const IdvAccountConfirm = contract(
  'cfca/idv/account-confirm',
  strict({
    requestNo: ShortText,
    proofNo: ShortText,
    /** Yuan. */
    amount: Type.String({ pattern: '^0\\.\\d{2}$', maxLength: 4 }),
  }),
);

const Code = Type.String({ pattern: '^[0-9A-Z]{2}$', maxLength: 2 });

/** One shape for every answer; what is there depends on `resultCode`. */
export const IdvAccountAnswer = contract(
  'cfca/idv/account-answer',
  strict({
    requestNo: ShortText,
    resultCode: Code,
    message: Type.String({ maxLength: 200 }),
    serialNo: Type.Optional(ShortText),
    validTo: Type.Optional(Instant),
    state: Type.Optional(Code),
    /** The bank's, for a payment that failed or came back. */
    reason: Type.Optional(Code),
    triesLeft: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
  }),
);
