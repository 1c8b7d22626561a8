/** Confirmation of receivables, offers and subscriptions, notices of assignment (domain.md 2.14). */
import { family, message, type Definition } from '../definition.ts';
import {
  account,
  base64,
  bizText,
  company,
  currency,
  date,
  flag,
  instant,
  integer,
  list,
  one,
  opt,
  rate,
  sha256,
  text,
  ulid,
  yuan,
} from '../fields.ts';

const receivable = {
  receivableNo: bizText('应收账款编号', 'The receivable'),
  version: integer('账款版本', 'Exactly this version', 1),
  amount: yuan('金额', 'Of this version'),
  currency,
  dueDate: date('付款日', 'When the debtor pays'),
  payAccount: account('回款账户', 'Where the debtor pays'),
};
const receivableKey = { key: 'receivableNo', source: 'Lianshu domain model 1.13; SME payment regulation 2025 art. 16' };

const RequestConfirmation = message(
  {
    ...receivableKey,
    name: 'cmd.receivable.confirm.request',
    zh: '申请确权',
    en: 'Asks the debtor to confirm a claim; a large enterprise answers an SME within 30 days',
  },
  {
    ...receivable,
    creditor: company('债权人', 'Who is owed'),
    debtor: company('债务人', 'Who is asked'),
    invoiceKeys: list(bizText('发票键', 'An invoice'), '发票', 'What it rests on', 500, 1),
    contractNos: list(bizText('合同编号', 'A contract'), '合同', 'What it rests on', 50, 1),
    dueAt: instant('答复期限', 'Last instant to answer'),
  },
);

const receivableEvents = family('evt.receivable', receivableKey, receivable, {
  confirmed: {
    zh: '应收账款已确权',
    en: 'The debtor confirmed and cannot deny the claim any more',
    more: {
      waiver: flag('放弃抗辩', 'Whether set-off and defences are waived'),
      signature: base64('签名值', 'Over the canonical content, base64'),
      certificateSerial: bizText('证书序列号', 'Certificate of the signer'),
    },
  },
  rejected: { zh: '确权被拒绝', en: 'The debtor denies the claim', more: { reason: text('原因', 'Why') } },
  reduced: {
    zh: '应收账款已扣减',
    en: 'A credit note: the amount fell, a new confirmation is needed',
    more: { previousAmount: yuan('原金额', 'Before'), reason: text('原因', 'Why') },
  },
  disputed: {
    zh: '应收账款有争议',
    en: 'The debtor disputes an assigned claim',
    more: { reason: text('原因', 'Why') },
  },
});

const offerKey = { key: 'offerNo', source: 'Lianshu domain model 1.14; I-30' };
const offerNo = bizText('挂牌编号', 'The offer');

const PublishOffer = message(
  {
    ...offerKey,
    name: 'cmd.offer.publish',
    zh: '发布资产挂牌',
    en: 'Offers an asset to chosen funders',
    example: { rateMin: '0.040000' },
  },
  {
    offerNo,
    assetKey: bizText('资产键', 'Number of the asset'),
    amount: yuan('挂牌金额', 'Offered'),
    minTicket: yuan('起购金额', 'Smallest subscription'),
    currency,
    rateMin: rate('最低年利率', 'Annual fraction, six decimals'),
    rateMax: rate('最高年利率', 'Annual fraction, six decimals'),
    visibleFunderIds: list(ulid('资金方', 'A funder'), '可见资金方', 'Who may see it', 200, 1),
    closesAt: instant('截止时间', 'No subscription after it'),
  },
);

const subscriptionEvents = family(
  'evt.subscription',
  offerKey,
  {
    offerNo,
    subscriptionNo: bizText('认购编号', 'The subscription; seen by its own funder only'),
    amount: yuan('金额', 'Asked for, or accepted'),
    currency,
    rate: rate('年利率', 'Annual fraction, six decimals'),
    closesAt: instant('截止时间', 'Of the offer'),
  },
  {
    placed: { zh: '认购已提交', en: 'A funder bids' },
    accepted: { zh: '认购已受理', en: 'The bid counts; the sum accepted never exceeds the offer' },
    outbid: { zh: '认购未中', en: 'Others took what there was' },
  },
);

const RateFixed = message(
  {
    ...offerKey,
    name: 'evt.rate.fixed',
    zh: '利率已确定',
    en: 'Two persons fixed the rate, inside both ranges (I-17)',
  },
  {
    offerNo,
    amount: yuan('金额', 'Subscribed'),
    currency,
    rate: rate('年利率', 'Annual fraction, six decimals'),
    approvalId: ulid('复核单', 'Two persons'),
    fixedAt: instant('确定时间', 'When'),
  },
);

const NoticeDelivered = message(
  {
    name: 'evt.notice.delivered',
    zh: '转让通知已送达',
    en: 'A notice of assignment arrived: the time that the receiving system recorded is the legal one',
    source: 'Civil Code art. 137, 546; Electronic Signatures Law art. 11; I-19',
    key: 'noticeNo',
  },
  {
    noticeNo: bizText('通知编号', 'The notice'),
    receivableNos: list(bizText('应收账款编号', 'A claim'), '应收账款', 'What is assigned', 500, 1),
    channel: one(['PLATFORM', 'EMAIL', 'POST', 'COURT'], '送达渠道', 'How it travelled'),
    systemArrivalTime: instant('系统到达时间', 'Recorded by the receiving system'),
    proofSha256: sha256('送达证明哈希', 'Of the proof'),
    acknowledgedBy: opt(bizText('签收人', 'Number of the person; never a name')),
  },
);

export const factoringMessages: readonly Definition[] = [
  RequestConfirmation,
  ...receivableEvents,
  PublishOffer,
  ...subscriptionEvents,
  RateFixed,
  NoticeDelivered,
];
