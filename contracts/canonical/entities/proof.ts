/** What proves: registrations (中登网), signed envelopes, evidence records (存证). */
import { entity, stateful } from '../definition.ts';
import {
  base64,
  bizText,
  company,
  companyName,
  currency,
  date,
  file,
  flag,
  instant,
  integer,
  label,
  list,
  longText,
  object,
  one,
  opt,
  person,
  secret,
  sha256,
  sm3,
  text,
  ulid,
  yuan,
} from '../fields.ts';
import { Type } from 'typebox';

export const registrationStates = [
  'DRAFT',
  'SEARCHED',
  'SUBMITTED',
  'FAILED',
  'REGISTERED',
  'AMENDED',
  'EXTENDED',
  'CANCELLED',
  'EXPIRED',
  'OBJECTED',
] as const;

/** What is filed; the same in the entity and in the commands to the registry. */
export const registrationFields = {
  business: one(
    [
      'WAREHOUSE_RECEIPT_PLEDGE',
      'GOODS_MORTGAGE',
      'RECEIVABLE_PLEDGE',
      'FACTORING',
      'FINANCE_LEASE',
      'TITLE_RETENTION',
      'OTHER',
    ],
    '登记业务',
    'Kind of security',
    '2021 registration rules art. 2',
  ),
  securedParty: company('担保权人', 'The creditor, who registers and answers for the truth'),
  debtor: company('担保人', 'Exact legal name; the registry is searched by it'),
  contractNo: bizText('主合同编号', 'What is secured'),
  securedAmount: yuan('担保金额', 'Debt that is secured'),
  currency,
  description: longText('担保财产描述', 'Lists receipt or invoice numbers so that others can find them'),
  termMonths: integer('登记期限', 'Months: one month to thirty years', 1, 360),
};

export const Registration = entity(
  {
    name: 'registration',
    zh: '动产融资统一登记',
    en: 'A filing in the registry of security interests in movables (中登网). Searched at most 24 h before; a name change is amended within 4 months, cancelled within 10 working days after the end',
    source: '2019/2021 registration rules; Civil Code art. 768; I-06, I-33',
  },
  {
    ...stateful(registrationStates, 'REGISTERED'),
    requestNo: bizText('请求编号', 'Number under which the provider knows it'),
    ...registrationFields,
    search: opt(
      object('登记前查询', 'The search before it', {
        searchNo: bizText('查询编号', 'Certificate of the search'),
        searchedAt: instant('查询时间', 'At most 24 h before registration'),
        hits: integer('命中数', 'Earlier registrations found', 0, 100_000),
      }),
    ),
    registrationNo: opt(bizText('登记编号', 'Number of the registry')),
    amendCode: opt(secret('修改码', 'Lets its holder amend and cancel; kept in the vault')),
    certificate: opt(file('登记证明', 'Verifiable by its number')),
    registeredAt: opt(instant('登记时间', 'Decides priority')),
    expiresAt: opt(instant('到期时间', 'May be extended in the last 90 days')),
  },
);

/** Documents and signers of an envelope; the same in the entity and in `cmd.sign.start`. */
export const envelopeFields = {
  envelopeNo: bizText('签署编号', 'Business number'),
  documents: list(
    object('待签文件', 'One document', {
      templateNo: opt(bizText('模板编号', 'The template it was made from')),
      templateVersion: opt(integer('模板版本', 'Its version', 1)),
      name: text('文件名', 'Name for people'),
      sha256: sha256('原文哈希', 'Hash of what is to be signed'),
    }),
    '待签文件',
    'What is signed',
    20,
    1,
  ),
  signers: list(
    object('签署人', 'One signer', {
      order: integer('顺序', 'Lower signs first', 1, 50),
      company: company('企业', 'For whom'),
      person: person('签署人', 'Who signs'),
      authorityId: ulid('签署授权', 'The authority, valid at the time of signing (I-07)'),
      sealId: opt(bizText('印章编号', 'Seal to apply')),
    }),
    '签署人',
    'In order',
    50,
    1,
  ),
  deadline: instant('签署截止', 'Then EXPIRED'),
};

export const SignEnvelope = entity(
  {
    name: 'sign-envelope',
    zh: '电子签约',
    en: 'Documents to be signed in order. Completed means: the vendor says so, the file was fetched and its signatures verified, and its hash is recorded',
    source: 'Lianshu domain model 1.11; Electronic Signatures Law art. 3-14; I-07',
  },
  {
    ...stateful(
      ['DRAFT', 'SENT', 'PARTIALLY_SIGNED', 'COMPLETED', 'REJECTED', 'EXPIRED', 'REVOKED', 'SUPERSEDED'],
      'COMPLETED',
    ),
    ...envelopeFields,
    vendorFlowId: opt(bizText('厂商流程号', 'Number of the vendor')),
    signed: opt(
      list(
        object('已签文件', 'One file, fetched and verified', {
          originalSha256: sha256('原文哈希', 'What was sent'),
          sha256: sha256('已签哈希', 'What came back'),
          certificateSerials: list(bizText('证书序列号', 'A signer'), '证书', 'Of each signature', 50, 1),
          verifiedAt: instant('验签时间', 'When the hub verified signature, chain and signer'),
        }),
        '已签文件',
        'When completed',
        20,
      ),
    ),
  },
);

const evidenceNodes = Array.from({ length: 24 }, (_, at) => `N${String(at + 1).padStart(2, '0')}`);

export const EvidenceRecord = entity(
  {
    name: 'evidence-record',
    zh: '存证记录',
    en: 'One link of the chain of a case. Only hashes are anchored, never personal data; an anchor proves "unchanged since", not "true"',
    source: 'online litigation rules art. 16-19; evidence rules art. 93-94; PIPL art. 47; RFC 8785; I-27',
  },
  {
    ...stateful(['RECORDED', 'QUEUED', 'SUBMITTED', 'ANCHORED', 'VERIFIED'], 'ANCHORED'),
    caseNo: bizText('业务编号', 'The case'),
    sequence: integer('序号', 'Counts from 1 in its case', 1),
    node: label(Type.Enum(evidenceNodes, { type: 'string' }), '存证节点', 'N01 consent to N24 reconciliation sign-off'),
    businessKey: bizText('业务键', 'Number of the thing'),
    canonicalPayload: opt(longText('规范化内容', 'RFC 8785 JSON; stays in the hub, sealed')),
    sm3: sm3('SM3 摘要', 'Hash of the canonical payload', 'GB/T 32905-2016'),
    sha256: sha256('SHA-256 摘要', 'Hash of the canonical payload'),
    previousSm3: opt(sm3('前一记录 SM3 摘要', 'Absent: the first of its case')),
    sources: list(
      object('原始来源', 'From before the chain', {
        rawSha256: sha256('原始报文哈希', 'Of the bytes as received'),
        signature: opt(base64('签名', 'Of the sender, base64')),
        certificateSerial: opt(bizText('证书序列号', 'Of the sender')),
        receivedAt: instant('接收时间', 'When the hub had it on disk'),
        transport: bizText('传输方式', 'How it came'),
      }),
      '原始来源',
      'What it rests on',
    ),
    timestampToken: opt(base64('可信时间戳', 'RFC 3161 token, base64')),
    anchors: list(
      object('上链', 'One anchor', {
        provider: bizText('存证机构', 'Where'),
        evidenceId: bizText('存证编号', 'Number of the provider'),
        txHash: opt(bizText('交易哈希', 'Known only by a later query at some providers')),
        blockHeight: opt(bizText('区块高度', 'Decimal digits')),
        anchoredAt: opt(instant('上链时间', 'When in a block')),
      }),
      '上链',
      'One per provider',
      10,
    ),
  },
);

export const RegistryHit = entity(
  {
    name: 'registry-hit',
    zh: '登记查询命中',
    en: 'An earlier registration that a search found; a collision with the asset refuses the case (REGISTRY_HIT)',
    source: 'Lianshu domain model 1.9; I-05, I-06',
  },
  {
    registrationNo: bizText('登记编号', 'Number of the registry'),
    debtorName: companyName('担保人', 'As searched'),
    securedParty: companyName('担保权人', 'Who registered'),
    description: longText('担保财产描述', 'As registered'),
    registeredOn: date('登记日期', 'Decides priority'),
    collides: flag('是否冲突', 'Whether it may be the same asset'),
  },
);
