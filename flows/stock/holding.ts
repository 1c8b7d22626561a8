/** Pledged goods left without an order: what else of that owner lies there is locked for the pledgee, in the books and at the warehouse (F9 4). */
import { wms } from '../../contracts/wms/wms.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { holdRest, letRestGo, type HeldLot } from '../../ledger/goods/differences.ts';
import type { Differing } from './note.ts';

/** Returns what is held beside the lot itself; what is pledged is locked already. */
export async function hold(run: Run, { alertNo, lotNo, project, warehouseCode, actor }: Differing): Promise<HeldLot[]> {
  const held = await run.record('hold the rest', async (tx) => {
    const rest = await holdRest(tx, lotNo, alertNo, actor);
    const lots = rest.map(lotOf);
    await keepEvidence(tx, run.caseId, 'N21 stock difference', `${alertNo} held`, { lotNo, lots });
    return rest;
  });
  const [first] = held;
  if (!first) return held;
  const { name, uscc } = project.funder;
  await run.call(
    wms.operations.lockStock,
    {
      pledgeNo: lockNo(alertNo),
      warehouseCode,
      ownerCode: first.ownerUscc,
      pledgee: { name, uscc },
      lots: held.map(lotOf),
    },
    { system: project.systems.warehouse },
  );
  const control = await run.wait(wms.notices.controlConfirmed, {
    key: lockNo(alertNo),
    within: '5 working days',
    from: project.systems.warehouse,
  });
  await run.record('the rest is controlled', (tx) =>
    keepEvidence(tx, run.caseId, 'N13 control', lockNo(alertNo), {
      supervisor: control.supervisor.uscc,
      at: control.confirmedAt,
    }),
  );
  return held;
}

const lotOf = ({ lotNo, materialCode, quantity, unit }: HeldLot) => ({ lotNo, materialCode, quantity, unit });

const lockNo = (alertNo: string) => alertNo.replace(/^AL/, 'HL');

export async function letGo(
  run: Run,
  { alertNo, project, warehouseCode, actor }: Differing,
  held: readonly HeldLot[],
): Promise<void> {
  const [first] = held;
  if (!first) return;
  await run.call(
    wms.operations.unlockStock,
    {
      pledgeNo: lockNo(alertNo),
      warehouseCode,
      ownerCode: first.ownerUscc,
      lots: held.map(lotOf),
      reason: `the difference ${alertNo} has ended`,
    },
    { system: project.systems.warehouse },
  );
  await run.record('let the rest go', (tx) => letRestGo(tx, held, alertNo, actor));
}
