/** Goods, receipts, locks and releases (domain.md 2.14); the form of goods events is EPCIS 2.0. */
import { family, message, type Definition } from '../definition.ts';
import {
  base64,
  bizText,
  company,
  flag,
  fraction,
  idNo,
  instant,
  list,
  lots,
  object,
  one,
  opt,
  personName,
  quantity,
  secret,
  sha256,
  signedQuantity,
  text,
  ulid,
  unit,
  yuan,
  currency,
} from '../fields.ts';

const epcis = object(
  'EPCIS 事件',
  'What, where, why, in the words of EPCIS 2.0 and CBV 2.0',
  {
    type: one(['ObjectEvent', 'TransactionEvent', 'TransformationEvent', 'AggregationEvent'], '事件类型', 'EPCIS type'),
    action: one(['ADD', 'OBSERVE', 'DELETE'], '动作', 'EPCIS action'),
    bizStep: bizText('业务步骤', 'CBV bizStep: receiving, storing, reserving, cycle_counting, departing ...'),
    disposition: bizText('状态', 'CBV disposition: in_progress, reserved, available, in_transit ...'),
    readPoint: opt(bizText('读取点', 'Where it was seen')),
    bizLocation: bizText('业务地点', 'Warehouse and place'),
    correctiveEventIds: opt(list(bizText('更正事件', 'eventID'), '更正', 'A correction never deletes', 50)),
  },
  'GS1 EPCIS 2.0',
);

const lot = {
  lotNo: bizText('批次号', 'The lot'),
  warehouseCode: bizText('仓库编码', 'The warehouse'),
  materialCode: bizText('物料编码', 'Material'),
  quantity: quantity('数量', 'Of this event, in `unit`'),
  unit: unit('计量单位', 'UN/ECE Rec 20'),
  weighTicket: opt(bizText('磅单号', 'Weigh ticket')),
  photoSha256s: opt(list(sha256('照片哈希', 'Of one photo'), '照片', 'By hash', 50)),
  epcis,
};

/** Known by its notice: lots get their numbers only when they arrive. */
const GoodsNoticed = message(
  {
    name: 'evt.goods.noticed',
    key: 'noticeNo',
    zh: '入库已通知',
    en: 'Goods are announced to a warehouse',
    source: 'Lianshu domain model 1.6; GS1 EPCIS 2.0',
  },
  {
    noticeNo: bizText('入库通知号', 'The notice'),
    warehouseCode: lot.warehouseCode,
    orderNo: bizText('订单号', 'The order behind it'),
    lines: list(
      object('行', 'One line', { materialCode: lot.materialCode, quantity: lot.quantity, unit: lot.unit }),
      '明细',
      'What will come',
      500,
      1,
    ),
    epcis,
  },
);

const goodsEvents = family('evt.goods', { key: 'lotNo', source: 'Lianshu domain model 1.6; GS1 EPCIS 2.0' }, lot, {
  received: {
    zh: '货物已入库',
    en: 'Goods were taken over',
    more: { noticeNo: bizText('入库通知号', 'The notice'), receiptNo: bizText('入库单号', 'The goods receipt') },
  },
  counted: {
    zh: '货物已盘点',
    en: 'Goods were counted; a difference opens an alert',
    more: {
      booked: quantity('账面数量', 'By the books, in `unit`'),
      difference: signedQuantity('差异', 'Counted less booked, in `unit`'),
    },
  },
  outbound: {
    zh: '货物已出库',
    en: 'Goods left, under a release token or unpledged',
    more: {
      outboundNo: bizText('出库单号', 'Of the warehouse'),
      releaseNo: opt(bizText('解押编号', 'The release order')),
    },
  },
  adjusted: {
    zh: '库存已调整',
    en: 'The warehouse corrected its books',
    more: { change: signedQuantity('调整数量', 'In `unit`'), reason: text('原因', 'Why') },
  },
});

const receiptEvents = family(
  'evt.receipt',
  { key: 'receiptNo', source: 'Lianshu domain model 1.6; Civil Code art. 909-910; GB/T 30332-2024' },
  {
    receiptNo: bizText('仓单编号', 'The receipt'),
    contentSha256: sha256('内容哈希', 'Of the sealed content'),
    lots: lots('批次', 'The lots bound to it'),
    keeper: company('保管人', 'Who issued it'),
    holder: company('持单人', 'Who holds it now'),
  },
  {
    issued: {
      zh: '仓单已签发',
      en: 'The keeper sealed a receipt',
      more: { keeperSeal: base64('保管人签章', 'Base64') },
    },
    split: {
      zh: '仓单已分割',
      en: 'Children replace it; quantity and value are conserved (I-35)',
      more: { childNos: list(bizText('子仓单编号', 'A child'), '子仓单', 'What replaces it', 100, 2) },
    },
    merged: {
      zh: '仓单已合并',
      en: 'It replaces its parents; all were unencumbered (I-35)',
      more: { parentNos: list(bizText('原仓单编号', 'A parent'), '原仓单', 'What it replaces', 100, 2) },
    },
    endorsed: {
      zh: '仓单已背书',
      en: 'A new holder, or a pledge, countersigned by the keeper',
      more: {
        kind: one(['TRANSFER', 'PLEDGE'], '背书类型', 'A pledge carries the word 质押'),
        endorser: company('背书人', 'From whom'),
        keeperSeal: base64('保管人签章', 'Base64'),
      },
    },
    cancelled: {
      zh: '仓单已注销',
      en: 'The goods were delivered, or it was void',
      more: { reason: text('原因', 'Why') },
    },
  },
);

const pledge = { pledgeNo: bizText('质押编号', 'The pledge'), warehouseCode: bizText('仓库编码', 'The warehouse') };
const pledgeKey = { key: 'pledgeNo', source: 'Lianshu domain model 1.7; I-01, I-02' };
const stockCommands = family(
  'cmd.stock',
  pledgeKey,
  { ...pledge, lots: lots('批次', 'Which lots, how much') },
  {
    lock: {
      zh: '锁定库存',
      en: 'Asks the warehouse to hold lots for a pledgee',
      more: { pledgee: company('质权人', 'For whom') },
    },
    unlock: { zh: '解除锁定', en: 'Asks the warehouse to free lots', more: { reason: text('原因', 'Why') } },
  },
);
const ack = {
  ackBy: bizText('确认人', 'Number of the person or system that acknowledged'),
  at: instant('时间', 'When'),
};
const stockEvents = family(
  'evt.stock',
  pledgeKey,
  { ...pledge, ...ack },
  {
    locked: {
      zh: '库存已锁定',
      en: 'These lots are held',
      more: { lots: lots('批次', 'As held'), lockNo: bizText('锁定编号', 'Of the warehouse') },
    },
    lockFailed: {
      zh: '锁定失败',
      en: 'The lots are short or held already',
      more: { code: bizText('拒绝代码', 'Stable refusal code'), reason: text('原因', 'Why') },
    },
    unlocked: { zh: '库存已解锁', en: 'These lots are free', more: { lots: lots('批次', 'As freed') } },
  },
);

const ControlConfirmed = message(
  {
    ...pledgeKey,
    name: 'evt.control.confirmed',
    zh: '控货已确认',
    en: 'The supervisor really controls the goods for the creditor: the pledge may take effect',
    source: 'security interests interpretation art. 55; I-16',
  },
  {
    ...pledge,
    ...ack,
    supervisor: company('监管方', 'Who holds; never the pledgor'),
    pledgee: company('质权人', 'For whom'),
    lots: lots('批次', 'What is controlled'),
    receiptNo: opt(bizText('仓单编号', 'Basis RECEIPT')),
    signature: base64('签名值', 'Of the supervisor, base64'),
  },
);

const releaseNo = bizText('解押编号', 'The release order');
const releaseKey = { key: 'releaseNo', source: 'Lianshu domain model 1.7; I-13, I-14, I-15, I-17' };
const picker = object('提货人', 'Who may fetch the goods', {
  name: personName('姓名', 'Full name'),
  idNo: idNo('证件号码', 'Resident identity number, GB 11643'),
  vehicle: bizText('车号', 'Number plate'),
});
const RequestRelease = message(
  { ...releaseKey, name: 'cmd.release.request', zh: '申请解押', en: 'The pledgor asks for goods back' },
  {
    releaseNo,
    pledgeNo: bizText('质押编号', 'The pledge'),
    trigger: one(['REPAYMENT', 'SUBSTITUTION', 'TOP_UP_EXCESS', 'CASH_MARGIN'], '解押事由', 'Why goods may go'),
    repaymentNos: list(bizText('还款编号', 'A repayment'), '还款', 'What it rests on', 100),
    lots: lots('批次', 'What is asked for'),
    picker,
    validTo: instant('有效期至', 'Goods leave before that instant or not at all'),
  },
);
const ApproveRelease = message(
  { ...releaseKey, name: 'cmd.release.approve', zh: '批准解押', en: 'The funder lets goods go, or not; two persons' },
  {
    releaseNo,
    verdict: one(['APPROVED', 'REJECTED'], '结论', 'What was decided'),
    lots: lots('批次', 'What may go'),
    valueAfter: yuan('解押后价值', 'Value of what stays'),
    exposureAfter: yuan('解押后敞口', 'Debt that stays'),
    currency,
    ltvAfter: fraction('解押后质押率', 'exposureAfter / valueAfter'),
    floorKept: flag('满足最低价值', 'Value stays at or above the floor'),
    approvalId: ulid('复核单', 'Two persons, bound to this payload'),
    reason: opt(text('原因', 'Why not')),
  },
);
const ReleaseOutbound = message(
  {
    ...releaseKey,
    name: 'cmd.outbound.release',
    zh: '放货出库',
    en: 'Orders the warehouse to hand goods over: once, to the named picker, before the token expires',
  },
  {
    releaseNo,
    pledgeNo: bizText('质押编号', 'The pledge'),
    warehouseCode: bizText('仓库编码', 'The warehouse'),
    lots: lots('批次', 'What leaves'),
    picker,
    token: secret('提货令牌', 'Good once'),
    validTo: instant('有效期至', 'Last instant'),
  },
);

export const goodsMessages: readonly Definition[] = [
  GoodsNoticed,
  ...goodsEvents,
  ...receiptEvents,
  ...stockCommands,
  ...stockEvents,
  ControlConfirmed,
  RequestRelease,
  ApproveRelease,
  ReleaseOutbound,
];
