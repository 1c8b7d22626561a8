/**
 * Anchors the head of a case's evidence chain outside the hub. Later anchors cover what earlier ones did, so one that is
 * refused stops no business: it comes after the money moved, and must not undo anything.
 */
import { evidence } from '../contracts/evidence/evidence.ts';
import { isFailure } from '../contracts/failures.ts';
import type { Run } from '../engine/flow.ts';
import { numberFor } from '../ledger/cases.ts';
import { headOf, keepAnchor } from '../ledger/evidence.ts';

export async function anchorCase(run: Run, system: string): Promise<void> {
  const head = await run.record('evidence head', (tx) => headOf(tx, run.caseId));
  if (!head) return;
  const anchorNo = `${numberFor('EV', run.caseId)}-${head.seq}`;
  const anchored = run.call(
    evidence.operations.anchor,
    { anchorNo, headSha256: head.sha256, headSm3: head.sm3, count: head.seq },
    {
      system,
      after: (tx, { txHash, blockNumber, anchoredAt }) =>
        keepAnchor(tx, {
          no: anchorNo,
          caseId: run.caseId,
          upto: head.seq,
          headSha256: head.sha256,
          txHash,
          blockNumber,
          anchoredAt,
        }),
    },
  );
  await anchored.catch((thrown: unknown) => {
    if (!isFailure(thrown)) throw thrown;
  });
}
