/**
 * The people, companies and goods of the sandbox. All synthetic: names, codes and numbers belong to nobody, check digits
 * are right. Each twin takes from here what a counterparty of its kind would know; nothing else is shared between twins.
 */

interface Person {
  readonly name: string;
  readonly idNo: string;
  readonly phone: string;
  /** Bank card of the person, for the bankcard four factors. */
  readonly cardNo?: string;
}

interface BankAccount {
  readonly accountName: string;
  readonly accountNo: string;
  readonly bankName: string;
  readonly bankCode: string;
}

export interface WorldCompany {
  readonly name: string;
  readonly uscc: string;
  readonly legalRep: Person;
  readonly account: BankAccount;
}

/** A dealer (链属企业): buys from the trading unit, pledges, borrows. */
export interface Dealer extends WorldCompany {
  /** Customer number in the unit's SAP, with its leading zeros. */
  readonly sapNo: string;
  readonly agent: Person;
  readonly picker: Person & { readonly vehicle: string };
}

const bank = (accountName: string, accountNo: string): BankAccount => ({
  accountName,
  accountNo,
  bankName: '沙箱银行厦门分行',
  bankCode: '102393000018',
});

/** The trading unit (经营单位): sells, owns the SAP. */
export const unit = {
  name: '厦门链枢贸易有限公司',
  uscc: '91350200MA31000A09',
  legalRep: { name: '林国栋', idNo: '350200198001010014', phone: '13800000001' },
  account: bank('厦门链枢贸易有限公司', '4100020000000000101'),
  /** In which orders are booked unless a clerk says otherwise. */
  salesOrganization: '1000',
  /** What it sells is financed, kept and signed for through other systems. */
  otherSalesOrganization: '2000',
  companyCode: '1000',
} as const satisfies WorldCompany & {
  salesOrganization: string;
  otherSalesOrganization: string;
  companyCode: string;
};

/** The funder (资金方). */
export const funder = {
  name: '厦门链枢金控有限公司',
  uscc: '91350200MA35000E44',
  legalRep: { name: '陈立群', idNo: '350200197908090054', phone: '13800000005' },
  account: bank('厦门链枢金控有限公司', '4100020000000000505'),
  maker: 'credit-officer-wang',
  checker: 'credit-manager-zhao',
} as const satisfies WorldCompany & { maker: string; checker: string };

/** Keeper and supervisor (仓储监管方), independent of every pledgor. */
export const warehouse = {
  name: '厦门链枢云仓有限公司',
  uscc: '91350200MA36000F5T',
  legalRep: { name: '黄建平', idNo: '350200197603030069', phone: '13800000006' },
  account: bank('厦门链枢云仓有限公司', '4100020000000000606'),
  code: 'XM01',
} as const satisfies WorldCompany & { code: string };

export const dealers: readonly Dealer[] = [
  {
    name: '福建闽江钢材有限公司',
    uscc: '91350100MA32000B1T',
    sapNo: '0000017101',
    legalRep: { name: '郑海峰', idNo: '350100198202030024', phone: '13800000011' },
    agent: { name: '吴晓燕', idNo: '350100199005050071', phone: '13800000012', cardNo: '6222024100001230006' },
    picker: { name: '刘大勇', idNo: '350600199509090090', phone: '13800000013', vehicle: '闽A12345' },
    account: bank('福建闽江钢材有限公司', '4100020000000000202'),
  },
  {
    name: '泉州海峡建材有限公司',
    uscc: '91350500MA33000C26',
    sapNo: '0000017102',
    legalRep: { name: '许志强', idNo: '350500198504050030', phone: '13800000021' },
    agent: { name: '蔡明珠', idNo: '350500199207070080', phone: '13800000022', cardNo: '6222024100001240005' },
    picker: { name: '刘大勇', idNo: '350600199509090090', phone: '13800000013', vehicle: '闽C23456' },
    account: bank('泉州海峡建材有限公司', '4100020000000000303'),
  },
  {
    name: '漳州金阳物资有限公司',
    uscc: '91350600MA34000D32',
    sapNo: '0000017103',
    legalRep: { name: '洪雅芳', idNo: '350600198806070040', phone: '13800000031' },
    agent: { name: '洪雅芳', idNo: '350600198806070040', phone: '13800000031', cardNo: '6222024100001250004' },
    picker: { name: '刘大勇', idNo: '350600199509090090', phone: '13800000013', vehicle: '闽E34567' },
    account: bank('漳州金阳物资有限公司', '4100020000000000404'),
  },
];

export const companies: readonly WorldCompany[] = [unit, funder, warehouse, ...dealers];

/** Goods that are traded and pledged. Prices in yuan per unit, two decimals. */
export const materials = [
  { code: 'HRB400E-12', name: '螺纹钢 HRB400E 12mm', unit: 'TNE', sapUnit: 'TO', price: '3400.00' },
  { code: 'HRC-Q235B-3', name: '热轧卷板 Q235B 3.0mm', unit: 'TNE', sapUnit: 'TO', price: '3650.00' },
  { code: 'NI-9996-CATH', name: '电解镍 Ni9996', unit: 'TNE', sapUnit: 'TO', price: '128500.00' },
] as const;
