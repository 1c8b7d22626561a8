/**
 * Steps 1 to 4 with a funder: the statement of its own account. What is in flight with us and booked there is asked for by its number,
 * and told as the callback would have told it.
 */
import { bank } from '../../contracts/bank/bank.ts';
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { alarm, allClear, dayTotals, type SettlementSource } from '../../ledger/money/settlementDay.ts';
import { compareStatement } from '../../ledger/money/statements.ts';
import { isLate, tellMissing, untilNextLook, type Day } from './morning.ts';

const looksMax = 400;

type OfStatement = Extract<SettlementSource, { by: 'statement' }>;

/** Returns the run of the day; none when that bank offers no statements. */
export async function readStatement(
  run: Run,
  day: Day,
  source: OfStatement,
  actor: string,
): Promise<string | undefined> {
  const statement = await finalStatement(run, day, source, actor);
  if (!statement) return undefined;
  await run.milestone(1);
  await run.milestone(2);
  const { runNo, ended } = await run.record('compare the statement', async (tx) => {
    await allClear(tx, day.scope, day.on, actor, 'the statement is there');
    const taken = await compareStatement(tx, day.scope, source.funder, statement, actor);
    const totals = await dayTotals(tx, taken.runNo);
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', taken.runNo, {
      fileSha256: totals.fileSha256,
      count: totals.controlCount,
      sum: totals.controlSum,
      verdicts: totals.verdicts,
    });
    return taken;
  });
  await run.milestone(3);
  for (const no of ended) await fetchFact(run, day, no);
  if (ended.length > 0)
    await run.record('callbacks were lost', (tx) =>
      alarm(tx, `${day.scope} callbacks`, day.on, `callback lost: ${ended.length}`, 'WARN', actor),
    );
  await run.milestone(4);
  return runNo;
}

/** A day is compared when the bank has closed it. Nothing, when it offers no statements at all. */
async function finalStatement(
  run: Run,
  day: Day,
  { funder, accountNo }: OfStatement,
  actor: string,
): Promise<Message<typeof bank.operations.readStatement.response> | undefined> {
  let told = false;
  let why = 'no closed statement by 09:00';
  for (let look = 0; look < looksMax; look += 1) {
    const statement = await run
      .call(bank.operations.readStatement, { accountNo, date: day.on }, { system: day.scope })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown)) throw thrown;
        if (thrown.type === 'OPERATION_NOT_OFFERED') return 'not offered';
        why = thrown.message;
        return undefined;
      });
    if (statement === 'not offered') return undefined;
    if (statement?.final) return statement;
    if (isLate(run, day) && !told) {
      told = true;
      await tellMissing(run, day, funder, why.slice(0, 200), actor);
    }
    await untilNextLook(run, day);
  }
  return run.stop('missing', `${day.scope} has no closed statement of ${day.on}`);
}

/** The bank says what became of it in its own words: only that moves anything. */
async function fetchFact(run: Run, { scope }: Day, instructionNo: string): Promise<void> {
  const answer = await run.call(bank.operations.readSettlement, { no: instructionNo }, { system: scope });
  if (answer.outcome === 'confirmed') await run.tell(bank.notices.disbursementSettled, answer.response);
}
