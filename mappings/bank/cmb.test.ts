import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import * as codes from './cmb.codes.ts';
import * as map from './cmb.ts';

type AnyMapping = (source: unknown) => unknown;
const mappings = map as unknown as Readonly<Record<string, AnyMapping>>;
const folder = new URL('examples/', import.meta.url);
const example = (file: string) =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: Record<string, unknown>; to: unknown };
const files = readdirSync(folder).filter((file) => file.startsWith('cmb.'));
const mappingOf = (file: string) => mappings[file.split('.')[1] ?? ''];

test.each(files)('%s maps as it says', (file) => {
  const { from, to } = example(file);
  expect(mappingOf(file)?.(from)).toEqual(to);
});

test.each(files)('%s with a field too many is refused', (file) => {
  expect(typeOf(() => mappingOf(file)?.({ ...example(file).from, surplus: 1 }))).toBe('CONTRACT_VIOLATED');
});

const payment = example('cmb.settlementEnquiry.succeeded.json').from['payment'] as Parameters<typeof map.isPending>[0];
const states = Object.keys(codes.requestStates.rows).flatMap((reqSts) =>
  ['', ...Object.keys(codes.results.rows)].map((rtnFlg) => [reqSts, rtnFlg] as const),
);

test.each(states.filter(([reqSts]) => reqSts !== 'FIN'))(
  'while the state is %s the result %j says nothing: the payment is under way',
  (reqSts, rtnFlg) => {
    expect(map.isPending({ reqSts, rtnFlg })).toBe(true);
    expect(mappings['settlementEnquiry']?.({ payment: { ...payment, reqSts, rtnFlg } })).toEqual({
      outcome: 'pending',
    });
  },
);

test.each(Object.entries(codes.results.rows))('a finished payment with the result %s is %s', (rtnFlg, row) => {
  const returned = { yurRef: 'PI-1', reqNbr: '0000000001', updDat: '20261124', rtnTxt: '' };
  const said = mappings['settlementEnquiry']?.({ payment: { ...payment, rtnFlg }, returned });
  expect(said).toMatchObject(row === 'pending' ? { outcome: 'pending' } : { response: { status: row } });
  expect(map.isReturned({ reqSts: 'FIN', rtnFlg })).toBe(row === 'returned');
});

test('a state or a result in no table is unknown: finished without a result, too', () => {
  const strange = [
    { reqSts: 'XYZ', rtnFlg: '' },
    { reqSts: 'FIN', rtnFlg: '' },
    { reqSts: 'FIN', rtnFlg: 'X' },
    { reqSts: 'constructor', rtnFlg: 'S' },
  ];
  expect(strange.map((each) => typeOf(() => map.isPending(each)))).toEqual(strange.map(() => 'EXT_CODE_UNMAPPED'));
});

test('a returned payment of which nobody says when it came back is no result', () => {
  expect(typeOf(() => mappings['settlementEnquiry']?.({ payment: { ...payment, rtnFlg: 'B' } }))).toBe(
    'CONTRACT_VIOLATED',
  );
});

test('a payee at a bank that nobody knows is refused before anything is sent', () => {
  const { from } = example('cmb.toPay.json');
  const disbursement = from['disbursement'] as { payee: object };
  const payee = { ...disbursement.payee, bankCode: '999393000018' };
  expect(typeOf(() => mappings['toPay']?.({ ...from, disbursement: { ...disbursement, payee } }))).toBe(
    'CONTRACT_VIOLATED',
  );
});

test('amounts of the statement are exact, whatever decimals and sign the front writes', () => {
  const { from } = example('cmb.statementOf.json');
  const [line] = from['lines'] as object[];
  const amountOf = (trsamt: unknown) => {
    const day = mappings['statementOf']?.({ ...from, lines: [{ ...line, trsamt }] }) as { lines: { amount: string }[] };
    return day.lines[0]?.amount;
  };
  expect(['12', '12.5', '-12.50', '999999999999999.99'].map(amountOf)).toEqual([
    '12.00',
    '12.50',
    '12.50',
    '999999999999999.99',
  ]);
  for (const trsamt of ['1e3', '1.001', '', 12]) expect(typeOf(() => amountOf(trsamt))).toBe('CONTRACT_VIOLATED');
});

function typeOf(act: () => unknown): unknown {
  try {
    act();
    return 'nothing thrown';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : thrown;
  }
}
