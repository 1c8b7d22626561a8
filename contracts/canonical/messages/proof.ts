/** Signing, registration, payment, reconciliation, evidence (domain.md 2.14). */
import { family, message, type Definition } from '../definition.ts';
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
  list,
  one,
  opt,
  secret,
  sha256,
  signedYuan,
  sm3,
  text,
  ulid,
  yuan,
} from '../fields.ts';
import { paymentFields } from '../entities/funding.ts';
import { envelopeFields, registrationFields, RegistryHit } from '../entities/proof.ts';

const signKey = { key: 'envelopeNo', source: 'Lianshu domain model 1.11; Electronic Signatures Law art. 13-14; I-07' };
const StartSigning = message(
  { ...signKey, name: 'cmd.sign.start', zh: '发起签署', en: 'Sends documents to be signed in order' },
  envelopeFields,
);
const signEvents = family(
  'evt.sign',
  signKey,
  {
    envelopeNo: bizText('签署编号', 'The envelope'),
    vendorFlowId: bizText('厂商流程号', 'Of the vendor'),
    at: instant('时间', 'When it happened, as the vendor says'),
  },
  {
    signed: {
      zh: '签署人已签署',
      en: 'One signer signed',
      more: {
        signer: company('企业', 'For whom'),
        authorityId: ulid('签署授权', 'Valid at that time'),
        certificateSerial: bizText('证书序列号', 'Of the signer'),
        documentSha256s: list(sha256('文件哈希', 'Of one document'), '文件', 'What was signed', 20, 1),
      },
    },
    rejected: {
      zh: '签署被拒绝',
      en: 'A signer refused',
      more: { signer: company('企业', 'For whom'), reason: text('原因', 'Why') },
    },
    completed: {
      zh: '签署已完成',
      en: 'All signed, files fetched and verified',
      more: { signedSha256s: list(sha256('已签文件哈希', 'Of one file'), '已签文件', 'What came back', 20, 1) },
    },
    expired: { zh: '签署已过期', en: 'The deadline passed' },
    revoked: { zh: '签署已撤销', en: 'It was revoked', more: { reason: text('原因', 'Why') } },
  },
);

const requestNo = bizText('请求编号', 'Number of the request');
const registrationSource = 'Lianshu domain model 1.9; 2019/2021 registration rules; I-06, I-33';
const registered = {
  registrationNo: bizText('登记编号', 'Number of the registry'),
  requestNo,
};
const amendCode = secret('修改码', 'From the vault');
const registrationCommands = [
  message(
    {
      key: 'requestNo',
      source: registrationSource,
      name: 'cmd.registration.search',
      zh: '登记查询',
      en: 'Searches by exact legal name; at most 24 h before a registration',
    },
    { requestNo, debtorName: companyName('担保人', 'Exact legal name') },
  ),
  message(
    {
      key: 'requestNo',
      source: registrationSource,
      name: 'cmd.registration.create',
      zh: '初始登记',
      en: 'Registers a security interest; it has no number before',
    },
    { requestNo, ...registrationFields, attachments: opt(list(file('附件', 'One file'), '附件', 'By hash', 20)) },
  ),
  ...family(
    'cmd.registration',
    { key: 'registrationNo', source: registrationSource },
    { ...registered, amendCode },
    {
      amend: {
        zh: '变更登记',
        en: 'Changes a registration; a name change within four months',
        more: { description: registrationFields.description },
      },
      extend: {
        zh: '展期登记',
        en: 'Prolongs it, in its last 90 days',
        more: { termMonths: registrationFields.termMonths },
      },
      cancel: {
        zh: '注销登记',
        en: 'Ends it, within ten working days after the claim ended',
        more: { reason: text('原因', 'Why') },
      },
    },
  ),
];
const SearchAnswered = message(
  {
    key: 'requestNo',
    source: registrationSource,
    name: 'evt.registration.searched',
    zh: '登记查询结果',
    en: 'What a search found',
  },
  {
    requestNo,
    searchNo: bizText('查询编号', 'Certificate of the search'),
    searchedAt: instant('查询时间', 'When'),
    hits: list(RegistryHit.contract.schema, '命中', 'Earlier registrations', 1000),
  },
);
const registrationEvents = family(
  'evt.registration',
  { key: 'registrationNo', source: registrationSource },
  { ...registered, at: instant('时间', 'As the registry says') },
  {
    registered: {
      zh: '登记完成',
      en: 'Registered; the time decides priority (Civil Code art. 768)',
      more: {
        securedParty: registrationFields.securedParty,
        debtor: registrationFields.debtor,
        description: registrationFields.description,
        termMonths: registrationFields.termMonths,
        certificate: file('登记证明', 'Verifiable by its number'),
        expiresAt: instant('到期时间', 'Last instant'),
      },
    },
    amended: { zh: '登记已变更', en: 'A change is registered', more: { description: registrationFields.description } },
    extended: { zh: '登记已展期', en: 'It runs longer', more: { expiresAt: instant('到期时间', 'Last instant') } },
    cancelled: { zh: '登记已注销', en: 'It ended' },
    expired: { zh: '登记已到期', en: 'Its term passed: the priority is lost' },
    objected: {
      zh: '登记有异议',
      en: 'Somebody objects; notified within 7 days, sued within 30',
      more: { objector: companyName('异议人', 'Who objects') },
    },
  },
);

const instructionNo = bizText('指令编号', 'The instruction');
const paymentKey = {
  key: 'instructionNo',
  source: 'Lianshu domain model 1.15; HNDEMP 3115; ISO 20022 pain.001/002; I-08, I-10',
};
const RequestDisbursement = message(
  {
    ...paymentKey,
    name: 'cmd.disburse.request',
    zh: '放款指令',
    en: 'Orders a payment from one party to another; every guard is checked again at this moment',
  },
  {
    ...paymentFields,
    applicationNo: bizText('融资申请编号', 'The application'),
    approvalId: ulid('复核单', 'Two persons, bound to this payload'),
    platformSignature: opt(base64('平台签名', 'Base64')),
  },
);
const paymentEvents = family(
  'evt.payment',
  paymentKey,
  {
    instructionNo,
    amount: yuan('金额', 'Of the instruction'),
    currency,
    bankSerial: opt(bizText('银行流水号', 'Of the bank')),
    bankCode: opt(bizText('银行返回码', "The bank's own code, unmapped")),
    at: instant('时间', 'As the bank says'),
  },
  {
    accepted: { zh: '支付已受理', en: 'The bank took it; nothing is paid yet' },
    succeeded: {
      zh: '支付成功',
      en: 'The bank paid; it may still come back',
      more: { bankDate: date('银行日期', 'Booking day'), receipt: opt(file('电子回单', 'Receipt file')) },
    },
    failed: {
      zh: '支付失败',
      en: 'The bank says for certain that it was not paid',
      more: { reason: text('原因', 'Why') },
    },
    unknown: { zh: '支付结果未知', en: 'Neither paid nor not: it is queried, never sent again (I-10)' },
    returned: {
      zh: '支付退票',
      en: 'It came back after success',
      more: { reason: text('原因', 'Why'), bankDate: date('银行日期', 'Booking day') },
    },
  },
);

const count = (zh: string, en: string) => integer(zh, en);
const reconEvents = family(
  'evt.recon',
  { key: 'runNo', source: 'Lianshu domain model 1.15; HNDEMP 3107/3108, 3116' },
  {
    runNo: bizText('对账编号', 'The run'),
    businessDate: date('业务日期', 'The day compared'),
    type: one(['FUND', 'LOAN', 'CERTIFICATE', 'STOCK', 'LIMIT'], '对账类型', 'What is compared'),
    total: count('总笔数', 'Items'),
    differences: count('差异笔数', 'Items that differ'),
    hubTotal: opt(yuan('平台合计', 'Sum of the hub; none for STOCK')),
    externalTotal: opt(yuan('对方合计', 'Sum of the counterparty; none for STOCK')),
    currency,
  },
  {
    fileReceived: {
      zh: '对账文件已收',
      en: 'The file of a counterparty is there; it may be empty',
      more: { file: file('对账文件', 'As received') },
    },
    itemOpened: {
      zh: '对账差异已立案',
      en: 'One difference is looked into',
      more: {
        caseNo: bizText('差异单号', 'The case'),
        result: one(['AMOUNT_DIFF', 'STATUS_DIFF', 'ONLY_HUB', 'ONLY_EXT'], '差异类型', 'How it differs'),
        businessKey: bizText('业务键', 'What differs'),
        difference: opt(signedYuan('差额', 'Hub less counterparty')),
      },
    },
    itemResolved: {
      zh: '对账差异已处理',
      en: 'One difference is resolved',
      more: {
        caseNo: bizText('差异单号', 'The case'),
        resolution: one(['COMPENSATED', 'ACCEPTED'], '处理方式', 'How'),
      },
    },
    signedOff: {
      zh: '对账已签批',
      en: 'The run is signed off',
      more: { approvalId: ulid('复核单', 'Two persons'), balanced: flag('是否平账', 'No difference is left') },
    },
  },
);

const EvidenceAnchored = message(
  {
    name: 'evt.evidence.anchored',
    key: 'evidenceId',
    zh: '存证已上链',
    en: 'A hash is in a block: unchanged since then, not more',
    source: 'Lianshu domain model 1.16; online litigation rules art. 16-19',
  },
  {
    evidenceId: bizText('存证编号', 'Number of the provider'),
    provider: bizText('存证机构', 'Where'),
    sha256: sha256('SHA-256 摘要', 'What was anchored'),
    sm3: sm3('SM3 摘要', 'What was anchored'),
    txHash: bizText('交易哈希', 'Of the transaction'),
    blockHeight: bizText('区块高度', 'Decimal digits'),
    anchoredAt: instant('上链时间', 'Of the block'),
  },
);

export const signMessages: readonly Definition[] = [StartSigning, ...signEvents];
export const registrationMessages: readonly Definition[] = [
  ...registrationCommands,
  SearchAnswered,
  ...registrationEvents,
];
export const paymentMessages: readonly Definition[] = [RequestDisbursement, ...paymentEvents];
export const reconciliationMessages: readonly Definition[] = [...reconEvents];
export const evidenceMessages: readonly Definition[] = [EvidenceAnchored];
