/**
 * Steps 1 to 4 with a clearing house: its file is fetched and compared in one act of the hub; what is wrong with a file parks all of it,
 * and the next one under the next sequence is waited for. People may bring a file by another road; two of them.
 */
import { hub } from '../../contracts/hub/hub.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Message } from '../../contracts/contract.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { alarm, allClear, dayTotals, settlementDay, type SettlementDay } from '../../ledger/money/settlementDay.ts';
import { isLate, tellMissing, untilNextLook, type Day } from './morning.ts';

/** Two weeks of working days, looked at once an hour when it is late. */
const looksMax = 400;

type Upload = Message<typeof portal.notices.settlementUploaded.contract>;

/** Returns the run of the day. */
export async function receiveFile(run: Run, day: Day, actor: string): Promise<string> {
  let told = '';
  for (let look = 0; look < looksMax; look += 1) {
    const { found, why } = await take(run, day, undefined);
    if (found.run) return begun(run, day, found.run.no, actor);
    const parked = found.parked.findLast(({ no }) => !no.endsWith('-missing'));
    if (parked && told !== parked.no) {
      told = parked.no;
      await run.record('the file is parked whole', (tx) =>
        alarm(tx, day.scope, day.on, `parked: ${parked.reason}`.slice(0, 200), 'WARN', actor),
      );
    }
    if (!isLate(run, day)) {
      await untilNextLook(run, day);
      continue;
    }
    if (told === '') {
      told = 'missing';
      await tellMissing(run, day, undefined, why ?? 'no settlement file by 09:00', actor);
    }
    const brought = await broughtByPeople(run, day);
    const found2 = brought && (await take(run, day, brought.sha256)).found;
    if (found2?.run) return begun(run, day, found2.run.no, actor);
  }
  return run.stop('missing', `no settlement file of ${day.on} came from ${day.scope}`);
}

async function take(
  run: Run,
  { scope, on }: Day,
  uploadedSha256: string | undefined,
): Promise<{ found: SettlementDay; why: string | undefined }> {
  const taken = await run.call(
    hub.operations.takeSettlements,
    { on, ...(uploadedSha256 === undefined ? {} : { uploadedSha256 }) },
    { system: scope },
  );
  const found = await run.record('what came of it', (tx) => settlementDay(tx, scope, on));
  return { found, why: taken.reached ? taken.refused[0]?.detail : taken.detail };
}

/** The manual road: one person brings the file and its hash, another confirms them (I-36). */
async function broughtByPeople(run: Run, { scope, on }: Day): Promise<Upload | undefined> {
  const upload = await run
    .wait(portal.notices.settlementUploaded, { key: `${scope}/${on}`, within: '1 hour', from: 'operator' })
    .catch((thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED') return undefined;
      throw thrown;
    });
  if (!upload) return undefined;
  const decided = await run.ask('confirm the uploaded file', {
    title: { zh: '确认人工上传的结算文件', en: 'confirm the settlement file brought by hand' },
    payload: upload,
    within: '1 working day',
    roles: ['operator'],
    notBy: [upload.by],
  });
  return decided.decision === 'approved' ? upload : undefined;
}

/** Whole, compared, and what was unknown has ended: the guards, the pairs and the classes are one transaction of the books. */
async function begun(run: Run, { scope, on }: Day, runNo: string, actor: string): Promise<string> {
  await run.record('what the file says', async (tx) => {
    await allClear(tx, scope, on, actor, `${runNo} is there`);
    const totals = await dayTotals(tx, runNo);
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', runNo, {
      fileSha256: totals.fileSha256,
      count: totals.controlCount,
      sum: totals.controlSum,
      verdicts: totals.verdicts,
    });
  });
  for (const no of [1, 2, 3, 4]) await run.milestone(no);
  return runNo;
}
