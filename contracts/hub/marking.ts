/**
 * What the hub tells itself of prices and margin calls (盯市与追加, F8): quotes that are wanted, calls, and whatever changes what
 * carries a loan. Whoever adds goods or cash to a pledge, or posts a repayment of its loan, tells `collateralChanged`.
 */
import { Type } from 'typebox';
import {
  BusinessDate,
  Company,
  IdNo,
  PersonName,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

const material = { materialCode: ShortText, unit: Unit };

export const QuoteWanted = contract(
  'hub/quote-wanted',
  strict({ requestNo: ShortText, project: ShortText, ...material, on: BusinessDate }),
);
const QuoteKept = contract('hub/quote-kept', strict({ requestNo: ShortText, ...material, usable: Type.Boolean() }));

/** People are told of an alert (预警), and one of them takes it within so many hours, or it goes to the next. */
export const AlertOpened = contract(
  'hub/alert-opened',
  strict({
    alertNo: ShortText,
    caseNo: ShortText,
    project: ShortText,
    /** The row of its flow's table: 3 of marking to market, 4 of stock. */
    step: Type.Union([Type.Literal(3), Type.Literal(4)]),
    text: Type.String({ minLength: 1, maxLength: 500 }),
    ackHours: Type.Integer({ minimum: 1, maximum: 240 }),
    /** Text messages beside the group: to those whom the pledge concerns, where there is one. */
    pledgeNo: Type.Optional(ShortText),
    sms: Type.Optional(
      strict({
        template: Type.Enum(['priceWarn', 'stockAlarm']),
        params: Type.Record(ShortText, Type.String({ minLength: 1, maxLength: 32 }), { maxProperties: 8 }),
      }),
    ),
  }),
);

/**
 * A margin call (追加通知): because prices fell, because pledged goods are not there, or because the loan is overdue and the funder
 * decides at once. `lapse`: which of its lapses.
 */
export const MarginCalled = contract(
  'hub/margin-called',
  strict({
    /** Number of its alert. */
    callNo: ShortText,
    caseNo: ShortText,
    pledgeNo: ShortText,
    project: ShortText,
    cause: Type.Enum(['PRICE', 'STOCK', 'OVERDUE']),
    lapse: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
);

const plan = strict({
  method: Type.Union([Type.Literal('AGREED_DISCOUNT'), Type.Literal('SALE'), Type.Literal('AUCTION')]),
  reservePrice: Yuan,
  note: Text,
});
/** The sale of what was pledged: to whom, for how much, what selling cost, and who fetches it. */
const sale = strict({
  saleNo: Type.String({ pattern: '^[0-9A-Za-z-]{1,30}$', maxLength: 30 }),
  contractSha256: Sha256Hex,
  buyer: Company,
  price: Yuan,
  costs: Yuan,
  picker: strict({ name: PersonName, idNo: IdNo, vehicle: ShortText }),
});

/** What the funder may decide on a call that is not met: more time, the sale of the goods, that sale's contract, or that all is well again. */
export const Verdict = Type.Union([
  strict({ act: Type.Literal('extend'), newDeadline: BusinessDate, reason: Text }),
  strict({ act: Type.Literal('dispose'), plan, reason: Text }),
  strict({ act: Type.Literal('sell'), sale, reason: Text }),
  strict({ act: Type.Literal('lift'), reason: Text }),
]);

export const CollateralChanged = contract(
  'hub/collateral-changed',
  strict({
    pledgeNo: ShortText,
    /** GOODS: a change of the pledge is registered. CASH: a margin entry. REPAYMENT: posted. MARKED: a batch. DECISION: of the funder. */
    cause: Type.Enum(['GOODS', 'CASH', 'REPAYMENT', 'MARKED', 'DECISION']),
    /** What proves it: number of the change, the entry, the repayment, the set of quotes, the decision. */
    no: ShortText,
    verdict: Type.Optional(Verdict),
    /** The two people of the decision. */
    by: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 2, maxItems: 2 })),
  }),
);

export const markingNotices = {
  quoteWanted: notice({
    contract: QuoteWanted,
    label: { zh: '需要报价', en: 'a quote is wanted' },
    keyOf: (m) => m.requestNo,
    idOf: (m) => m.requestNo,
  }),
  quoteKept: notice({
    contract: QuoteKept,
    label: { zh: '报价已记录', en: 'a quote was kept' },
    keyOf: (m) => m.requestNo,
    idOf: (m) => m.requestNo,
  }),
  alertOpened: notice({
    contract: AlertOpened,
    label: { zh: '预警', en: 'an alert was opened' },
    keyOf: (m) => m.alertNo,
    idOf: (m) => m.alertNo,
  }),
  marginCalled: notice({
    contract: MarginCalled,
    label: { zh: '追加通知', en: 'a margin call was made' },
    keyOf: (m) => m.callNo,
    idOf: (m) => m.callNo,
  }),
  collateralChanged: notice({
    contract: CollateralChanged,
    label: { zh: '担保变动', en: 'what carries a loan has changed' },
    keyOf: (m) => m.pledgeNo,
    idOf: (m) => `${m.pledgeNo} ${m.cause} ${m.no}`,
  }),
};
