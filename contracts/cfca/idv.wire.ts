/**
 * The `idv` dialect on the wire. CFCA's own identity API is handed out under contract only, so this one is ours, in the
 * shape that the public identity vendors share: two-digit results, a flag per factor, a billing flag, and a request
 * number under which the first answer is given again.
 *
 * These are the messages in the clear. On the wire each of `idvSealedFields` is base64(IV ‖ SM4-CBC(value)).
 */
import { Type } from 'typebox';
import { CompanyName, IdNo, PersonName, Phone, ShortText, Uscc } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

export const IdvEnterpriseFour = contract(
  'cfca/idv/enterprise-four',
  strict({ requestNo: ShortText, entName: CompanyName, creditCode: Uscc, legalName: PersonName, legalIdNo: IdNo }),
);

export const IdvBankcardFour = contract(
  'cfca/idv/bankcard-four',
  strict({
    requestNo: ShortText,
    name: PersonName,
    idNo: IdNo,
    cardNo: Type.String({ pattern: '^\\d{12,19}$', maxLength: 19, 'x-pii': 'account' }),
    mobile: Phone,
  }),
);

export const IdvQuery = contract('cfca/idv/query', strict({ requestNo: ShortText }));

/** What says something about a person travels encrypted; what a public register says about a company does not. */
export const idvSealedFields: ReadonlySet<string> = new Set([
  'legalName',
  'legalIdNo',
  'name',
  'idNo',
  'cardNo',
  'mobile',
  'accountNo',
  'amount',
]);

/** `1` is the same, `0` differs. */
const Flag = Type.Union([Type.Literal('1'), Type.Literal('0')]);

/** One shape for every answer. `serialNo`, `charged` and `factors` are there when a check was made. */
export const IdvAnswer = contract(
  'cfca/idv/answer',
  strict({
    requestNo: ShortText,
    resultCode: Type.String({ pattern: '^[0-9A-Z]{2}$', maxLength: 2 }),
    message: Type.String({ maxLength: 200 }),
    serialNo: Type.Optional(ShortText),
    charged: Type.Optional(Type.Boolean()),
    factors: Type.Optional(
      strict({
        entName: Type.Optional(Flag),
        creditCode: Type.Optional(Flag),
        legalName: Type.Optional(Flag),
        legalIdNo: Type.Optional(Flag),
        name: Type.Optional(Flag),
        idNo: Type.Optional(Flag),
        cardNo: Type.Optional(Flag),
        mobile: Type.Optional(Flag),
      }),
    ),
  }),
);
