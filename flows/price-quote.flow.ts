/** Prices (行情): the market's, asked for each day, and the unit's own. One that jumps by more than a tenth is used when a second source or person says the same. */
import { QuoteWanted } from '../contracts/hub/marking.ts';
import { hub } from '../contracts/hub/hub.ts';
import { UnitQuote } from '../contracts/portal/marking.ts';
import { portal } from '../contracts/portal/portal.ts';
import { isFailure } from '../contracts/failures.ts';
import { price } from '../contracts/price/price.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { confirmQuote, isHeld, keepQuote, type QuoteRow } from '../ledger/goods/prices.ts';
import { inTime } from './marking/inTime.ts';
import { markingSteps } from './marking/steps.ts';

export const marketQuote = flow({
  name: 'market-quote',
  version: 1,
  title: { zh: '取得行情', en: 'Market price' },
  input: QuoteWanted,
  startedBy: [hub.notices.quoteWanted.name],
  keyOf: (wanted) => wanted.requestNo,
  caseOf: ({ project, on }) => ({ key: `marking/${project}/${on}`, title: '盯市' }),
  milestones: markingSteps.slice(0, 1),
  async body(run, { requestNo, materialCode, unit, ...wanted }) {
    const { systems } = await run.record('choose the project', (tx) => projectNamed(tx, wanted.project));
    const answered = await run
      .call(price.operations.quote, { materialCode, unit }, { system: systems.price })
      .catch((thrown: unknown) => {
        if (isFailure(thrown)) return undefined;
        throw thrown;
      });
    const usable = answered ? await keep(run, answered, ['OPS', 'UNIT', 'FND'], '4 hours') : false;
    await run.milestone(1);
    await run.tell(hub.notices.quoteKept, { requestNo, materialCode, unit, usable });
    return { outcome: usable ? 'kept' : 'held', detail: `${materialCode} ${answered?.price ?? 'no price'}` };
  },
});

export const unitQuote = flow({
  name: 'unit-quote',
  version: 1,
  title: { zh: '经营单位报价', en: 'Price of the unit' },
  input: UnitQuote,
  startedBy: [portal.notices.priceQuoted.name],
  keyOf: (quote) => quote.quoteNo,
  caseOf: (quote) => ({ key: `unit-quote ${quote.quoteNo}`, title: '经营单位报价' }),
  milestones: markingSteps.slice(0, 1),
  async body(run, quote) {
    const usable = await keep(run, { ...quote, source: 'UNIT' }, ['OPS'], '1 working day');
    await run.milestone(1);
    await run.record('close the case', (tx) => closeCase(tx, run.caseId, usable ? 'kept' : 'held'));
    return { outcome: usable ? 'kept' : 'held', detail: `${quote.materialCode} ${quote.price}` };
  },
});

/** Whether it may be used: a price that jumped waits for a second person, and stays unused when none says so in time. */
async function keep(
  run: Run,
  quote: QuoteRow,
  roles: readonly string[],
  within: '4 hours' | '1 working day',
): Promise<boolean> {
  const { held } = await run.record('keep the quote', (tx) => keepQuote(tx, quote));
  if (!held) return true;
  const decided = await inTime(
    run.ask('confirm the price', {
      title: {
        zh: `价格跳动超 10%，请复核 ${quote.materialCode}`,
        en: `confirm the price of ${quote.materialCode}: it jumped by more than a tenth`,
      },
      payload: { ...quote },
      within,
      roles,
      notBy: [quote.quotedBy ?? 'feed'],
    }),
  );
  return run.record('record the confirmation', async (tx) => {
    // A second source may have freed it meanwhile.
    if (!(await isHeld(tx, quote))) return true;
    if (decided?.decision !== 'approved') return false;
    await confirmQuote(tx, quote, decided.by[0] ?? '');
    return true;
  });
}
