/** Step 2: what is offered must be the dealer's own, free, of the class that was pledged, certified, priced today and registered for nobody. */
import type { Message } from '../../contracts/contract.ts';
import { isFailure, type FailureCode } from '../../contracts/failures.ts';
import { registry } from '../../contracts/registry/registry.ts';
import type { ChangeRequest } from '../../contracts/portal/pledgeChange.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { offeredLots, standingOf } from '../../ledger/goods/changeReceipts.ts';
import { pledgedLots } from '../../ledger/goods/releasable.ts';
import type { OpenPledge } from '../../ledger/goods/releases.ts';
import { quoteOf } from '../quotes.ts';
import { classOf, isCertificateFresh, thousandths } from './materials.ts';

export type Asked = Message<typeof ChangeRequest>;

export interface Checked {
  readonly items: readonly {
    lotNo: string;
    materialCode: string;
    quantity: string;
    unit: string;
    price: string;
    priceAt: string;
  }[];
  readonly search: { readonly searchNo: string; readonly searchedAt: string };
}

type Objection = { readonly code: FailureCode; readonly why: string } | undefined;

export async function check(run: Run, open: OpenPledge, asked: Asked): Promise<Checked> {
  const objection = await run.record('check what is offered', async (tx) => {
    const { called } = await standingOf(tx, open.pledgeNo);
    const pledged = await pledgedLots(tx, open.pledgeNo);
    const offered = await offeredLots(
      tx,
      open.pledgeNo,
      asked.lotsIn.map(({ lotNo }) => lotNo),
      open.dealerId,
      open.project.warehouse,
    );
    return (
      formOf(asked, called, businessDate(run.now())) ??
      classObjection(asked, pledged) ??
      freeObjection(asked, offered) ??
      outObjection(asked, pledged)
    );
  });
  if (objection) return returned(run, asked, objection);
  const prices = await freshPrices(run, open, asked);
  const system = open.project.systems.registry;
  const search = await run.call(registry.operations.search, { debtorName: open.dealer.name }, { system });
  const own = new Set(open.registrations.map(({ registrationNo }) => registrationNo));
  const hit = search.hits.find(
    ({ registrationNo, description }) =>
      !own.has(registrationNo) && asked.lotsIn.some(({ lotNo }) => description.includes(lotNo)),
  );
  if (hit) return returned(run, asked, { code: 'REGISTRY_HIT', why: `registered already under ${hit.registrationNo}` });
  const { searchNo, searchedAt } = search;
  await run.record('what is offered is in order', (tx) =>
    keepEvidence(tx, run.caseId, 'N03 trade data', asked.changeNo, {
      kind: asked.kind,
      lots: asked.lotsIn.map(({ lotNo, quantity }) => ({ lotNo, quantity })),
      certificate: asked.quality.certificateNo,
      ownership: asked.ownershipDocs.map(({ sha256 }) => sha256),
      searchNo,
    }),
  );
  return {
    items: asked.lotsIn.map((lot) => ({ ...lot, ...priceOf(prices, lot.materialCode) })),
    search: { searchNo, searchedAt },
  };
}

/** Goes back to the dealer with the code that says why. */
async function returned(run: Run, asked: Asked, { code, why }: { code: FailureCode; why: string }): Promise<never> {
  await run.record('return what is offered', (tx) =>
    keepEvidence(tx, run.caseId, 'N03 trade data', `${asked.changeNo} returned`, { code, why }),
  );
  return run.stop('returned', `${code}: ${why}`);
}

function formOf(asked: Asked, called: boolean, today: string): Objection {
  if (asked.kind === 'substitution' && called)
    return { code: 'LTV_EXCEEDED', why: 'a margin call is open: goods may be added, not exchanged' };
  if (asked.kind === 'substitution' && (!asked.lotsOut || !asked.picker))
    return { code: 'CONTRACT_VIOLATED', why: 'an exchange names what goes out, and who fetches it' };
  if (asked.ownershipDocs.length === 0)
    return { code: 'CONTRACT_VIOLATED', why: 'nothing proves whose goods they are' };
  if (!isCertificateFresh(asked.quality.issuedOn, today))
    return { code: 'CONTRACT_VIOLATED', why: `the certificate of quality of ${asked.quality.issuedOn} is too old` };
  return undefined;
}

function classObjection(asked: Asked, pledged: readonly { readonly materialCode: string }[]): Objection {
  const allowed = new Set(pledged.map(({ materialCode }) => classOf(materialCode)));
  const other = asked.lotsIn.find(({ materialCode }) => !allowed.has(classOf(materialCode)));
  return other && { code: 'NOT_ALLOWED', why: `${other.materialCode} is not of the class of goods that is pledged` };
}

function freeObjection(
  asked: Asked,
  offered: readonly {
    readonly lotNo: string;
    readonly materialCode: string;
    readonly available: string;
    readonly bound: boolean;
    readonly before: boolean;
  }[],
): Objection {
  for (const lot of asked.lotsIn) {
    const there = offered.find(({ lotNo, materialCode }) => lotNo === lot.lotNo && materialCode === lot.materialCode);
    if (!there) return { code: 'STOCK_SHORT', why: `the dealer has no lot ${lot.lotNo} in the warehouse` };
    if (there.before || there.bound || thousandths(there.available) < thousandths(lot.quantity))
      return { code: 'PLEDGE_OVERLAP', why: `lot ${lot.lotNo} is not free` };
  }
  return undefined;
}

function outObjection(
  asked: Asked,
  pledged: readonly { readonly lotNo: string; readonly quantity: string }[],
): Objection {
  const beyond = (asked.lotsOut ?? []).find((lot) => {
    const there = pledged.find(({ lotNo }) => lotNo === lot.lotNo);
    return !there || thousandths(there.quantity) < thousandths(lot.quantity);
  });
  return beyond && { code: 'STOCK_SHORT', why: `lot ${beyond.lotNo} is not pledged to that amount` };
}

type Prices = ReadonlyMap<string, { readonly price: string; readonly asOf: string }>;

const priceOf = (prices: Prices, materialCode: string) => {
  const quote = prices.get(materialCode);
  return { price: quote?.price ?? '0.00', priceAt: quote?.asOf ?? '' };
};

/** A price of this business day, or the goods go back. */
async function freshPrices(run: Run, open: OpenPledge, asked: Asked): Promise<Prices> {
  const prices = new Map<string, { price: string; asOf: string }>();
  for (const [materialCode, unit] of new Map(asked.lotsIn.map((lot) => [lot.materialCode, lot.unit]))) {
    const quote = await quoteOf(run, open.project.systems.price, materialCode, unit).catch((thrown: unknown) => {
      if (!isFailure(thrown)) throw thrown;
      return undefined;
    });
    const age = quote ? run.now().getTime() - Date.parse(quote.asOf) : Infinity;
    if (!quote || age > priceAgeMaxMs)
      return returned(run, asked, {
        code: 'PRICE_STALE',
        why: `there is no price of ${materialCode} of this business day`,
      });
    prices.set(materialCode, quote);
  }
  return prices;
}

/** Over a long weekend of festivals; what the books let count is asked again when goods go out. */
const priceAgeMaxMs = 4 * 86_400_000;
