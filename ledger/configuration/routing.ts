/** Which funder a case goes to (资方路由, F13): hard filters, then points; each funder's decision is kept and explained. */
import { Decimal } from 'decimal.js';
import type { Tx } from '../lifecycle.ts';
import { inForce } from './configuration.ts';
import { decideByRules, type Facts, type Outcome } from './rules.ts';

export interface Candidate {
  /** The funder's id in the books. */
  readonly funder: string;
  readonly facts: Facts;
}

export interface Ranked extends Candidate {
  readonly outcome: Outcome;
}

/**
 * Candidates that pass, best first; equal points keep the order of the candidates (the customer's). Those that a rule refuses,
 * or of whom too little is known, are left out; why stands with their decisions.
 */
export async function rankFunders(
  tx: Tx,
  rulesCode: string,
  caseId: string,
  candidates: readonly Candidate[],
): Promise<{ readonly ranked: readonly Ranked[]; readonly leftOut: readonly Ranked[]; readonly rulesId: string }> {
  const { id: rulesId } = await inForce(tx, 'RULES', rulesCode);
  const judged: Ranked[] = [];
  for (const candidate of candidates)
    judged.push({
      ...candidate,
      outcome: await decideByRules(tx, rulesCode, candidate.funder, candidate.facts, caseId),
    });
  const passed = judged.filter(({ outcome }) => outcome.outcome === 'pass');
  return {
    ranked: passed.toSorted((a, b) => new Decimal(b.outcome.points).cmp(a.outcome.points)),
    leftOut: judged.filter(({ outcome }) => outcome.outcome !== 'pass'),
    rulesId,
  };
}

/** How far back a funder's decisions count. */
const remembered = "interval '90 days'";

interface Known {
  readonly active: boolean;
  readonly consented: boolean;
  readonly blacklisted: boolean;
  readonly limitFrozen: boolean;
  readonly limitCovers: boolean | null;
  readonly inFlight: boolean;
  readonly askedToday: string;
  readonly borrowerExposure: string;
  readonly concentration: string;
  readonly connectorUp: boolean;
  readonly open: boolean;
  readonly rate: string | null;
  readonly approvalRate: string | null;
  readonly decisionHours: string | null;
}

/**
 * What the books know of a funder for this borrower and amount: whether it may be asked, and how it has decided so far. What is not
 * known is left out.
 */
export async function factsAbout(
  tx: Tx,
  asked: {
    readonly funder: { readonly id: string; readonly system: string };
    readonly borrower: string;
    readonly amount: string;
  },
): Promise<Facts> {
  const { funder, borrower, amount } = asked;
  const found = await tx.query<Known>(
    `select party_acts_as(f.id, 'FUNDER') active, blacklisted($2::uuid) blacklisted,
       exists (select from consent c where c.party_id = $2 and c.recipient = f.legal_name and c.purpose = 'financing' and c.state = 'GIVEN'
         and (c.valid_to is null or c.valid_to > hub_now())) consented,
       exists (select from credit_limit l where l.party_id = $2 and l.funder_id = f.id and l.state = 'FROZEN') "limitFrozen",
       (select max(l.available) >= $3::numeric from credit_limit l where l.party_id = $2 and l.funder_id = f.id and l.revolving and l.state in ('ACTIVE', 'REDUCED')) "limitCovers",
       exists (select from route_attempt t where t.borrower_id = $2 and t.funder_id = f.id and t.state in ('PUSHED', 'WITHDRAWING')) "inFlight",
       (select coalesce(sum(a.amount), 0)::text from route_attempt t join application a on a.no = t.application_no
         where t.funder_id = f.id and exists (select from history h where h.entity = 'route_attempt' and h.entity_id = t.no and h.event = 'push'
           and shanghai_date(h.at) = shanghai_date(hub_now()))) "askedToday",
       (owed.mine + $3::numeric)::text "borrowerExposure", round((owed.mine + $3::numeric) / (owed.every + $3::numeric), 6)::text concentration,
       not exists (select from lane where lane.system = $4 and (paused_by is not null or broken_until > clock_timestamp()))
         and not alert_open('CONNECTOR_DOWN', $4) "connectorUp",
       not exists (select from lane where lane.system = $4 and lane.closed) open,
       past.rate, past."approvalRate", past."decisionHours"
     from party f,
       lateral (select coalesce(sum(l.balance) filter (where a.borrower_id = $2), 0) mine, coalesce(sum(l.balance), 0) every
         from loan l join application a on a.no = l.application_no where l.funder_id = f.id and l.state in ('ACTIVE', 'DUE', 'OVERDUE', 'EXTENDED')) owed,
       lateral (select round(avg(t.rate), 6)::text rate,
           round(avg(case when t.state in ('APPROVED', 'DECLINED') then 1 else 0 end), 6)::text "approvalRate",
           round((percentile_cont(0.5) within group (order by extract(epoch from d.at - p.at) / 3600))::numeric, 3)::text "decisionHours"
         from route_attempt t join history p on p.entity = 'route_attempt' and p.entity_id = t.no and p.event = 'push'
           join history d on d.entity = 'route_attempt' and d.entity_id = t.no and d.event in ('approve', 'reject')
         where t.funder_id = f.id and p.at > hub_now() - ${remembered}) past
     where f.id = $1`,
    [funder.id, borrower, amount, funder.system],
  );
  const known = Object.entries(found.rows[0] ?? {}).filter(
    (fact): fact is [string, string | boolean] => fact[1] !== null,
  );
  return { funder: funder.system, ...Object.fromEntries(known) };
}
