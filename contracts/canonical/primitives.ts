/** The field types that all canonical contracts share. Each has one form inside the hub; every adapter converts (domain.md 1.0). */
import { Type, type TObject, type TProperties } from 'typebox';

/** Yuan with two decimals, as a string: JSON numbers lose money above 2^53. At most 15 integer digits (HNDEMP). */
export const Yuan = Type.String({ pattern: '^(0|[1-9]\\d{0,14})\\.\\d{2}$', maxLength: 18, 'x-unit': 'CNY' });

/** Annual rate as a fraction with six decimals: `"0.052000"` is 5.2 % a year. */
export const Rate = Type.String({ pattern: '^[01]\\.\\d{6}$', maxLength: 8, 'x-unit': 'per year' });

/** Quantity with three decimals; its unit stands beside it. */
export const Quantity = Type.String({ pattern: '^(0|[1-9]\\d{0,11})\\.\\d{3}$', maxLength: 16 });

/** UN/ECE Recommendation 20 unit code: `TNE` tonne, `KGM` kilogram, `MTQ` cubic metre, `C62` piece. */
export const Unit = Type.String({ pattern: '^[A-Z0-9]{2,3}$', maxLength: 3 });

/** ISO 4217. */
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', maxLength: 3 });

/** A business date in Asia/Shanghai. */
export const BusinessDate = Type.String({ format: 'date', maxLength: 10 });

/** An instant, RFC 3339 with offset. */
export const Instant = Type.String({ format: 'date-time', maxLength: 35 });

/** A number that one party gave to something: order, notice, instruction. */
export const ShortText = Type.String({ minLength: 1, maxLength: 64, pattern: '^\\P{Cc}+$' }); // No control characters.
export const Text = Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000]+$' });

/** Unified social credit code (统一社会信用代码), GB 32100-2015; the check digit is checked by `isUscc`. */
export const Uscc = Type.String({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$', maxLength: 18 });

/** Exact legal name of a company: public, and the key of a registry search. */
export const CompanyName = Type.String({ minLength: 2, maxLength: 100 });

export const PersonName = Type.String({ minLength: 1, maxLength: 50, 'x-pii': 'name' });
/** Resident identity number, GB 11643-1999. */
export const IdNo = Type.String({ pattern: '^\\d{17}[\\dX]$', maxLength: 18, 'x-pii': 'idNo' });
export const Phone = Type.String({ pattern: '^1\\d{10}$', maxLength: 11, 'x-pii': 'phone' });
export const AccountNo = Type.String({ pattern: '^[0-9-]{6,32}$', maxLength: 32, 'x-pii': 'account' });
/** Bank routing code (联行号), twelve digits. */
export const BankCode = Type.String({ pattern: '^\\d{12}$', maxLength: 12 });
export const Sha256Hex = Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 });

function object<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties, { additionalProperties: false });
}

/** A company as it appears in messages. */
export const Company = object({ name: CompanyName, uscc: Uscc });

/** A company's bank account. */
export const Account = object({
  accountName: CompanyName,
  accountNo: AccountNo,
  bankName: Type.String({ minLength: 2, maxLength: 100 }),
  bankCode: BankCode,
});

/** A part of a stock lot (批次). */
export const LotQuantity = object({ lotNo: ShortText, materialCode: ShortText, quantity: Quantity, unit: Unit });
