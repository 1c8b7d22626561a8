/** The vocabulary of fields: each constructor takes the Chinese title, what it is in English, and the source that forces it. */
import { Type, type TEnum, type TSchema } from 'typebox';
import { strict } from '../contract.ts';
import {
  AccountNo,
  BankCode,
  BusinessDate,
  CompanyName,
  Currency,
  IdNo,
  Instant,
  PersonName,
  Phone,
  Quantity,
  Rate,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
  Uscc,
  Yuan,
} from './primitives.ts';

/** ULID, Crockford base 32. */
const Ulid = Type.String({ pattern: '^[0-7][0-9A-HJKMNP-TV-Z]{25}$', maxLength: 26 });
/** A difference of two amounts. */
const SignedYuan = Type.String({ pattern: '^-?(0|[1-9]\\d{0,14})\\.\\d{2}$', maxLength: 19, 'x-unit': 'CNY' });
/** A share of one: `"0.700000"` is 70 %. */
const Fraction = Type.String({ pattern: '^[01]\\.\\d{6}$', maxLength: 8, 'x-unit': '1' });
const Multiplier = Type.String({ pattern: '^\\d\\.\\d{6}$', maxLength: 8, 'x-unit': '1' });
/** A difference of two quantities. */
const SignedQuantity = Type.String({ pattern: '^-?(0|[1-9]\\d{0,11})\\.\\d{3}$', maxLength: 17 });
const Sm3Hex = Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 });
const Address = Type.String({ minLength: 4, maxLength: 200, pattern: '^\\P{Cc}+$' });
const Secret = Type.String({ minLength: 4, maxLength: 128, pattern: '^\\P{Cc}+$', 'x-pii': 'secret' });
/** Seal, signature, time stamp: bytes as base64. */
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', minLength: 4, maxLength: 16_384 });

const sourceMark = ' Source: ';

/** English text and source are one `description`; `sourceOf` tells them apart again. */
export function describe(en: string, source?: string): string {
  return source === undefined ? `${en}.` : `${en}.${sourceMark}${source}.`;
}

export function sourceOf(description: string): { readonly text: string; readonly source: string } {
  const [text = '', source = ''] = description.split(sourceMark);
  return { text, source: source.replace(/\.$/, '') };
}

/** The same type under a title. Before `opt`, never after it: an optional field that is copied is optional no more. */
export function label<S extends TSchema>(schema: S, zh: string, en: string, source?: string): S {
  return { ...schema, title: zh, description: describe(en, source) };
}

type Label = readonly [zh: string, en: string, source?: string];
const of =
  <S extends TSchema>(schema: S) =>
  (...about: Label): S =>
    label(schema, ...about);

export const ulid = of(Ulid);
export const bizText = of(ShortText);
export const text = of(Text);
export const longText = of(Type.String({ minLength: 1, maxLength: 4000, pattern: '^[^\\u0000]+$' }));
export const yuan = of(Yuan);
export const signedYuan = of(SignedYuan);
export const rate = of(Rate);
export const fraction = of(Fraction);
export const multiplier = of(Multiplier);
export const quantity = of(Quantity);
export const signedQuantity = of(SignedQuantity);
export const unit = of(Unit);
export const date = of(BusinessDate);
export const instant = of(Instant);
export const flag = of(Type.Boolean());
export const uscc = of(Uscc);
export const companyName = of(CompanyName);
export const personName = of(PersonName);
export const idNo = of(IdNo);
export const phone = of(Phone);
export const sha256 = of(Sha256Hex);
export const sm3 = of(Sm3Hex);
export const address = of(Address);
export const secret = of(Secret);
export const base64 = of(Base64);
/** One instrument's currency for all its amounts (I-23). */
export const currency = label(
  Currency,
  '币种',
  'ISO 4217 code of every amount of this object; CNY unless agreed',
  'I-23',
);

export function opt<S extends TSchema>(schema: S) {
  return Type.Optional(schema);
}

export function one<const V extends readonly string[]>(
  values: V,
  zh: string,
  en: string,
  source?: string,
  example: V[number] | undefined = values[0],
): TEnum<[...V]> {
  const examples = example === values[0] ? {} : { examples: [example] };
  return label(Type.Enum<[...V]>([...values], { type: 'string', ...examples }), zh, en, source);
}

export function integer(zh: string, en: string, minimum = 0, maximum = 1_000_000_000) {
  return label(Type.Integer({ minimum, maximum }), zh, en);
}

export function list<S extends TSchema>(items: S, zh: string, en: string, maxItems = 100, minItems = 0) {
  return label(Type.Array(items, { minItems, maxItems }), zh, en);
}

export function object<P extends Record<string, TSchema>>(zh: string, en: string, fields: P, source?: string) {
  return strict(fields, { title: zh, description: describe(en, source) });
}

/** `Company` of the primitives, each field with its title. */
export const company = (zh: string, en: string, source?: string) =>
  object(
    zh,
    en,
    {
      name: companyName('企业名称', 'Exact legal name'),
      uscc: uscc('统一社会信用代码', 'GB 32100-2015, with its check digit'),
    },
    source,
  );

/** `Account` of the primitives, each field with its title. */
export const account = (zh: string, en: string, source?: string) =>
  object(
    zh,
    en,
    {
      accountName: companyName('户名', 'Equals the legal name'),
      accountNo: label(AccountNo, '账号', 'Digits as the bank writes them', 'JR/T 0171-2020 (C2)'),
      bankName: label(Type.String({ minLength: 2, maxLength: 100 }), '开户行', 'Name of the branch'),
      bankCode: label(BankCode, '联行号', 'CNAPS code, twelve digits'),
    },
    source,
  );

/** A person who acts or signs. Names and numbers are personal data of class C2 (JR/T 0171-2020). */
export const person = (zh: string, en: string) =>
  object(zh, en, {
    name: personName('姓名', 'Full name'),
    idNo: idNo('证件号码', 'Resident identity number, GB 11643'),
  });

/** Parts of lots. */
export const lots = (zh: string, en: string) =>
  list(
    object('批次数量', 'Part of a lot', {
      lotNo: bizText('批次号', 'Number of the warehouse'),
      materialCode: bizText('物料编码', 'Material in the canonical code table'),
      quantity: quantity('数量', 'In `unit`, three decimals'),
      unit: unit('计量单位', 'UN/ECE Rec 20'),
    }),
    zh,
    en,
    500,
    1,
  );

/** A document by its hash; the bytes are fetched from where they are kept. */
export const file = (zh: string, en: string, source?: string) =>
  object(
    zh,
    en,
    {
      name: text('文件名', 'Name for people'),
      sha256: sha256('SHA-256 摘要', 'Hash of the bytes, lower-case hex'),
      bytes: opt(integer('字节数', 'Length in bytes', 1, 1_073_741_824)),
    },
    source,
  );
export const files = (zh: string, en: string) =>
  list(
    object('文件', 'One document', {
      type: bizText('类型', 'Kind of document, by the code table of documents'),
      name: text('文件名', 'Name for people'),
      sha256: sha256('SHA-256 摘要', 'Hash of the bytes, lower-case hex'),
    }),
    zh,
    en,
  );
