/** Who takes part: companies, the roles they play, their accounts, who may sign for them, what they consented to. */
import { entity, stateful } from '../definition.ts';
import {
  account,
  address,
  bizText,
  companyName,
  date,
  file,
  flag,
  fraction,
  instant,
  integer,
  list,
  object,
  one,
  opt,
  person,
  personName,
  idNo,
  phone,
  sha256,
  text,
  ulid,
  uscc,
  yuan,
  currency,
} from '../fields.ts';

export const partyRoles = [
  'CORE',
  'SUPPLIER',
  'DEALER',
  'FUNDER',
  'WAREHOUSE',
  'SUPERVISOR',
  'TRADING_UNIT',
  'GUARANTOR',
  'OPERATOR',
] as const;

const partyId = ulid('主体', 'The party it belongs to');

export const Party = entity(
  {
    name: 'party',
    zh: '主体',
    en: 'A legal entity, registered once whatever roles it plays; roles, accounts, authorities and consents are contracts of their own',
    source: 'Lianshu domain model 1.1; AML Law 2024 art. 29-34 (due diligence)',
  },
  {
    ...stateful(
      [
        'INVITED',
        'SELF_REGISTERED',
        'PROFILE_DRAFT',
        'SUBMITTED',
        'VERIFYING',
        'VERIFY_FAILED',
        'VERIFIED',
        'ACTIVE',
        'FROZEN',
        'CLOSING',
        'CLOSED',
      ],
      'ACTIVE',
    ),
    uscc: uscc('统一社会信用代码', 'Eighteen characters, the last a check digit', 'GB 32100-2015'),
    legalName: companyName(
      '企业名称',
      'Exact legal name; the registry is searched by it',
      '2019 registration rules art. 27',
    ),
    entityType: one(
      ['COMPANY', 'PARTNERSHIP', 'SOLE_PROPRIETOR', 'PUBLIC_INSTITUTION', 'GOVERNMENT', 'FOREIGN'],
      '主体类型',
      'Kind of legal entity; all but the first two are verified by hand',
    ),
    registeredAddress: address('注册地址', 'Registered address of the company'),
    establishedOn: date('成立日期', 'Day of establishment'),
    licenceValidTo: opt(date('营业执照有效期至', 'Last day of validity; absent: long-term')),
    legalRep: opt(person('法定代表人', 'Legal representative')),
    beneficialOwners: opt(
      list(
        object('受益所有人', 'A natural person behind the company', {
          name: personName('姓名', 'Full name'),
          idNo: idNo('证件号码', 'Resident identity number, GB 11643'),
          share: fraction('持股比例', 'Share of the company as a fraction'),
        }),
        '受益所有人',
        'Who owns or controls it in the end',
        50,
      ),
    ),
    enterpriseSize: one(
      ['LARGE', 'MEDIUM', 'SMALL', 'MICRO'],
      '企业规模',
      'Drives payment-term rules',
      'SME payment regulation 2025 art. 9',
    ),
    groupCode: opt(bizText('集团编码', 'Group of affiliates; affiliates are flagged, never merged')),
    industryCode: opt(bizText('行业代码', 'GB/T 4754 class')),
    roles: list(one(partyRoles, '角色', 'A role it holds'), '角色', 'Roles that are ACTIVE', 9),
    certificates: opt(
      list(
        object('数字证书', 'A certificate of a licensed CA', {
          issuer: bizText('颁发机构', 'Certification authority'),
          serial: bizText('证书序列号', 'Serial number'),
          validTo: instant('有效期至', 'End of validity'),
        }),
        '数字证书',
        'With which it signs',
        20,
      ),
    ),
    riskTags: opt(list(bizText('风险标签', 'Code of a tag'), '风险标签', 'Tags of risk rules', 50)),
    reverifyRequired: flag(
      '需重新认证',
      'Licence, legal representative or name changed: no new business until verified again',
    ),
  },
);

export const PartyRole = entity(
  {
    name: 'party-role',
    zh: '主体角色',
    en: 'One role of one party, granted by two persons; a supervisor must be independent of the pledgor',
    source: 'Lianshu domain model 1.1; security interests interpretation art. 55; I-16, I-17',
  },
  {
    ...stateful(['APPLIED', 'ACTIVE', 'SUSPENDED', 'REVOKED'], 'ACTIVE'),
    partyId,
    role: one(partyRoles, '角色', 'What it may act as'),
    documents: list(file('资质文件', 'Licence or proof for the role'), '资质文件', 'What the role rests on', 50),
    licenceNo: opt(bizText('许可证编号', 'Financial licence; a funder must have one')),
    approvalId: opt(ulid('复核单', 'Approval of the grant')),
  },
);

export const BankAccount = entity(
  {
    name: 'bank-account',
    zh: '银行账户',
    en: 'An account of a party; any change of a payee account opens verification and a 24 h cooling period again',
    source: 'Lianshu domain model 1.1; HNDEMP 3005/3006; JR/T 0171-2020 (C2)',
  },
  {
    ...stateful(['ADDED', 'VERIFYING', 'VERIFIED', 'REJECTED', 'DISABLED'], 'VERIFIED'),
    partyId,
    account: account('账户', 'Name equals the legal name; number, bank and twelve-digit CNAPS code'),
    usages: list(
      one(['SETTLEMENT', 'LOAN', 'REPAYMENT', 'COLLECTION', 'FEE'], '用途', 'What it may be used for'),
      '用途',
      'What it may be used for',
      5,
      1,
    ),
    method: opt(one(['STATUS_QUERY', 'MICRO_PAYMENT', 'MANUAL'], '核验方式', 'How control of it was proven')),
    bankStatus: opt(
      one(['NORMAL', 'FROZEN', 'CLOSED', 'DORMANT', 'UNKNOWN'], '账户状态', 'What the bank says of it', 'HNDEMP 3006'),
    ),
    coolingUntil: opt(instant('冷静期至', 'No payment to it before that instant')),
  },
);

export const SignAuthority = entity(
  {
    name: 'sign-authority',
    zh: '签署授权',
    en: 'Who may sign for a party: its legal representative, or a person with a written power of attorney (授权委托书)',
    source: 'Lianshu domain model 1.1; Electronic Signatures Law art. 13-14; I-07',
  },
  {
    ...stateful(['ACTIVE', 'REVOKED', 'EXPIRED']),
    partyId,
    person: person('签署人', 'Who may sign'),
    phone: phone('手机号', 'For the will to sign'),
    basis: one(['LEGAL_REP', 'POA'], '依据', 'By law, or by power of attorney'),
    powerOfAttorney: opt(file('授权委托书', 'The signed power of attorney; needed when basis is POA')),
    documentTypes: list(
      bizText('文件类型', 'Kind of document'),
      '授权范围',
      'What may be signed; empty: everything',
      50,
    ),
    maxAmount: opt(yuan('单笔上限', 'Highest amount of one document')),
    currency,
    validFrom: instant('生效时间', 'First instant of validity'),
    validTo: opt(instant('失效时间', 'Last instant of validity; absent: until revoked')),
  },
);

export const Consent = entity(
  {
    name: 'consent',
    zh: '数据授权',
    en: 'Consent to pass data on: one recipient, one purpose; each passing-on names it',
    source: 'Personal Information Protection Law art. 23, 29; I-28',
  },
  {
    ...stateful(['GIVEN', 'WITHDRAWN', 'EXPIRED']),
    partyId,
    recipient: companyName('接收方', 'Who may receive, by name'),
    purpose: bizText('目的', 'What for'),
    fieldClasses: list(
      one(['C1', 'C2', 'C3'], '数据类别', 'Class of data', 'JR/T 0171-2020'),
      '数据类别',
      'How sensitive',
      3,
    ),
    separate: flag('单独同意', 'Given apart from all else, as sensitive data need'),
    documentSha256: sha256('授权书哈希', 'Hash of the text agreed to'),
    givenAt: instant('授权时间', 'When given'),
    validTo: opt(instant('失效时间', 'Until when')),
    withdrawnAt: opt(instant('撤回时间', 'When withdrawn')),
  },
);

export const Invitation = entity(
  {
    name: 'invitation',
    zh: '邀请',
    en: 'A single-use code by which a trading unit brings a company in; expires after 14 days by default',
    source: 'Lianshu domain model 1.2',
  },
  {
    ...stateful(['DRAFT', 'SENT', 'OPENED', 'ACCEPTED', 'EXPIRED', 'REVOKED', 'DECLINED'], 'SENT'),
    code: bizText('邀请码', 'At least 128 bits, or eight characters under a rate limit; the hub keeps its hash only'),
    inviterId: ulid('邀请方', 'The trading unit'),
    inviteeUscc: opt(uscc('被邀请方代码', 'Only this company may accept')),
    inviteePhone: phone('被邀请人手机', 'Where it is sent'),
    projectId: ulid('融资项目', 'For which project'),
    tradeDataId: opt(ulid('贸易数据快照', 'Historic trade data of the recommendation')),
    expiresAt: instant('失效时间', 'After which it is worth nothing'),
  },
);

const match = ['MATCH', 'MISMATCH', 'NOT_FOUND', 'CHANNEL_ERROR'] as const;

export const Verification = entity(
  {
    name: 'verification',
    zh: '实名认证',
    en: 'One check of identity. The enterprise and the bankcard four factors (四要素) prove different things and are never merged; no face image is kept',
    source: 'Lianshu domain model 1.3; PIPL art. 28-29; JR/T 0171-2020 (C3); I-29',
  },
  {
    ...stateful(['CREATED', 'SENT', 'MATCH', 'MISMATCH', 'NOT_FOUND', 'UNKNOWN'], 'MATCH'),
    requestNo: bizText('请求编号', 'Number under which the vendor knows it'),
    partyId,
    kind: one(['ENT4', 'BANK4', 'ORG_ACCT', 'FACE', 'POA'], '认证类别', 'What it proves'),
    factors: list(
      bizText('要素', 'Name of a factor'),
      '核验要素',
      'The factors used, by name; never their values',
      8,
      1,
    ),
    vendor: bizText('认证机构', 'Who checked'),
    vendorTxnId: opt(bizText('机构流水号', "The vendor's own number")),
    requestSha256: sha256('请求哈希', 'Hash of what was asked'),
    result: opt(one(match, '结果', 'An error of the channel is no answer')),
    perFactor: opt(
      list(
        object('单项结果', 'One factor', {
          factor: bizText('要素', 'Its name'),
          result: one(match, '结果', 'Its answer'),
        }),
        '逐项结果',
        'Answer by factor',
        8,
      ),
    ),
    billed: opt(flag('是否计费', 'Whether the vendor charges it')),
    mismatchesIn24h: opt(integer('24小时不符次数', 'Three lock the subject', 0, 100)),
    checkedAt: opt(instant('核验时间', 'When answered')),
    expiresAt: opt(instant('有效期至', 'By default 365 days; a face result 15 minutes')),
    consentId: ulid('授权', 'The consent it rests on'),
    remark: opt(text('备注', 'For people')),
  },
);
