/** For tests: attacks on what holds of a company: its code, its proof, its roles, its accounts. */
import { randomUUID } from 'node:crypto';
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import { submitApplication } from '../financing/applications.ts';
import { accounts, actor, lent, type Books, type Deal } from '../fixture.ts';
import { move } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { activateEntry, proposeEntry } from '../oversight/blacklist.ts';
import { addAccount } from './accounts.ts';
import { keepArchive } from './archives.ts';
import { anyDigits, anySigner, anyUscc, invited } from './specimens.fixture.ts';
import { authorise } from './authorities.ts';
import { admitParty, registerDealer, renameParty } from './parties.ts';
import { applyForRole, roleId } from './roles.ts';

const trigger = (table: string, name: string) => `drop trigger ${name} on ${table}`;
const people = { maker: '甲', checker: '乙', source: 'hub' };

/** A company that is admitted, in the role of a trading unit. */
export function admitted(the: Books, accountNo?: string): Promise<string> {
  const name = `虚构${anyDigits(6)}有限公司`;
  const account = { accountName: name, accountNo: accountNo ?? '', bankName: '虚构银行', bankCode: '102100099996' };
  const company = {
    uscc: anyUscc(),
    name,
    role: 'TRADING_UNIT' as const,
    ...(accountNo === undefined ? {} : { account }),
  };
  return the.store.tx((tx) => admitParty(tx, company, actor));
}

/** The dealer applies for the order of that case. */
export const applying =
  (the: Books, deal: Deal): Work =>
  (tx) =>
    submitApplication(
      tx,
      {
        no: `AP-${randomUUID()}`,
        caseId: deal.caseId,
        orderNo: deal.orderNo,
        borrower: the.dealer,
        funder: the.funder,
        amount: lent,
        currency: 'CNY',
        tenorDays: 90,
        purpose: '采购螺纹钢',
        payeeAccount: accounts.unit,
      },
      actor,
    );

const closedToBusiness = (name: string, code: string, first: (the: Books) => Work): Attack => ({
  name: `application_parties_open: ${name}`,
  code,
  drop: trigger('application', 'application_parties_open'),
  prepare: async (the) => {
    const apply = applying(the, await the.at('ordered', 31));
    const before = first(the);
    return async (tx) => {
      await before(tx);
      await apply(tx);
    };
  },
});

const companies: readonly Attack[] = [
  {
    name: 'funder_takes_customer',
    code: 'NO_FUNDER_AVAILABLE',
    drop: trigger('application', 'funder_takes_customer'),
    prepare: async (the) => {
      const apply = applying(the, await the.at('ordered', 36));
      return async (tx) => {
        await keepArchive(tx, the.dealer, the.funder, { refusal: '行业限制' });
        await apply(tx);
      };
    },
  },
  {
    name: 'uscc_check_digit',
    code: 'USCC_CHECKDIGIT',
    drop: 'alter table party drop constraint uscc_check_digit',
    prepare: async (the) => sql(`update party set uscc = '91350100M000100Y40' where id = '${await invited(the)}'`),
  },
  {
    name: 'party_is_proven',
    code: 'PARTY_NOT_VERIFIED',
    drop: trigger('party', 'party_is_proven'),
    prepare: async (the) => {
      const id = await invited(the);
      const name = '客户丁有限公司';
      const account = { accountName: name, accountNo: anyDigits(20), bankName: '虚构银行', bankCode: '102100099996' };
      await the.store.tx((tx) => registerDealer(tx, id, { uscc: anyUscc(), name, account, consents: [] }, actor));
      return (tx) => move(tx, 'party', id, 'verify', actor);
    },
  },
  {
    name: 'party_reverifies',
    code: 'PARTY_NOT_VERIFIED',
    drop: trigger('party', 'party_reverifies'),
    prepare: async (the) => {
      const id = await admitted(the);
      await the.store.tx((tx) => renameParty(tx, id, '改名有限公司', actor));
      return sql(`update party set reverify_since = null where id = '${id}'`);
    },
  },
  {
    name: 'party_owes_nothing',
    code: 'NOT_ALLOWED',
    drop: trigger('party', 'party_owes_nothing'),
    prepare: async (the) => {
      await the.at('applied');
      return (tx) => move(tx, 'party', the.dealer, 'close', actor);
    },
  },
  {
    name: 'unfreeze_not_blacklisted',
    code: 'NOT_ALLOWED',
    drop: trigger('party', 'unfreeze_not_blacklisted'),
    prepare: async (the) => {
      const { party } = await blacklistedParty(the);
      const subject = { entity: 'party', id: party, event: 'unfreeze' } as const;
      const approval = await the.store.tx((tx) => decidedElsewhere(tx, subject, people, actor));
      return (tx) => move(tx, 'party', party, 'unfreeze', actor, {}, { approval });
    },
  },
  {
    name: 'name_change_reopens_accounts',
    code: 'NAME_MISMATCH',
    atCommit: true,
    drop: trigger('party', 'name_change_reopens_accounts'),
    prepare: async (the) => {
      const id = await admitted(the, anyDigits(20));
      return sql(`update party set legal_name = '改名有限公司' where id = '${id}'`);
    },
  },
  {
    name: 'party_ref_kept',
    code: 'NOT_ALLOWED',
    drop: trigger('party_ref', 'party_ref_kept'),
    prepare: async (the) => sql(`delete from party_ref where party_id = '${await invited(the)}'`),
  },
  closedToBusiness(
    'the borrower is frozen',
    'PARTY_NOT_VERIFIED',
    (the) => (tx) => move(tx, 'party', the.dealer, 'freeze', actor),
  ),
  closedToBusiness(
    'it has another name',
    'PARTY_NOT_VERIFIED',
    (the) => (tx) => renameParty(tx, the.dealer, '改名有限公司', actor),
  ),
  closedToBusiness('its licence has expired', 'PARTY_NOT_VERIFIED', (the) =>
    sql(`update party set licence_valid_to = '2020-01-01' where id = '${the.dealer}'`),
  ),
  closedToBusiness('it is on the blacklist', 'NOT_ALLOWED', (the) => async (tx) => {
    const found = await tx.query<{ uscc: string }>('select uscc from party where id = $1', [the.dealer]);
    const entry = { scope: 'LOCAL', reasonCode: 'FRAUD', source: 'FRAUD' } as const;
    const id = await proposeEntry(tx, { subject: { uscc: found.rows[0]?.uscc ?? '' }, ...entry }, actor);
    const approval = await decidedElsewhere(tx, { entity: 'blacklist', id, event: 'activate' }, people, actor);
    await move(tx, 'blacklist', id, 'activate', actor, {}, { approval });
  }),
  closedToBusiness('the funder may not act as one', 'NO_FUNDER_AVAILABLE', (the) => async (tx) => {
    await move(tx, 'party_role', await roleId(tx, the.funder, 'FUNDER'), 'suspend', actor);
  }),
  {
    name: 'legal_rep_changes',
    code: 'PARTY_NOT_VERIFIED',
    drop: trigger('sign_authority', 'legal_rep_changes'),
    prepare: async (the) => {
      const apply = applying(the, await the.at('ordered', 31));
      return async (tx) => {
        await authorise(tx, the.dealer, anySigner(), 'LEGAL_REP', actor);
        await authorise(tx, the.dealer, anySigner(), 'LEGAL_REP', actor);
        await apply(tx);
      };
    },
  },
];

const roles: readonly Attack[] = [
  {
    name: 'funder_is_licensed',
    code: 'NOT_ALLOWED',
    drop: 'alter table party_role drop constraint funder_is_licensed',
    prepare: async (the) => {
      const party = await admitted(the);
      const id = await the.store.tx((tx) => applyForRole(tx, party, 'FUNDER', actor));
      const subject = { entity: 'party_role', id, event: 'grant' } as const;
      const approval = await the.store.tx((tx) => decidedElsewhere(tx, subject, people, actor));
      return (tx) => move(tx, 'party_role', id, 'grant', actor, {}, { approval });
    },
  },
  {
    name: 'role_needs_party',
    code: 'PARTY_NOT_VERIFIED',
    drop: trigger('party_role', 'role_needs_party'),
    prepare: async (the) => {
      const party = await invited(the);
      return async (tx) => move(tx, 'party_role', await roleId(tx, party, 'DEALER'), 'join', actor);
    },
  },
  {
    name: 'role_joins',
    code: 'SAME_PERSON_APPROVAL',
    drop: trigger('history', 'role_joins'),
    prepare: async (the) => {
      const party = await admitted(the);
      const id = await the.store.tx((tx) => applyForRole(tx, party, 'CORE', actor));
      return (tx) => move(tx, 'party_role', id, 'join', actor);
    },
  },
];

const bankAccounts: readonly Attack[] = [
  {
    name: 'account_cools',
    code: 'ACCOUNT_COOLING',
    drop: trigger('bank_account', 'account_cools'),
    prepare: async () =>
      sql(
        `update bank_account set usable_from = usable_from - interval '1 second' where account_no = '${accounts.unit}'`,
      ),
  },
  {
    name: 'account_change_reverified: the bank',
    code: 'PAYEE_NOT_MANDATED',
    drop: trigger('bank_account', 'account_change_reverified'),
    prepare: async () => sql(`update bank_account set bank_name = '别家银行' where account_no = '${accounts.unit}'`),
  },
  {
    name: 'account_change_reverified: the owner',
    code: 'PAYEE_NOT_MANDATED',
    drop: trigger('bank_account', 'account_change_reverified'),
    prepare: async (the) => {
      const accountNo = anyDigits(20);
      await admitted(the, accountNo);
      // Not verified any more, so that the name does not matter.
      await the.store.tx((tx) => move(tx, 'bank_account', accountNo, 'disable', actor));
      return sql(`update bank_account set party_id = '${the.unit}' where account_no = '${accountNo}'`);
    },
  },
  {
    name: 'account_name_is_legal',
    code: 'NAME_MISMATCH',
    drop: trigger('bank_account', 'account_name_is_legal'),
    prepare: async (the) => {
      const id = await admitted(the);
      const account = { accountName: '别人', accountNo: anyDigits(20), bankName: '虚构银行', bankCode: '102100099996' };
      return (tx) => addAccount(tx, id, account, 'VERIFIED', actor);
    },
  },
  {
    name: 'payee_not_cooling',
    code: 'ACCOUNT_COOLING',
    drop: trigger('payment', 'payee_not_cooling'),
    prepare: async (the) => {
      const { paymentNo } = await the.at('instructed');
      return sql(`update bank_account set usable_from = hub_now() + interval '1 hour' where account_no = '${accounts.unit}';
        update payment set payee_account = payee_account where no = '${paymentNo}'`);
    },
  },
];

export const companyAttacks: readonly Attack[] = [...companies, ...roles, ...bankAccounts];

/** A party that is frozen because it is on the blacklist, and the entry. */
export async function blacklistedParty(the: Books): Promise<{ party: string; entry: string }> {
  const party = await admitted(the);
  return the.store.tx(async (tx) => {
    const found = await tx.query<{ uscc: string }>('select uscc from party where id = $1', [party]);
    const proposal = { scope: 'LOCAL', reasonCode: 'FRAUD', source: 'FRAUD' } as const;
    const entry = await proposeEntry(tx, { subject: { uscc: found.rows[0]?.uscc ?? '' }, ...proposal }, actor);
    const subject = { entity: 'blacklist', id: entry, event: 'activate' } as const;
    await activateEntry(tx, entry, await decidedElsewhere(tx, subject, people, actor), actor);
    return { party, entry };
  });
}
