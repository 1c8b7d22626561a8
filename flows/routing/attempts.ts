/**
 * Steps 4 and 5 of routing: an attempt (尝试) at each funder in turn. The lock on the assets stays the application's; which funder may
 * decide is the attempt's. Nobody is asked while somebody else may still approve.
 */
import { bank } from '../../contracts/bank/bank.ts';
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Run } from '../../engine/flow.ts';
import { financedBy } from '../../ledger/configuration/projects.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import {
  approveAttempt,
  endAttempt,
  planAttempt,
  pushAttempt,
  refuseAttempt,
  skipPlanned,
} from '../../ledger/financing/routing.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import { creditRequest, disclosingTo } from '../financing/dataPackage.ts';
import type { Applied, Deal, Placed, Terms } from '../financing/deal.ts';
import type { RoutedFunder } from './route.ts';
import { takeBack, withdraw } from './withdrawal.ts';

/** How often a package that came back may be corrected and handed to the same funder again. */
const corrections = 1;

/** The first that approves ends it. @throws (by stopping) rejected, with each funder and why */
export async function askInTurn(run: Run, deal: Deal, application: Applied): Promise<Placed> {
  const { funders, rulesId, mode } = application.route;
  const numberOf = (position: number) => `${application.no}-${position}`;
  await run.record('plan the attempts', async (tx) => {
    for (const [place, funder] of funders.entries())
      await planAttempt(
        tx,
        {
          no: numberOf(place + 1),
          applicationNo: application.no,
          funder: funder.id,
          position: place + 1,
          explained: { mode, rules: rulesId ?? '', points: funder.points ?? '' },
        },
        deal.actor,
      );
  });
  const reasons: string[] = [];
  let next = funders.length;
  for (const [place, funder] of funders.entries()) {
    let position = place + 1;
    for (let corrected = 0; ; corrected += 1) {
      const asked = { ...application, askedAs: numberOf(position) };
      const ended = await attempt(run, at(deal, funder), asked);
      if ('terms' in ended) {
        await run.record('skip the others', (tx) => skipPlanned(tx, application.no, deal.actor));
        return { deal: at(deal, funder), application: asked, terms: ended.terms };
      }
      reasons.push(`${funder.name}: ${ended.why}`);
      if (!ended.returned || corrected === corrections || !(await correct(run, funder, asked, ended.why))) break;
      next += 1;
      position = next;
      await run.record('plan another attempt', (tx) =>
        planAttempt(
          tx,
          {
            no: numberOf(next),
            applicationNo: application.no,
            funder: funder.id,
            position: next,
            explained: { corrects: asked.askedAs },
          },
          deal.actor,
        ),
      );
    }
  }
  await run.record('nobody is left', async (tx) => {
    // None of them even took the package.
    if ((await stateOf(tx, 'application', application.no)) === 'ASSETS_LOCKED')
      await move(tx, 'application', application.no, 'route', deal.actor);
    await move(tx, 'application', application.no, 'reject', deal.actor, {}, { reason: 'NO_FUNDER_AVAILABLE' });
  });
  return run.stop('rejected', `NO_FUNDER_AVAILABLE: ${reasons.join('; ')}`);
}

const at = (deal: Deal, funder: RoutedFunder): Deal => ({ ...deal, project: financedBy(deal.project, funder.id) });

type Ended = { readonly terms: Terms } | { readonly why: string; readonly returned?: boolean };

/** One funder: it gets the package made for it, and three working days. */
async function attempt(run: Run, deal: Deal, application: Applied): Promise<Ended> {
  const { project, actor } = deal;
  const no = application.askedAs;
  const system = project.systems.funder;
  const request = creditRequest(deal, application);
  const disclosed = disclosingTo(deal, request);
  const taken = await run
    .call(bank.operations.applyCredit, request, {
      system,
      before: async (tx) => {
        await pushAttempt(tx, no, actor);
        await disclosed(tx);
        await keepEvidence(tx, run.caseId, 'N04 application', no, {
          amount: application.amount,
          funder: project.funder.uscc,
        });
      },
      undo: (r) => takeBack(r, deal, no, '融资申请已终止'),
    })
    .catch(refusedWith);
  if ('refused' in taken) {
    const pushed = await run.record('record that it came back', (tx) => refuseAttempt(tx, no, taken.refused, actor));
    return { why: taken.refused, returned: pushed && taken.mendable };
  }
  const decision = await decisionOf(run, system, no);
  if (!decision) {
    await withdraw(run, deal, no, taken.funderRef, '三个工作日内未审批');
    return { why: 'no decision within 3 working days, withdrawn' };
  }
  return concluded(run, deal, application, decision);
}

/** A clear no to the package, not to the loan. One that lies with another application of the dealer is not mended by anybody here. */
function refusedWith(thrown: unknown): { readonly refused: string; readonly mendable: boolean } {
  if (!isFailure(thrown)) throw thrown;
  return { refused: `${thrown.type} ${thrown.message}`.slice(0, 200), mendable: thrown.type === 'SYSTEM_REFUSED' };
}

type Decision = Message<typeof bank.notices.creditDecided.contract>;

/** Three working days by callback or question; then it is chased for an hour more. */
async function decisionOf(run: Run, system: string, no: string): Promise<Decision | undefined> {
  const waited = (within: '3 working days' | '1 hour', every: '1 hour' | '20 minutes') =>
    run
      .wait(bank.notices.creditDecided, {
        key: no,
        within,
        from: system,
        poll: { operation: bank.operations.readDecision, system, every },
      })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      });
  return (await waited('3 working days', '1 hour')) ?? (await waited('1 hour', '20 minutes')) ?? undefined;
}

async function concluded(run: Run, { project, actor }: Deal, application: Applied, decision: Decision): Promise<Ended> {
  const no = application.askedAs;
  const { terms, funderRef, decidedAt } = decision;
  if (decision.verdict === 'rejected' || !terms) {
    const why = decision.reason ?? 'the funder rejected the application';
    await run.record('record the rejection', async (tx) => {
      await endAttempt(tx, no, 'reject', why, actor);
      await keepEvidence(tx, run.caseId, 'N05 decision', no, { verdict: 'rejected', decidedAt });
    });
    return { why };
  }
  await run.record('record the approval', async (tx) => {
    await approveAttempt(tx, no, funderRef, terms, actor);
    await keepEvidence(tx, run.caseId, 'N05 decision', no, {
      verdict: 'approved',
      funder: project.funder.uscc,
      amount: terms.amount,
      rate: terms.rate,
      decidedAt,
    });
  });
  return { terms: { ...terms, funderRef } };
}

/** It came back: unit and operator may put the data right within a working day; otherwise the next funder is asked. */
async function correct(run: Run, funder: RoutedFunder, { askedAs }: Applied, why: string): Promise<boolean> {
  const decided = await run
    .ask('correct the package', {
      title: {
        zh: `${funder.name}退回申请，是否补正后重推`,
        en: `the funder returned the package: corrected, send it again?`,
      },
      payload: { attempt: askedAs, funder: funder.name, why },
      within: '1 working day',
      roles: ['operator', 'unit'],
    })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    });
  return decided?.decision === 'approved';
}
