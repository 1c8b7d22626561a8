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

/** A bank that finances beside the group's own company. */
export const cityBank = {
  name: '厦门链枢城市银行股份有限公司',
  uscc: '91350200MA37000G0Y',
  legalRep: { name: '沈慧敏', idNo: '350200198102030014', phone: '13800000007' },
  account: bank('厦门链枢城市银行股份有限公司', '4100020000000000707'),
} as const satisfies WorldCompany;

/** A commercial factor (商业保理公司) in another province. */
export const factor = {
  name: '深圳链枢商业保理有限公司',
  uscc: '91440300MA38000H0A',
  legalRep: { name: '方振华', idNo: '440300197506070023', phone: '13800000008' },
  account: bank('深圳链枢商业保理有限公司', '4100020000000000808'),
} as const satisfies WorldCompany;

/** The core enterprise (核心企业): owes its suppliers, confirms what it owes. */
export const core = {
  name: '山东链枢置业集团有限公司',
  uscc: '91370100MA39000J09',
  legalRep: { name: '孔令文', idNo: '370100196908090031', phone: '13800000009' },
  account: bank('山东链枢置业集团有限公司', '4100020000000000909'),
} as const satisfies WorldCompany;

/** Its suppliers (资产方): creditors of receivables. */
export const suppliers = [
  {
    name: '济南泉城建筑材料有限公司',
    uscc: '91370100MA3A000K0W',
    legalRep: { name: '孟庆山', idNo: '370100198203040041', phone: '13800000041' },
    agent: { name: '韩雪', idNo: '370100199001020071', phone: '13800000042', cardNo: '6222024100001260003' },
    account: bank('济南泉城建筑材料有限公司', '4100020000000001010'),
  },
  {
    name: '潍坊鸢都装饰工程有限公司',
    uscc: '91370700MA3B000L0F',
    legalRep: { name: '宋立新', idNo: '370700198605060056', phone: '13800000051' },
    agent: { name: '曹颖', idNo: '370100199102030084', phone: '13800000052', cardNo: '6222024100001270002' },
    account: bank('潍坊鸢都装饰工程有限公司', '4100020000000001111'),
  },
] as const satisfies readonly (WorldCompany & { readonly agent: Person })[];

/** A steel mill (上游卖方): sells goods that it has yet to make. */
export const mill = {
  name: '宁德链枢钢铁有限公司',
  uscc: '91350900MA3C000M05',
  legalRep: { name: '连志远', idNo: '35090019770101006X', phone: '13800000061' },
  account: bank('宁德链枢钢铁有限公司', '4100020000000001212'),
} as const satisfies WorldCompany;

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

/** Customers of the unit that have yet to come in (待入驻企业); the fourth is run by its legal representative alone. */
export const applicants = [
  {
    name: '厦门鹭江五金有限公司',
    uscc: '91350200MA3D000N0L',
    sapNo: '0000017201',
    legalRep: { name: '庄启明', idNo: '350200198303040016', phone: '13800000071' },
    agent: { name: '江若琳', idNo: '350200199105060029', phone: '13800000072', cardNo: '6222024100001280001' },
    account: bank('厦门鹭江五金有限公司', '4100020000000001313'),
  },
  {
    name: '泉州清源石材有限公司',
    uscc: '91350500MA3E000P0P',
    sapNo: '0000017202',
    legalRep: { name: '傅文杰', idNo: '350500197908080039', phone: '13800000081' },
    agent: { name: '苏婉清', idNo: '350500199209090042', phone: '13800000082', cardNo: '6222024100001290000' },
    account: bank('泉州清源石材有限公司', '4100020000000001414'),
  },
  {
    name: '南平武夷木业有限公司',
    uscc: '91350700MA3F000Q0M',
    sapNo: '0000017203',
    legalRep: { name: '游建华', idNo: '350700198601010058', phone: '13800000091' },
    agent: { name: '范晓彤', idNo: '350700199302020066', phone: '13800000092', cardNo: '6222024100001300007' },
    account: bank('南平武夷木业有限公司', '4100020000000001515'),
  },
  {
    name: '宁德三都水产有限公司',
    uscc: '91350900MA3G000R0K',
    sapNo: '0000017204',
    legalRep: { name: '阮志豪', idNo: '35090019840505007X', phone: '13800000101' },
    agent: { name: '阮志豪', idNo: '35090019840505007X', phone: '13800000101', cardNo: '6222024100001310006' },
    account: bank('宁德三都水产有限公司', '4100020000000001616'),
  },
  {
    name: '福州鼓岭机电有限公司',
    uscc: '91350100MA3H000T0X',
    sapNo: '0000017205',
    legalRep: { name: '翁丽娟', idNo: '350100198707070080', phone: '13800000111' },
    agent: { name: '卢思远', idNo: '350100199408080099', phone: '13800000112', cardNo: '6222024100001320005' },
    account: bank('福州鼓岭机电有限公司', '4100020000000001717'),
  },
] as const satisfies readonly (WorldCompany & { readonly sapNo: string; readonly agent: Person })[];

/** Who acts for which company. */
export const agents: readonly { readonly uscc: string; readonly agent: Person }[] = [
  ...dealers,
  ...suppliers,
  ...applicants,
];

export const companies: readonly WorldCompany[] = [
  unit,
  funder,
  warehouse,
  ...dealers,
  cityBank,
  factor,
  core,
  ...suppliers,
  mill,
  ...applicants,
];

/** Goods that are traded and pledged. Prices in yuan per unit, two decimals. */
export const materials = [
  { code: 'HRB400E-12', name: '螺纹钢 HRB400E 12mm', unit: 'TNE', sapUnit: 'TO', price: '3400.00' },
  { code: 'HRC-Q235B-3', name: '热轧卷板 Q235B 3.0mm', unit: 'TNE', sapUnit: 'TO', price: '3650.00' },
  { code: 'NI-9996-CATH', name: '电解镍 Ni9996', unit: 'TNE', sapUnit: 'TO', price: '128500.00' },
] as const;
