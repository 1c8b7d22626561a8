import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUscc, usccCheckDigit } from '../../contracts/canonical/uscc.ts';
import type { Work } from '../attack.fixture.ts';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { accountOf, addAccount, changeAccount } from './accounts.ts';
import { admitted, applying } from './companyAttacks.fixture.ts';
import { inTime } from './elsewhen.fixture.ts';
import { drawingRefused, registerParty, renameParty } from './parties.ts';
import { applyForRole, rolesOf } from './roles.ts';
import { anyDigits, anyUscc, invited } from './specimens.fixture.ts';
import { recordAnswer, type VerificationKind } from './verifications.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const people = { maker: '甲', checker: '乙', source: 'hub' };
const tx = <T>(work: (tx: Tx) => Promise<T>) => the.store.tx(work);
const told = (work: Work) => refusal(the.store.tx(work));

let requests = 0;
const answers =
  (party: string, kinds: readonly VerificationKind[]): Work =>
  async (tx) => {
    for (const kind of kinds) {
      requests += 1;
      await recordAnswer(tx, party, { kind, requestNo: `T-${requests}`, result: 'match', serialNo: 'S' }, actor);
    }
  };

describe('the database checks a USCC as the code does', () => {
  test('whatever the characters', async () => {
    const symbol = fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZa '.split(''));
    const nearly = fc.array(fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXY'.split('')), {
      minLength: 17,
      maxLength: 17,
    });
    const codes = fc.oneof(
      fc.array(symbol, { maxLength: 20 }).map((all) => all.join('')),
      nearly.map((first17) => first17.join('') + usccCheckDigit(first17.join(''))),
      fc.tuple(nearly, symbol).map(([first17, last]) => first17.join('') + last),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(codes, { minLength: 20, maxLength: 20 }), async (some) => {
        const found = await the.store.pool.query<{ ok: boolean }>(
          'select is_uscc(c) ok from unnest($1::text[]) with ordinality u(c, n) order by n',
          [some],
        );
        expect(found.rows.map(({ ok }) => ok)).toEqual(some.map(isUscc));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a company that nobody invited', () => {
  test('drafts, submits, is verified, and begins when two people have looked', async () => {
    const id = await tx((tx) =>
      registerParty(tx, { uscc: anyUscc(), name: '自荐有限公司', roles: ['SUPPLIER', 'CORE'] }, actor),
    );
    for (const event of ['draft', 'submit', 'check'] as const) await tx((tx) => move(tx, 'party', id, event, actor));
    expect(await told((tx) => move(tx, 'party', id, 'prove', actor))).toBe('PARTY_NOT_VERIFIED');
    await tx(answers(id, ['ENT4', 'BANK4']));
    expect(await told((tx) => move(tx, 'party', id, 'prove', actor))).toBe('PARTY_NOT_VERIFIED');
    await tx(answers(id, ['POA']));
    await tx((tx) => move(tx, 'party', id, 'prove', actor));
    expect(await told((tx) => move(tx, 'party', id, 'activate', actor))).toBe('SAME_PERSON_APPROVAL');
    const approval = await tx((tx) => decidedElsewhere(tx, { entity: 'party', id, event: 'activate' }, people, actor));
    await tx((tx) => move(tx, 'party', id, 'activate', actor, {}, { approval }));
    expect(await tx((tx) => stateOf(tx, 'party', id))).toBe('ACTIVE');
    expect(await tx((tx) => rolesOf(tx, id))).toEqual([]);
  });

  test('is not registered twice', async () => {
    const company = { uscc: anyUscc(), name: '一次有限公司', roles: [] };
    await tx((tx) => registerParty(tx, company, actor));
    expect(await told((tx) => registerParty(tx, company, actor))).toBe('party_uscc_key');
  });
});

describe('a role', () => {
  test('is granted by two people, suspended, resumed, revoked and asked for again', async () => {
    const party = await admitted(the);
    const licence = { no: 'B0001', sha256: 'a'.repeat(64) };
    const id = await tx((tx) => applyForRole(tx, party, 'FUNDER', actor, licence));
    const by = async (event: 'grant' | 'resume') => {
      const approval = await tx((tx) => decidedElsewhere(tx, { entity: 'party_role', id, event }, people, actor));
      await tx((tx) => move(tx, 'party_role', id, event, actor, {}, { approval }));
    };
    expect(await told((tx) => move(tx, 'party_role', id, 'grant', actor))).toBe('SAME_PERSON_APPROVAL');
    await by('grant');
    expect(await tx((tx) => rolesOf(tx, party))).toEqual(['FUNDER', 'TRADING_UNIT']);
    await tx((tx) => move(tx, 'party_role', id, 'suspend', actor));
    expect(await tx((tx) => rolesOf(tx, party))).toEqual(['TRADING_UNIT']);
    await by('resume');
    await tx((tx) => move(tx, 'party_role', id, 'revoke', actor));
    expect(await tx((tx) => applyForRole(tx, party, 'FUNDER', actor, licence))).toBe(id);
    expect(await tx((tx) => stateOf(tx, 'party_role', id))).toBe('APPLIED');
  });

  test('a dealer has his from the day he is verified, and not before', async () => {
    const party = await invited(the);
    expect(await tx((tx) => rolesOf(tx, party))).toEqual([]);
    expect(await tx((tx) => rolesOf(tx, the.dealer))).toEqual(['DEALER']);
  });
});

describe('an account', () => {
  const account = (accountNo: string, accountName: string) => ({
    accountNo,
    accountName,
    bankName: '虚构银行',
    bankCode: '102100099996',
  });
  const usable = (accountNo: string) => async (tx: Tx) =>
    (await tx.query<{ why: string | null }>('select account_usable($1) why', [accountNo])).rows[0]?.why ?? undefined;

  test('the first may be paid to at once, a second one after 24 hours', async () => {
    const first = anyDigits(20);
    const second = anyDigits(20);
    const party = await admitted(the, first);
    const name = (await tx((tx) => accountOf(tx, party))).accountName;
    await tx((tx) => addAccount(tx, party, account(second, name), 'VERIFIED', actor));
    expect([await tx(usable(first)), await tx(usable(second))]).toEqual([undefined, 'payee_not_cooling']);
    expect((await tx((tx) => accountOf(tx, party))).accountNo).toBe(first);
    expect(await inTime(the, 23.9, usable(second))).toBe('payee_not_cooling');
    expect(await inTime(the, 24.1, usable(second))).toBeUndefined();
  });

  test('one that changed is verified again and cools, under its new name as well', async () => {
    const no = anyDigits(20);
    const party = await admitted(the, no);
    const { accountName } = await tx((tx) => accountOf(tx, party));
    await tx((tx) => changeAccount(tx, { ...account(no, accountName), bankCode: '102100099997' }, actor));
    expect(await tx(usable(no))).toBe('account_not_verified');
    await tx((tx) => move(tx, 'bank_account', no, 'verify', actor));
    expect(await tx(usable(no))).toBe('payee_not_cooling');
    expect(await inTime(the, 25, usable(no))).toBeUndefined();
    await tx((tx) => renameParty(tx, party, '新名称有限公司', actor));
    expect(await tx((tx) => stateOf(tx, 'bank_account', no))).toBe('VERIFYING');
    await tx((tx) => move(tx, 'bank_account', no, 'verify', actor));
  });

  test('one that the hub does not know is not judged', async () => {
    expect(await tx(usable('1'))).toBeUndefined();
  });
});

describe('new business with a party', () => {
  test('stops at another name until the register says the same', async () => {
    const party = await admitted(the);
    expect(await tx((tx) => drawingRefused(tx, party))).toBeUndefined();
    await tx((tx) => renameParty(tx, party, '改名有限公司', actor));
    expect(await tx((tx) => drawingRefused(tx, party))).toBe('party_reverify_due');
    await tx(answers(party, ['BANK4']));
    expect(await tx((tx) => drawingRefused(tx, party))).toBe('party_reverify_due');
    await tx(answers(party, ['ENT4']));
    expect(await tx((tx) => drawingRefused(tx, party))).toBeUndefined();
  });

  test('ends with its licence', async () => {
    const party = await admitted(the);
    await tx((tx) =>
      tx.query('update party set licence_valid_to = (hub_now() + $2)::date where id = $1', [party, '2 days']),
    );
    expect(await tx((tx) => drawingRefused(tx, party))).toBeUndefined();
    expect(await inTime(the, 96, (tx) => drawingRefused(tx, party))).toBe('party_reverify_due');
  });

  test('whoever closes it and whoever applies at the same time do not pass each other', async () => {
    const deal = await the.bring('ordered');
    const party = await admitted(the);
    await tx((tx) => tx.query('update trade_order set buyer_id = $1 where order_no = $2', [party, deal.orderNo]));
    const apply: Work = applying({ ...the, dealer: party }, deal);
    const close: Work = (tx) => move(tx, 'party', party, 'close', actor);
    const [one, two] = await Promise.all([told(apply), told(close)]);
    expect([one, two].filter((answer) => answer === 'nothing refused it')).toHaveLength(1);
  });

  test('a party without obligations closes for good', async () => {
    const party = await admitted(the);
    await tx((tx) => move(tx, 'party', party, 'close', actor));
    await tx((tx) => move(tx, 'party', party, 'finish', actor));
    expect(await tx((tx) => drawingRefused(tx, party))).toBe('party_not_active');
  });
});

test('who takes part in a case stands there, each in his capacity', async () => {
  const { caseId } = await the.at('requested');
  const found = await the.store.pool.query<{ party_id: string; capacity: string }>(
    'select party_id, capacity from case_party where case_id = $1 order by capacity',
    [caseId],
  );
  const is = (party_id: string, capacity: string) => ({ party_id, capacity });
  expect(found.rows.filter(({ capacity }) => !['SELLER', 'KEEPER', 'CREDITOR'].includes(capacity))).toEqual([
    is(the.dealer, 'BORROWER'),
    is(the.dealer, 'BUYER'),
    is(the.funder, 'FUNDER'),
    is(the.funder, 'PLEDGEE'),
    is(the.dealer, 'PLEDGOR'),
    is(the.keeper, 'SUPERVISOR'),
  ]);
});

test('affiliates in one case are shown, not refused', async () => {
  const { caseId } = await the.at('requested');
  const found = await inTime(the, 0, async (tx) => {
    await tx.query("update party set group_code = 'G1' where id = any($1)", [[the.funder, the.dealer]]);
    return tx.query<{ capacity: string }>('select capacity from case_affiliates where case_id = $1 order by capacity', [
      caseId,
    ]);
  });
  expect(found.rows.map(({ capacity }) => capacity)).toEqual(['BORROWER', 'PLEDGOR']);
});
