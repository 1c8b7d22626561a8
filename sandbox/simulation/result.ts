/** What a simulated year came to: counted in the books of the hub, and in the counterparties' own logs. */
import type { Stage } from '../scenarios/scenario.ts';
import { agreementsOn } from './agreement.ts';

/** Cases of orders; those of daily work come and go by themselves. */
export const openOrders = `from cases c where c.state = 'open' and exists (select from trade_order o where o.case_id = c.id)`;
const shownMax = 50;

/** Without names and numbers, so that the same reason is counted once. */
const plain = (text: string) => `regexp_replace(coalesce(${text}, ''), '[A-Z]*[-A-Z0-9]*[0-9]{4,}[-0-9.]*', '…', 'g')`;

export async function resultOf(stage: Stage): Promise<object> {
  const counts = async (sql: string) =>
    Object.fromEntries(
      (await stage.rows<{ name: string; count: number }>(sql)).map(({ name, count }) => [name, count]),
    );
  const agreements = await agreementsOn(stage);
  return {
    cases: await counts(
      'select state name, count(*)::int count from cases c where exists (select from trade_order o where o.case_id = c.id) group by state order by 1',
    ),
    ends: await counts(
      `select c.state || ' by ' || d.flow || ': ' || d.outcome || case when d.outcome in ('released', 'repaid') then '' else ' ' || ${plain('d.detail')} end name, count(*)::int count
       from cases c cross join lateral (select flow, outcome, detail from run_done where case_id = c.id and flow in ('spot-pledge', 'credit', 'release', 'repayment', 'overdue-loan')
         order by finished_at desc limit 1) d
       where c.state <> 'open' and exists (select from trade_order o where o.case_id = c.id) group by 1 order by 2 desc, 1 limit ${shownMax}`,
    ),
    outcomes: await counts(
      "select flow || ' ' || outcome name, count(*)::int count from run_done where flow <> 'days' group by 1 order by 1",
    ),
    failures: await counts(
      `select flow || ': ' || ${plain('detail')} name, count(*)::int count
       from run_done where outcome = 'failed' group by 1 order by 2 desc limit ${shownMax}`,
    ),
    unfinished: await stage.rows(
      `select c.id "case", r.flow, r.state, coalesce(w.what_en, e.operation || ' ' || e.state || ' ' || coalesce(e.detail, '')) waits,
         coalesce(w.deadline, e.next_at) until
       from (select c.id, c.state, c.key ${openOrders}) c left join run r on r.case_id = c.id left join wait w on w.run_id = r.id
         left join effect e on e.run_id = r.id and e.state in ('intent', 'unknown')
       limit ${shownMax}`,
    ),
    attention: await stage.rows('select flow, problem, case_id "case" from run where state = 4'),
    effects: await counts('select state name, count(*)::int count from effect group by state order by 1'),
    breaks: await breaksOf(stage, counts),
    agreements,
    agree: agreements.every(({ agrees }) => agrees),
  };
}

async function breaksOf(stage: Stage, counts: (sql: string) => Promise<object>): Promise<object> {
  const kind = "case when c.run_no is not null then 'CLEARING' else split_part(c.no, '-', 2) end";
  const [total] = await stage.rows<{ found: number; closed: number }>(
    "select count(*)::int found, count(*) filter (where state = 'CLOSED')::int closed from recon_case",
  );
  return {
    ...total,
    byKind: await counts(
      `select kind name, count(*)::int count from (select case when k.kind in ('LOAN', 'ERP', 'STOCK', 'CLEARING') then k.kind else 'OTHER' end kind
       from (select ${kind} kind from recon_case c) k) s group by 1 order by 1`,
    ),
    closedBy: await counts(
      `select case when h.event = 'accept' then 'accepted by two' when c.resolution like 'agreed on %' then 'the next comparison agreed' else 'a command in the books' end name,
         count(*)::int count from recon_case c join history h on h.entity = 'recon_case' and h.entity_id = c.no and h.event in ('adjust', 'accept')
       where c.state = 'CLOSED' group by 1 order by 1`,
    ),
    open: await stage.rows(
      `select no, subject, difference, owner, due_on::text "dueOn" from recon_case where state <> 'CLOSED' order by no limit ${shownMax}`,
    ),
  };
}
