/** Prices and alerts (domain.md 2.14). */
import { family, message, type Definition } from '../definition.ts';
import { bizText, currency, flag, instant, opt, text, unit, yuan } from '../fields.ts';
import { alertFields } from '../entities/oversight.ts';

const PriceQuoted = message(
  {
    name: 'evt.price.quoted',
    zh: '质物报价更新',
    en: 'A new price of a material; pledged goods are marked to market by it (盯市)',
    source: 'Lianshu domain model 1.17',
    key: 'materialCode',
    example: { price: '3400.00' },
  },
  {
    materialCode: bizText('物料编码', 'Material'),
    price: yuan('单价', 'Per unit'),
    currency,
    unit: unit('计价单位', 'UN/ECE Rec 20'),
    source: bizText('来源', 'Feed, market or trading unit'),
    asOf: instant('价格时点', 'Stale after one business day'),
    confirmed: flag('已确认', 'A jump was confirmed by a second source or person'),
  },
);

const actor = bizText('处理人', 'Number of the person; never a name');
const alertEvents = family(
  'evt.alert',
  { key: 'alertNo', source: 'Lianshu domain model 1.17; Civil Code art. 433' },
  { ...alertFields, at: instant('时间', 'When') },
  {
    opened: { zh: '预警已触发', en: 'A line was crossed' },
    acked: { zh: '预警已签收', en: 'Somebody took it', more: { owner: actor } },
    escalated: { zh: '预警已升级', en: 'Nobody acted in time, or it grew worse', more: { owner: opt(actor) } },
    resolved: {
      zh: '预警已解除',
      en: 'Its cause is gone, or it was none',
      more: { owner: opt(actor), note: text('说明', 'What was done'), falsePositive: flag('误报', 'It was none') },
    },
  },
);

export const oversightMessages: readonly Definition[] = [PriceQuoted, ...alertEvents];
