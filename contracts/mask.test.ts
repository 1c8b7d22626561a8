import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Type } from 'typebox';
import { Account, AccountNo, IdNo, PersonName, Phone, Yuan } from './canonical/primitives.ts';
import { contract, strict, type Contract } from './contract.ts';
import { mask, type Pii } from './mask.ts';

const marked = (pii: Pii) => contract(`test/${pii}`, strict({ field: Type.String({ 'x-pii': pii }) }));

test.each<[Pii, string, string]>([
  ['name', '张三', '张*'],
  ['name', '欧阳娜娜', '欧***'],
  ['name', '买买提·艾合买提', '买***'],
  ['name', '张', '张*'],
  ['name', '𠮷田', '𠮷*'],
  ['idNo', '350203199001010017', '350***********0017'],
  ['idNo', '35020319900101001X', '350***********001X'],
  ['idNo', '1234567', '*******'],
  ['phone', '13800005521', '138****5521'],
  ['phone', '5521', '****'],
  ['account', '6222020000001234567', '***************4567'],
  ['account', '4567', '****'],
  ['account', '1', '*'],
  ['address', '福建省厦门市思明区某路一号', '福建省厦门市***'],
  ['address', '厦门市', '厦***'],
  ['secret', 'token', '***'],
  ['secret', '', '***'],
])('%s %s is shown as %s', (pii, value, shown) => {
  expect(mask(marked(pii), { field: value })).toEqual({ field: shown });
});

const Signer = strict({ name: PersonName, idNo: IdNo, phone: Type.Optional(Phone) });
const Letter = contract(
  'test/letter',
  strict({
    no: Type.String(),
    count: Type.Integer(),
    urgent: Type.Boolean(),
    amount: Yuan,
    kind: Type.Union([Type.Literal('a'), Type.Literal('b')]),
    signers: Type.Array(Signer),
    accounts: Type.Array(Type.Array(AccountNo)),
    maybe: Type.Union([IdNo, Type.Null()]),
    account: Account,
  }),
);
const letter = {
  no: 'AP-1',
  count: 3,
  urgent: true,
  amount: '12.00',
  kind: 'a',
  signers: [{ name: '张三', idNo: '350203199001010017' }],
  accounts: [['6222020000001234567'], []],
  maybe: '350203199001010017',
  account: {
    accountName: '虚构公司',
    accountNo: '6222020000001234567',
    bankName: '虚构银行',
    bankCode: '102100099996',
  },
};

test('what is marked is masked at any depth, what is described and not marked is shown', () => {
  expect(mask(Letter, letter)).toEqual({
    ...letter,
    signers: [{ name: '张*', idNo: '350***********0017' }],
    accounts: [['***************4567'], []],
    maybe: '350***********0017',
    account: { ...letter.account, accountNo: '***************4567' },
  });
  expect(mask(Letter, { ...letter, maybe: null })).toMatchObject({ maybe: null });
  expect(mask(Letter, { maybe: undefined })).toEqual({ maybe: undefined });
});

test('the message itself stays as it is', () => {
  const before = structuredClone(letter);
  mask(Letter, letter);
  expect(letter).toEqual(before);
});

describe('what the contract does not describe is masked whole', () => {
  test.each<[string, object, unknown]>([
    ['an unknown text', { extra: '张三' }, { extra: '***' }],
    ['an unknown number', { extra: 13800005521 }, { extra: '***' }],
    ['an unknown truth value', { extra: true }, { extra: '***' }],
    ['an unknown object', { extra: { deep: [{ phone: 1 }] } }, { extra: { deep: [{ phone: '***' }] } }],
    ['a name of JavaScript itself', { constructor: '张三', toString: 1 }, { constructor: '***', toString: '***' }],
    ['a text where a number should be', { count: '张三' }, { count: '***' }],
    ['a number where a text should be', { no: 13800005521 }, { no: '***' }],
    ['a word that is none of the union', { kind: '张三' }, { kind: '***' }],
    ['a text where an object should be', { signers: '张三' }, { signers: '***' }],
    ['an object where a text should be', { no: { name: '张三' } }, { no: { name: '***' } }],
    ['an array where a text should be', { no: ['张三'] }, { no: ['***'] }],
    ['an object where marked text should be', { maybe: { idNo: 1 } }, { maybe: { idNo: '***' } }],
    ['null and the empty text say nothing', { extra: null, other: '' }, { extra: null, other: '' }],
  ])('%s', (_, message, shown) => {
    expect(mask(Letter, message)).toEqual(shown);
  });
});

test('a number in a marked field is masked by its mark', () => {
  expect(mask(marked('phone'), { field: 13800005521 })).toEqual({ field: '138****5521' });
});

test('a message without contract is masked whole', () => {
  expect(mask(undefined, { a: '张三', b: 13800005521, c: [1.5, true, null, ''], d: {} })).toEqual({
    a: '***',
    b: '***',
    c: ['***', '***', null, ''],
    d: {},
  });
  expect(mask(undefined, '张三')).toBe('***');
  expect(mask(undefined, 350203)).toBe('***');
  expect(mask(undefined, undefined)).toBe(undefined);
});

test('in a union of objects the marks of all members count, whichever it is', () => {
  const either = contract(
    'test/either',
    Type.Union([
      strict({ outcome: Type.Literal('refused'), who: Type.String() }),
      strict({ outcome: Type.Literal('confirmed'), who: PersonName, response: Signer }),
      Type.Array(strict({ phone: Phone })),
    ]),
  );
  expect(mask(either, { outcome: 'confirmed', who: '张三', response: { name: '张三', idNo: '1' } })).toEqual({
    outcome: 'confirmed',
    who: '张*',
    response: { name: '张*', idNo: '*' },
  });
  expect(mask(either, { outcome: 'refused', who: '张三' })).toEqual({ outcome: 'refused', who: '张*' });
  expect(mask(either, [{ phone: '13800005521' }])).toEqual([{ phone: '138****5521' }]);
});

test('a part that may be anything is masked whole', () => {
  const open = contract('test/open', strict({ data: Type.Unknown(), map: Type.Record(Type.String(), Type.String()) }));
  expect(mask(open, { data: { name: '张三', n: 1 }, map: { a: '张三' } })).toEqual({
    data: { name: '***', n: '***' },
    map: { a: '***' },
  });
});

test('no message, however shaped, shows a value that no contract describes, nor makes the mask throw', () => {
  const secret = '绝密350203199001010017';
  const withSecret = (text: string) => text.includes('绝密') || text.includes('199001');
  fc.assert(
    fc.property(
      fc.constantFrom<Contract | undefined>(undefined, Letter),
      fc.letrec((tie) => ({
        value: fc.oneof(
          { depthSize: 'small' },
          fc.constant(secret),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(
            fc.oneof(fc.constantFrom('signers', 'maybe', 'accounts', '__proto__', 'account'), fc.string()),
            tie('value'),
            { maxKeys: 4 },
          ),
        ),
      })).value,
      (against, message) => {
        const shown = JSON.stringify(Object.values(Object(mask(against, [message])))) ?? '';
        const values: unknown[] = [];
        JSON.parse(shown, (_, value: unknown) => values.push(value) && value);
        expect(values.filter((value) => typeof value === 'string' && withSecret(value))).toEqual([]);
      },
    ),
  );
});
