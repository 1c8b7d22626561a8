/** What a financing rests on: contracts, orders, deliveries, invoices, as the systems that own them hold them. */
import { Type } from 'typebox';
import { entity, stateful } from '../definition.ts';
import {
  account,
  address,
  bizText,
  company,
  companyName,
  currency,
  date,
  file,
  flag,
  fraction,
  instant,
  integer,
  label,
  list,
  object,
  one,
  opt,
  phone,
  quantity,
  sha256,
  text,
  ulid,
  unit,
  uscc,
  yuan,
} from '../fields.ts';

const snapshot = {
  sourceSystem: bizText('来源系统', 'The system of record'),
  changedAt: instant('源端变更时间', 'When the source changed it'),
  readAt: instant('读取时间', 'When the hub read the document itself; an event alone proves nothing'),
  documentSha256: sha256('单据哈希', 'Hash of the canonical form of what was read'),
};

export const TradeContract = entity(
  {
    name: 'trade-contract',
    zh: '贸易合同',
    en: 'The base contract between buyer and seller; after assignment it may not be changed to the harm of the factor',
    source: 'Lianshu domain model 1.5; HNDEMP 3101; Civil Code art. 765; I-18',
  },
  {
    id: ulid('标识', 'Identity in the hub'),
    version: integer('版本', 'Grows with every change at the source', 1),
    contractNo: bizText('合同编号', 'Number on the contract'),
    type: one(['SALE', 'PURCHASE', 'FRAMEWORK', 'SERVICE'], '合同类型', 'What is agreed'),
    partyA: company('甲方', 'First party'),
    partyB: company('乙方', 'Second party'),
    otherParties: opt(list(company('其他方', 'Third or fourth party'), '其他签约方', 'Further parties', 2)),
    amount: yuan('合同金额', 'Total of the contract, tax included'),
    currency,
    signedOn: date('签订日期', 'Day of signature'),
    effectiveOn: opt(date('生效日期', 'First day of effect')),
    expiresOn: opt(date('到期日期', 'Last day of effect')),
    sealed: flag('是否盖章', 'Whether it carries the seals'),
    certificateSerial: opt(bizText('证书序列号', 'Certificate of the electronic seal')),
    file: file('合同文件', 'The text as signed'),
    ...snapshot,
  },
);

const orderLine = object('行项目', 'One line', {
  lineNo: bizText('行号', 'Number of the line'),
  materialCode: bizText('物料编码', 'Material in the canonical code table'),
  name: text('品名', 'Name of the goods'),
  spec: opt(text('规格', 'Specification')),
  quantity: quantity('数量', 'In `unit`, three decimals'),
  unit: unit('计量单位', 'UN/ECE Rec 20'),
  unitPrice: yuan('单价', 'Net price of one unit'),
  amount: yuan('金额', 'Net amount of the line'),
});

export const Order = entity(
  {
    name: 'order',
    zh: '订单',
    en: 'A sales or purchase order as the ERP holds it; the hub keeps versions and never edits one',
    source: 'Lianshu domain model 1.5; SAP API_SALES_ORDER_SRV',
  },
  {
    id: ulid('标识', 'Identity in the hub'),
    version: integer('版本', 'Grows with every change at the source', 1),
    orderNo: bizText('订单号', 'Number in the ERP'),
    purchaseOrderNo: opt(bizText('采购订单号', "The customer's own number")),
    contractNo: opt(bizText('合同编号', 'The contract it draws on')),
    orderDate: date('订单日期', 'Business day of the order'),
    buyer: company('买方', 'Who buys'),
    seller: company('卖方', 'Who sells'),
    total: yuan('订单金额', 'Net value of the order'),
    unpaid: opt(yuan('未付金额', 'What financing may still cover (I-04)')),
    currency,
    deliveryTerms: opt(text('交货条款', 'As in the order')),
    paymentTerms: opt(text('付款条款', 'As in the order; a large buyer pays an SME within 60 days')),
    status: one(
      ['OPEN', 'PARTLY_DELIVERED', 'DELIVERED', 'BLOCKED', 'CANCELLED', 'UNKNOWN'],
      '状态',
      'As the ERP has it',
    ),
    lines: list(orderLine, '行项目', 'What is ordered', 500, 1),
    ...snapshot,
  },
);

export const Delivery = entity(
  {
    name: 'delivery',
    zh: '发货单',
    en: 'Goods sent under an order, as the ERP or the carrier has it',
    source: 'Lianshu domain model 1.5; UN/CEFACT DESADV',
  },
  {
    id: ulid('标识', 'Identity in the hub'),
    version: integer('版本', 'Grows with every change at the source', 1),
    deliveryNo: bizText('发货单号', 'Number in the ERP'),
    orderNo: bizText('订单号', 'The order it fulfils'),
    sender: company('发货方', 'Who sends'),
    receiver: company('收货方', 'Who receives'),
    shippedAt: instant('发货时间', 'When goods left'),
    signedAt: opt(instant('签收时间', 'When receipt was signed')),
    vehicle: opt(bizText('车号', 'Vehicle or waybill')),
    lines: list(
      object('行项目', 'One line', {
        lineNo: bizText('行号', 'Number of the line'),
        materialCode: bizText('物料编码', 'Material in the canonical code table'),
        quantity: quantity('数量', 'In `unit`, three decimals'),
        unit: unit('计量单位', 'UN/ECE Rec 20'),
      }),
      '行项目',
      'What was sent',
      500,
      1,
    ),
    ...snapshot,
  },
);

const invoiceParty = (zh: string, en: string) =>
  object(zh, en, {
    name: companyName('名称', 'Exact name'),
    taxNo: uscc('纳税人识别号', 'Equals the unified social credit code'),
    address: opt(address('地址', 'As printed')),
    phone: opt(phone('电话', 'As printed, when a mobile number')),
    account: opt(account('开户行及账号', 'As printed')),
  });

/** What tells one invoice from every other: all together are the lock of "one asset, one financing". */
const oldIdentity = object(
  '税控发票号',
  'Paper and electronic invoices of the tax-control system: code and number together',
  {
    form: label(Type.Literal('TAX_CONTROL'), '票据形态', 'Paper or electronic invoice of the old system'),
    invoiceCode: label(
      Type.String({ pattern: '^(\\d{10}|\\d{12})$', maxLength: 12, examples: ['3502261130'] }),
      '发票代码',
      'Ten or twelve digits',
    ),
    invoiceNo: label(
      Type.String({ pattern: '^\\d{8}$', maxLength: 8, examples: ['00012345'] }),
      '发票号码',
      'Eight digits',
    ),
    checkCode: opt(
      label(
        Type.String({ pattern: '^\\d{6}$', maxLength: 6, examples: ['582910'] }),
        '校验码后六位',
        'Last six digits; special invoices have none',
      ),
    ),
  },
);
const digitalIdentity = object('数电发票号', 'Fully digital invoice (数电票): the number alone', {
  form: label(Type.Literal('FULLY_DIGITAL'), '票据形态', 'No code, no check code'),
  invoiceNo: label(
    Type.String({ pattern: '^\\d{20}$', maxLength: 20, examples: ['26352000000012345678'] }),
    '数电票号码',
    'Twenty digits, unique in the country',
  ),
});

export const Invoice = entity(
  {
    name: 'invoice',
    zh: '发票',
    en: 'A VAT invoice and how much of it is financed; never more than its total less what was flushed red. Checked again before disbursement and weekly',
    source: 'Lianshu domain model 1.5; HNDEMP 3007/3008 (InvoAmtUsed); I-03, I-05',
    example: {
      amountExTax: '1000000.00',
      tax: '130000.00',
      amountIncTax: '1130000.00',
      redAmount: '0.00',
      usedAmount: '900000.00',
    },
  },
  {
    ...stateful(
      ['UPLOADED', 'CHECKING', 'CHECKED_VALID', 'CHECK_FAILED', 'LOCKED', 'CONSUMED', 'RELEASED', 'VOIDED'],
      'CHECKED_VALID',
    ),
    identity: label(Type.Union([digitalIdentity, oldIdentity]), '发票标识', 'Fully digital, or code and number'),
    type: one(
      ['SPECIAL', 'ORDINARY', 'E_SPECIAL', 'E_ORDINARY', 'FULLY_DIGITAL_SPECIAL', 'FULLY_DIGITAL_ORDINARY', 'UNKNOWN'],
      '发票种类',
      'Canonical name of the tax code 01, 04, 08, 09, 10 ...',
    ),
    issueDate: date('开票日期', 'Day of issue'),
    seller: invoiceParty('销售方', 'Who sells'),
    buyer: invoiceParty('购买方', 'Who buys'),
    amountExTax: yuan('不含税金额', 'Special invoices are checked by it'),
    tax: yuan('税额', 'Sum of taxes'),
    amountIncTax: yuan('价税合计', 'Fully digital invoices are checked by it'),
    currency,
    lines: list(
      object('行', 'One line', {
        goodsName: text('货物名称', 'As printed'),
        spec: opt(text('规格型号', 'As printed')),
        quantity: opt(quantity('数量', 'In `unit`; services have none')),
        unit: opt(unit('单位', 'UN/ECE Rec 20')),
        unitPrice: opt(yuan('单价', 'Ex tax')),
        amount: yuan('金额', 'Ex tax'),
        taxRate: fraction('税率', 'As a fraction'),
        tax: yuan('税额', 'Of the line'),
      }),
      '明细',
      'Lines of the invoice',
      2000,
    ),
    remarks: opt(text('备注', 'As printed')),
    machineNo: opt(bizText('机器编号', 'Of the tax-control device')),
    taxStatus: one(
      ['VALID', 'VOIDED', 'RED', 'RED_FLUSHED', 'PARTIALLY_RED', 'UNKNOWN'],
      '税务状态',
      'At the tax source; an unmapped code is UNKNOWN (I-24)',
    ),
    redAmount: yuan('红冲金额', 'Flushed red so far'),
    redRefs: opt(list(bizText('红字发票', 'Number of a red invoice'), '红字发票', 'Red invoices against it')),
    usedAmount: yuan('占用金额', 'Sum of what is financed on it, over all funders'),
    checkedAt: opt(instant('查验时间', 'Last check at the tax source')),
    checkCount: opt(integer('查验次数', 'As the tax source counts', 0, 100_000)),
    file: opt(file('发票文件', 'OFD, XML or PDF as issued')),
  },
);
