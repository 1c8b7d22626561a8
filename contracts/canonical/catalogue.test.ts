import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../failures.ts';
import { mask } from '../mask.ts';
import { catalogue, contractByName, entities, messages } from './catalogue.ts';
import type { Definition } from './definition.ts';
import { isUscc } from './uscc.ts';

/** The catalogue of messages as the domain wants it, by the thing they are about. */
const wanted: Readonly<Record<string, string>> = {
  'evt.party': 'activated reverifyRequired frozen',
  'evt.tradeDoc': 'snapshot',
  'evt.invoice': 'checked',
  'cmd.application': 'submit',
  'evt.application': 'returned locked routed decided withdrawn',
  'evt.limit': 'granted changed frozen expired',
  'cmd.receivable': 'confirm.request',
  'evt.receivable': 'confirmed rejected reduced disputed',
  'cmd.offer': 'publish',
  'evt.subscription': 'placed accepted outbid',
  'evt.rate': 'fixed',
  'cmd.sign': 'start',
  'evt.sign': 'signed rejected completed expired revoked',
  'cmd.registration': 'search create amend extend cancel',
  'evt.registration': 'searched registered amended extended cancelled expired objected',
  'evt.notice': 'delivered',
  'evt.goods': 'noticed received counted outbound adjusted',
  'evt.receipt': 'issued split merged endorsed cancelled',
  'cmd.stock': 'lock unlock',
  'evt.stock': 'locked lockFailed unlocked',
  'evt.control': 'confirmed',
  'cmd.release': 'request approve',
  'cmd.outbound': 'release',
  'cmd.disburse': 'request',
  'evt.payment': 'accepted succeeded failed unknown returned',
  'evt.loan': 'activated due overdue settled extended reversed',
  'evt.repayment': 'notified matched posted reversed',
  'evt.price': 'quoted',
  'evt.alert': 'opened acked escalated resolved',
  'evt.recon': 'fileReceived itemOpened itemResolved signedOff',
  'evt.evidence': 'anchored',
};
const wantedEntities =
  'party party-role bank-account sign-authority consent invitation verification product financing-project ' +
  'contract-template risk-model trade-contract order delivery invoice receivable receivable-certificate confirmation ' +
  'assignment-notice inbound-notice goods-receipt stock-lot warehouse-receipt pledge release-order credit-limit ' +
  'limit-movement financing-application loan plan-instalment repayment asset-offer subscription payment-instruction ' +
  'reconciliation-run reconciliation-item reconciliation-case registration registry-hit sign-envelope evidence-record ' +
  'price-quote alert blacklist-entry approval work-item';

interface Node {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly 'x-unit'?: string;
  readonly 'x-pii'?: string;
}

interface Place {
  readonly path: readonly string[];
  readonly node: Node;
  /** The fields beside it and beside each object around it. */
  readonly around: ReadonlySet<string>;
}

function places(node: Node, path: readonly string[] = [], around: ReadonlySet<string> = new Set()): Place[] {
  const inside = new Set([...around, ...Object.keys(node.properties ?? {})]);
  return [
    { path, node, around },
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => places(child, [...path, name], inside)),
    ...(node.items ? places(node.items, path, around) : []),
    ...(node.anyOf ?? []).flatMap((member) => places(member, path, around)),
  ];
}

const placesOf = ({ contract }: Definition) => places(contract.schema);
const own = [...entities, ...messages];
const named = (definitions: readonly Definition[]) => definitions.map((one) => [one.name, one] as const);
const chinese = /\p{Script=Han}/u;

function codes(definition: Definition, value: unknown): string[] {
  try {
    definition.contract.check(value);
    return [];
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.errors.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

test('every entity and every message of the domain is there, once, and nothing else', () => {
  const names = Object.entries(wanted).flatMap(([prefix, ends]) => ends.split(' ').map((end) => `${prefix}.${end}`));
  expect(messages.map(({ name }) => name).sort()).toEqual(names.sort());
  expect(entities.map(({ name }) => name).sort()).toEqual(wantedEntities.split(' ').sort());
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  expect(contractByName('warehouse-receipt')?.title).toBe('仓单');
  expect(contractByName('constructor')).toBeUndefined();
});

test('what kinds of systems promise is listed too, and what partners send to the portal is published', () => {
  const listed = (name: string) => contractByName(name)?.published;
  expect([listed('bank/disbursement'), listed('wms/goods-received'), listed('common/query-by-number')]).toEqual([
    false,
    false,
    false,
  ]);
  expect([listed('portal/application'), listed('sap/trade-order'), listed('evt.loan.due')]).toEqual([true, true, true]);
});

describe.each(named(catalogue))('%s', (_name, definition) => {
  test('compiles, has a Chinese title, a description, a version, and an example that keeps it', () => {
    expect(definition.title).toMatch(chinese);
    expect(definition.description).toMatch(/^[A-Z].{10,}\.$/s);
    expect(definition.version).toBeGreaterThanOrEqual(1);
    expect(codes(definition, definition.example)).toEqual([]);
  });
});

describe.each(named(own))('%s', (_name, definition) => {
  const example = definition.example as Readonly<Record<string, unknown>>;

  test('refuses an unknown field, on top and inside', () => {
    expect(codes(definition, { ...example, surprise: 1 })).toEqual(['#/surprise unknown_field']);
    for (const { path, node } of placesOf(definition).filter((place) => place.node.properties))
      expect([path.join('.'), (node as { additionalProperties?: unknown }).additionalProperties]).toEqual([
        path.join('.'),
        false,
      ]);
  });

  test('every field has a Chinese title and an English description, and the whole its source', () => {
    const fields = placesOf(definition).flatMap(({ path, node }) =>
      Object.entries(node.properties ?? {}).map(([name, field]) => ({ at: [...path, name].join('.'), field })),
    );
    const untold = fields.filter(
      ({ field }) => !chinese.test(field.title ?? '') || !/\w/.test(field.description ?? ''),
    );
    expect(untold.map(({ at }) => at)).toEqual([]);
    expect(definition.description).toMatch(/ Source: .+\.$/);
  });

  test('money travels with its currency, quantity with its unit (I-23)', () => {
    const alone = placesOf(definition).filter(
      ({ node, around }) =>
        (node['x-unit'] === 'CNY' && !around.has('currency')) ||
        (node.pattern?.endsWith('\\.\\d{3}$') === true && !around.has('unit')),
    );
    expect(alone.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('personal data and secrets carry their mark', () => {
    const people = /^(legalRep|beneficialOwners|person|picker|agent)$/;
    const unmarked = placesOf(definition).filter(({ path, node }) => {
      const [parent = '', field = ''] = path.slice(-2);
      const personal = /(^idNo|[pP]hone|accountNo|cardNo|amendCode|^token)$/.test(field);
      const name = field === 'name' && people.test(parent);
      return node.type === 'string' && (personal || name) && node['x-pii'] === undefined;
    });
    expect(unmarked.map(({ path }) => path.join('.'))).toEqual([]);
    const shown = JSON.stringify(mask(definition.contract, definition.example));
    expect(shown).not.toMatch(/350203199001010018|13800005521|4100020009006588121/);
  });

  test('no example names a real company: check digits are right, codes are those of the sandbox', () => {
    for (const [code] of JSON.stringify(example).matchAll(/(?<=")9135[0-9A-Z]{14}(?=")/g))
      expect(isUscc(code)).toBe(true);
  });
});

describe.each(named(messages))('%s', (_name, definition) => {
  test('has the one envelope, and is ordered by a field of its payload', () => {
    const { payload, ...envelope } = definition.example as { payload: Record<string, unknown> };
    expect(Object.keys(envelope).sort()).toEqual(
      [
        'businessDate',
        'caseNo',
        'causationId',
        'channel',
        'eventId',
        'occurredAt',
        'orderingKey',
        'producer',
        'recordedAt',
        'type',
        'version',
      ].sort(),
    );
    expect(envelope).toMatchObject({ type: definition.name, orderingKey: payload[definition.key ?? ''] });
    expect(codes(definition, { ...envelope, type: 'evt.other', payload })).toEqual(['#/type const']);
  });
});

test('an old invoice needs its code, a fully digital one has none', () => {
  const invoice = contractByName('invoice');
  if (!invoice) throw new Error('no invoice');
  const example = invoice.example as object;
  const of = (identity: object) => codes(invoice, { ...example, identity }).length === 0;
  const old = { form: 'TAX_CONTROL', invoiceCode: '3502261130', invoiceNo: '00012345', checkCode: '582910' };
  const digital = { form: 'FULLY_DIGITAL', invoiceNo: '26352000000012345678' };
  expect([of(old), of(digital)]).toEqual([true, true]);
  expect(of({ form: 'TAX_CONTROL', invoiceNo: '00012345' })).toBe(false);
  expect(of({ ...old, invoiceNo: digital.invoiceNo })).toBe(false);
  expect(of({ ...digital, invoiceCode: old.invoiceCode })).toBe(false);
  expect(of({ ...digital, invoiceNo: old.invoiceNo })).toBe(false);
});

/** Civil Code article 909, and what GB/T 30332-2024 adds. */
test.each([
  'depositor',
  'depositorAddress',
  'goods',
  'lossStandard',
  'storagePlace',
  'storageFrom',
  'storageTo',
  'storageFee',
  'issuer',
  'issuedPlace',
  'issuedOn',
  'keeperSeal',
  'word',
  'receiptNo',
  'rightsNotice',
])('a warehouse receipt without %s is none', (field) => {
  const receipt = contractByName('warehouse-receipt');
  if (!receipt) throw new Error('no receipt');
  const { [field]: _gone, ...rest } = receipt.example as Record<string, unknown>;
  expect(codes(receipt, rest)).toEqual([`#/${field} required`]);
});
