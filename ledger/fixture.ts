/** For tests: books with companies in them, and cases brought to a given point by the ledger's own functions. */
import type { Store } from '../store/store.ts';
import { freshDatabase } from '../test/database.ts';
import {
  accounts,
  actor,
  funderName,
  stageNames,
  stages,
  type Companies,
  type Deal,
  type Stage,
} from './fixtureStages.ts';
import { installLifecycles, type Tx } from './lifecycle.ts';
import { authorise } from './parties/authorities.ts';
import { admitParty, partyByRef, registerDealer } from './parties/parties.ts';
import type { Role } from './parties/roles.ts';
import { recordVerification } from './parties/verifications.ts';

export { refusal } from './attack.fixture.ts';
export { accounts, actor, dayMs, instruct, lent, stageNames, type Deal, type Stage } from './fixtureStages.ts';

export interface Books extends Companies {
  readonly url: string;
  readonly store: Store;
  drop(): Promise<void>;
  /** The case just after this stage. Each call opens a new one. */
  bring(stage: Stage): Promise<Deal>;
  /** A case at this stage for looking at and for acts that are rolled back: the same one each time, by number. */
  at(stage: Stage, no?: number): Promise<Deal>;
  /** The next stages of that case, until after this one. */
  advance(deal: Deal, stage: Stage): Promise<void>;
}

export async function books(): Promise<Books> {
  const db = await freshDatabase();
  await installLifecycles(db.store);
  const companies = await db.store.tx(admitCompanies);
  const advance = async (deal: Deal, stage: Stage) => {
    for (const name of stageNames.slice(deal.done, stageNames.indexOf(stage) + 1)) {
      await db.store.tx((tx) => stages[name](tx, deal, companies));
      deal.done += 1;
    }
  };
  let opened = 0;
  const bring = async (stage: Stage) => {
    const deal = newDeal((opened += 1));
    await advance(deal, stage);
    return deal;
  };
  const kept = new Map<string, Promise<Deal>>();
  const at = (stage: Stage, no = 1) => {
    const known = kept.get(`${stage} ${no}`) ?? bring(stage);
    kept.set(`${stage} ${no}`, known);
    return known;
  };
  return { ...companies, at, url: db.url, store: db.store, drop: () => db.drop(), bring, advance };
}

function newDeal(n: number): Deal {
  const no = (prefix: string) => `${prefix}20261123-${String(n).padStart(6, '0')}`;
  const lot = (i: number, quantity: string) => ({
    lotNo: `${no('L')}-${i}`,
    materialCode: 'HRB400',
    quantity,
    unit: 'TNE',
  });
  return {
    caseId: no('CASE-'),
    orderNo: no('SO'),
    applicationNo: no('AP'),
    envelopeNo: no('EN'),
    pledgeNo: no('PL'),
    requestNo: no('RG'),
    paymentNo: no('DB'),
    loanNo: no('LN'),
    repaymentNo: no('RP'),
    releaseNo: no('RO'),
    lots: [lot(1, '700.500'), lot(2, '500.000')],
    done: 0,
  };
}

async function admitCompanies(tx: Tx): Promise<Companies> {
  const account = (accountName: string, accountNo: string) => ({
    accountName,
    accountNo,
    bankName: '虚构银行',
    bankCode: '102100099996',
  });
  const admit = (uscc: string, name: string, role: Role, accountNo?: string) =>
    admitParty(
      tx,
      {
        uscc,
        name,
        role,
        isOperator: role === 'OPERATOR',
        ...(accountNo === undefined ? {} : { account: account(name, accountNo) }),
      },
      actor,
    );
  const unit = await admit('91350100M000100Y43', '虚构贸易有限公司', 'TRADING_UNIT', accounts.unit);
  const funder = await admit('91110108722619411A', funderName, 'FUNDER', accounts.funder);
  const keeper = await admit('913301087458306077', '虚构仓储有限公司', 'WAREHOUSE');
  await admit('91110000802100433B', '虚构平台有限公司', 'OPERATOR', accounts.operator);
  const invited = await partyByRef(tx, 'erp', '17101', '客户甲', actor);
  const dealer = await registerDealer(
    tx,
    invited.id,
    {
      uscc: '914403001922038216',
      name: '客户甲有限公司',
      account: account('客户甲有限公司', accounts.dealer),
      consents: [{ purpose: 'financing', recipient: funderName }],
    },
    actor,
  );
  await authorise(
    tx,
    dealer,
    { name: '张三', idNo: '350203199001010017', phone: '13800005521' },
    { sha256: 'b'.repeat(64) },
    actor,
  );
  const results = (['ENT4', 'BANK4', 'ORG_ACCT'] as const).map((kind) => ({
    kind,
    requestNo: `V-${kind}`,
    result: 'match' as const,
    serialNo: `S-${kind}`,
  }));
  await recordVerification(tx, dealer, accounts.dealer, results, actor);
  return { unit, funder, keeper, dealer };
}
