/** Steps 1 to 3 of routing (资方路由): who may be asked at all, in which order, and who chooses. */
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Run, Tx } from '../../engine/flow.ts';
import { adviseCase, closeCase } from '../../ledger/cases.ts';
import type { ProjectFunder } from '../../ledger/configuration/projects.ts';
import { factsAbout, rankFunders } from '../../ledger/configuration/routing.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import type { Deal } from '../financing/deal.ts';
import type { Mode, Route, RoutedFunder } from './route.ts';

const rules = 'funder-routing';

type Received = Message<typeof portal.notices.applicationSubmitted.contract>;

interface Ranking {
  readonly ranked: readonly RoutedFunder[];
  readonly rulesId: string;
  /** Who may not be asked, and why, in the words of the rules. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/** Hard filters, then points; equal points keep the customer's order. Nothing is locked yet. */
export async function routeFor(run: Run, deal: Deal, application: Received): Promise<Route> {
  const { project } = deal;
  const { mode = 'SEQUENTIAL' } = application.routing ?? {};
  if (project.funders.length === 1) return { mode: 'SEQUENTIAL', funders: [project.funder] };
  const ranking = await run.record('rank the funders', (tx) => rank(tx, run, deal, application, mode));
  if (ranking.ranked.length === 0) return none(run, ranking);
  const funders = await choose[mode](run, application, ranking);
  return { mode, funders, rulesId: ranking.rulesId };
}

async function rank(tx: Tx, run: Run, { project, dealer }: Deal, application: Received, mode: Mode): Promise<Ranking> {
  const { amount, currency, tenorDays, routing } = application;
  const wanted = routing?.preferred ?? [];
  const candidates: { funder: string; facts: Awaited<ReturnType<typeof factsAbout>> }[] = [];
  for (const funder of inOrderOf(wanted, project.funders))
    candidates.push({
      funder: funder.id,
      facts: {
        ...(await factsAbout(tx, { funder, borrower: dealer.id, amount })),
        product: project.productType,
        amount,
        currency,
        tenorDays: String(tenorDays),
        preferred: wanted.includes(funder.uscc),
      },
    });
  const { ranked, leftOut, rulesId } = await rankFunders(tx, rules, run.caseId, candidates);
  const companyOf = (id: string) => {
    const { name, uscc } = project.funders.find((funder) => funder.id === id) ?? { name: id, uscc: id };
    return { id, name, uscc };
  };
  const ranking = {
    ranked: ranked.map(({ funder, outcome }) => ({ ...companyOf(funder), points: outcome.points })),
    rulesId,
    leftOut: leftOut.map(({ funder, outcome }) => ({
      name: companyOf(funder).name,
      why: outcome.refusals.length > 0 ? outcome.refusals.join('；') : '路由规则缺少事实 a fact is missing',
    })),
  };
  // Explained for good: what was known of each stands with the decisions of the rules.
  await keepEvidence(tx, run.caseId, 'N04 application', `${application.applicationNo}/route`, { mode, ...ranking });
  return ranking;
}

function inOrderOf(wanted: readonly string[], funders: readonly ProjectFunder[]): ProjectFunder[] {
  const placeOf = ({ uscc }: ProjectFunder) => (wanted.includes(uscc) ? wanted.indexOf(uscc) : wanted.length);
  return funders.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Row 1: nobody is left. The dealer is told that, and not what each funder is like. */
async function none(run: Run, { leftOut }: Pick<Ranking, 'leftOut'>): Promise<never> {
  const why = `NO_FUNDER_AVAILABLE: ${leftOut.map(({ name, why: reason }) => `${name}: ${reason}`).join('; ')}`;
  await run.record('return the application', async (tx) => {
    await adviseCase(tx, run.caseId, '目前无可用资方，请调整申请 no funder is available for this application');
    await closeCase(tx, run.caseId, 'ended');
  });
  return run.stop('returned', why);
}

type Choose = (run: Run, application: Received, ranking: Ranking) => Promise<readonly RoutedFunder[]>;

const choose: Readonly<Record<Mode, Choose>> = {
  // oxlint-disable-next-line typescript/require-await -- the others ask somebody
  SEQUENTIAL: async (_run, _application, { ranked }) => ranked,
  OFFER: byOffers,
  MANUAL: byPeople,
};

const late = (thrown: unknown): undefined => {
  if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
  return undefined;
};

/** Above every rate that there is: of who quotes nothing. */
const dearest = '9.999999';

/**
 * Indicative quotes side by side, within a working day; the cheapest is asked first, and between equals the customer's choice. Who
 * quotes nothing is asked after those who do.
 */
async function byOffers(run: Run, application: Received, { ranked }: Ranking): Promise<readonly RoutedFunder[]> {
  const quotes = await run.all(
    'indicative quotes',
    Object.fromEntries(
      ranked.map(({ uscc }, place) => [
        `quote${place + 1}`,
        (r: Run) =>
          r
            .wait(portal.notices.quoteOffered, {
              key: `${application.applicationNo}/${uscc}`,
              within: '1 working day',
              from: 'funder',
            })
            .catch(late),
      ]),
    ),
  );
  const wanted = application.routing?.preferred ?? [];
  const likedAs = (uscc: string) => (wanted.includes(uscc) ? wanted.indexOf(uscc) : wanted.length);
  return ranked
    .map((funder, place) => ({ funder, rate: quotes[`quote${place + 1}`]?.rate ?? dearest }))
    .toSorted((a, b) =>
      a.rate === b.rate ? likedAs(a.funder.uscc) - likedAs(b.funder.uscc) : a.rate < b.rate ? -1 : 1,
    )
    .map(({ funder }) => funder);
}

/** People choose: one funder after the other is proposed to them, in the order of the rules. Those that they take are asked. */
async function byPeople(run: Run, application: Received, ranking: Ranking): Promise<readonly RoutedFunder[]> {
  const chosen: RoutedFunder[] = [];
  for (const funder of ranking.ranked) {
    const decided = await askWhether(run, application, funder, ranking);
    if (decided) chosen.push(funder);
  }
  if (chosen.length > 0) return chosen;
  return none(run, { leftOut: ranking.ranked.map(({ name }) => ({ name, why: '人工未选 not chosen by people' })) });
}

/** A day for the operator; then another one for whoever is above. */
async function askWhether(
  run: Run,
  application: Received,
  funder: RoutedFunder,
  { ranked }: Ranking,
): Promise<boolean> {
  for (const roles of [['operator'], ['operator', 'supervisor']]) {
    const decided = await run
      .ask(`choose ${funder.name}`, {
        title: { zh: `是否推送至${funder.name}`, en: `choose the funder: ${funder.name}` },
        payload: { applicationNo: application.applicationNo, proposed: funder.name, ranked },
        within: '1 working day',
        roles,
      })
      .catch(late);
    if (decided) return decided.decision === 'approved';
  }
  return false;
}
