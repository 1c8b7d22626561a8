/** What people tell the hub of prices and margin calls: the unit's quote, and what a funder decides on a call that is not met. */
import { BusinessDate, Currency, Instant, ShortText, Unit, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { Verdict } from '../hub/marking.ts';
import { command } from './command.ts';

/** A price that the trading unit quotes (经营单位报价): a source of its own beside the market's. */
export const UnitQuote = contract(
  'portal/unit-quote',
  strict({
    quoteNo: ShortText,
    materialCode: ShortText,
    unit: Unit,
    price: Yuan,
    currency: Currency,
    quoteDate: BusinessDate,
    asOf: Instant,
    /** Who of the unit's people says so. */
    quotedBy: ShortText,
  }),
);

/** A funder's proposal on a call (续期、平仓处置、变卖合同、风险解除): two of its people then decide on it. */
export const CallDecision = contract(
  'portal/call-decision',
  strict({ decisionNo: ShortText, caseNo: ShortText, callNo: ShortText, pledgeNo: ShortText, verdict: Verdict }),
);

export const markingCommands = {
  priceQuoted: command({
    contract: UnitQuote,
    label: { zh: '经营单位报价', en: 'price quoted by the unit' },
    path: 'price-quotes',
    by: ['unit'],
    keyOf: (m) => m.quoteNo,
    idOf: (m) => m.quoteNo,
  }),
  callDecided: command({
    contract: CallDecision,
    label: { zh: '追加处置意见', en: 'proposal on a margin call' },
    path: 'call-decisions',
    by: ['funder'],
    keyOf: (m) => m.decisionNo,
    idOf: (m) => m.decisionNo,
  }),
};
