/** Events of parties and of trade documents (domain.md 2.14). */
import { family, message, type Definition } from '../definition.ts';
import {
  bizText,
  companyName,
  currency,
  date,
  instant,
  integer,
  list,
  object,
  one,
  opt,
  quantity,
  sha256,
  text,
  unit,
  uscc,
  yuan,
} from '../fields.ts';
import { partyRoles } from '../entities/parties.ts';

export const partyMessages = family(
  'evt.party',
  { key: 'uscc', source: 'Lianshu domain model 1.1' },
  {
    uscc: uscc('统一社会信用代码', 'The party'),
    legalName: companyName('企业名称', 'Exact legal name'),
    roles: list(one(partyRoles, '角色', 'A role'), '角色', 'Roles that are ACTIVE', 9),
    reason: opt(text('原因', 'Why')),
    validTo: opt(instant('有效期至', 'Until when')),
  },
  {
    activated: { zh: '主体已激活', en: 'A party is verified and may do business in these roles' },
    reverifyRequired: {
      zh: '主体需重新认证',
      en: 'Licence, legal representative or name changed: no new business until verified again',
    },
    frozen: { zh: '主体已冻结', en: 'A party may not draw, pledge or release' },
  },
);

const TradeDocSnapshot = message(
  {
    name: 'evt.tradeDoc.snapshot',
    zh: '贸易单据快照',
    en: 'A trade document as its system of record has it now, read back after an event that carried keys only',
    source: 'Lianshu domain model 1.5',
    key: 'documentNo',
  },
  {
    documentType: one(['ORDER', 'CONTRACT', 'DELIVERY', 'BILLING'], '单据类型', 'Which document'),
    documentNo: bizText('单据编号', 'Number at the source'),
    version: integer('版本', 'Grows with every change; later versions replace earlier ones', 1),
    sourceSystem: bizText('来源系统', 'The system of record'),
    changedAt: instant('源端变更时间', 'When the source changed it'),
    documentDate: date('单据日期', 'Business day'),
    total: opt(yuan('金额', 'Net value; a delivery has none')),
    currency,
    lines: list(
      object('行', 'One line', {
        lineNo: bizText('行号', 'Number of the line'),
        materialCode: bizText('物料编码', 'Material'),
        quantity: quantity('数量', 'In `unit`, three decimals'),
        unit: unit('计量单位', 'UN/ECE Rec 20'),
        amount: opt(yuan('金额', 'Net amount of the line')),
      }),
      '明细',
      'Lines',
      500,
    ),
    documentSha256: sha256('单据哈希', 'Hash of the canonical form of what was read'),
  },
);

const InvoiceChecked = message(
  {
    name: 'evt.invoice.checked',
    zh: '发票查验结果',
    en: 'What the tax source says of an invoice now; red after financing opens the alert INVOICE_RED',
    source: 'Lianshu domain model 1.5; HNDEMP 3007/3008',
    key: 'invoiceKey',
    example: { amountIncTax: '1130000.00', usedAmount: '900000.00', redAmount: '0.00' },
  },
  {
    invoiceKey: bizText('发票键', 'Code and number of an old invoice, or the twenty digits of a fully digital one'),
    status: one(
      ['VALID', 'VOIDED', 'RED', 'RED_FLUSHED', 'PARTIALLY_RED', 'UNKNOWN'],
      '税务状态',
      'An unmapped code is UNKNOWN, never VALID',
      'I-24',
    ),
    amountExTax: yuan('不含税金额', 'As the tax source has it'),
    tax: yuan('税额', 'As the tax source has it'),
    amountIncTax: yuan('价税合计', 'As the tax source has it'),
    redAmount: yuan('红冲金额', 'Flushed red so far'),
    usedAmount: yuan('占用金额', 'Financed on it, over all funders'),
    currency,
    checkedAt: instant('查验时间', 'When asked'),
  },
);

export const tradeMessages: readonly Definition[] = [TradeDocSnapshot, InvoiceChecked];
