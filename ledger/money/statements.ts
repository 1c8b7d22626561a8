/**
 * A funder's own account (账户明细, camt.053) against the hub's instructions of that day: what the bank booked beside what the hub knows
 * of it. A credit that names nothing is suspense (暂收) until people say whose it is.
 */
import { createHash } from 'node:crypto';
import type { Statement } from '../../contracts/bank/statement.ts';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { canonicalJson } from '../../contracts/evidence/chain.ts';
import type { Actor, Tx } from '../lifecycle.ts';
import { compareFile, type Line } from './reconciliation.ts';

export interface StatementTaken {
  readonly runNo: string;
  /** Instructions in flight with us that ended there: their fact is to be asked for. */
  readonly ended: readonly string[];
}

const inFlight: readonly string[] = ['SUBMITTING', 'ACCEPTED', 'UNKNOWN'];

/** The same statement again is the same run. */
export async function compareStatement(
  tx: Tx,
  connector: string,
  funder: string,
  statement: Message<typeof Statement>,
  actor: Actor,
): Promise<StatementTaken> {
  const lines = linesOf(statement);
  const sha256 = createHash('sha256').update(canonicalJson(statement)).digest('hex');
  const runNo = `RR-${connector}-${statement.date.replaceAll('-', '')}-01-${sha256.slice(0, 12)}`;
  const { accountNo, date } = statement;
  const hub = await hubLines(tx, { connector, funder, accountNo, on: date, named: [...lines.keys()] });
  const ended = hub.filter(({ key, state, amount }) => inFlight.includes(state) && lines.get(key)?.amount === amount);
  const known = await tx.query('select from recon_run where no = $1', [runNo]);
  if (known.rowCount === 0) {
    const sum = [...lines.values()].reduce((total, { amount }) => total + fenOf(amount), 0n);
    const closed = new Set(ended.map(({ key }) => key));
    await compareFile(
      tx,
      {
        runNo,
        on: statement.date,
        connector,
        type: 'FUND',
        funder,
        sha256,
        controlCount: lines.size,
        controlSum: yuanOf(sum),
        lines: [...lines.values()],
      },
      // What ended there, at our amount, is no difference: the fact is fetched with this very run.
      hub.map((line) => (closed.has(line.key) ? (lines.get(line.key) ?? line) : line)),
      actor,
    );
  }
  return { runNo, ended: ended.map(({ key }) => key) };
}

/** By instruction; a return stands for the payment that it undid. Fees and interest of the account are nobody's instruction. */
function linesOf({ lines }: Message<typeof Statement>): Map<string, Line> {
  const read = new Map<string, Line>();
  for (const { entry, instructionNo, serial, amount } of lines) {
    if (entry === 'fee' || entry === 'interest') continue;
    const key = instructionNo ?? serial;
    const state = entry === 'return' ? 'RETURNED' : 'SUCCEEDED';
    if (state === 'RETURNED' || !read.has(key)) read.set(key, { key, amount, state });
  }
  return read;
}

interface Account {
  readonly connector: string;
  readonly funder: string;
  readonly accountNo: string;
  readonly on: string;
  readonly named: readonly string[];
}

/** What came through a clearing house may be booked by the bank some days after it was settled there (未达账项). */
const transitWorkingDays = 3;
/** So many days hold that many working days, whatever holiday, and a week without statements. */
const lookBackDays = 30;

/**
 * Named by the bank; or paid out by that funder, and settled that day with us; or paid to that account, in no statement yet, and so long ago
 * that it must be there by this one.
 */
async function hubLines(tx: Tx, { connector, funder, accountNo, on, named }: Account): Promise<Line[]> {
  const found = await tx.query<Line>(
    `select p.no "key", p.amount::text amount, p.state
     from payment p join application a on a.no = p.application_no,
       lateral (select is_disbursement(p.purpose) and a.funder_id = $1 "out") side
     where (side.out or p.payee_account = $2)
       and (p.no = any($4) or p.state in ('SUCCEEDED', 'RETURNED') and p.settled_at > $3::date - $6::int and case when side.out
         then shanghai_date(p.settled_at) = $3
         else working_days_after(shanghai_date(p.settled_at), $7) <= $3
           and working_days_after(shanghai_date(p.settled_at), $7) >
             coalesce((select max(r.on_date) from recon_run r where r.connector = $5 and r.on_date < $3), $3::date - 1)
           and not exists (select from recon_item i join recon_run r on r.no = i.run_no where r.connector = $5 and i.key = p.no) end)
     order by p.no`,
    [funder, accountNo, on, named, connector, lookBackDays, transitWorkingDays],
  );
  return found.rows;
}
