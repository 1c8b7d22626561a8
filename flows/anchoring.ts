/** Puts the head of a case's evidence chain where the hub cannot change it: under a time stamp, and into a chain. */
import { evidence } from '../contracts/evidence/evidence.ts';
import { isFailure } from '../contracts/failures.ts';
import type { Run } from '../engine/flow.ts';
import { numberFor } from '../ledger/cases.ts';
import type { Project } from '../ledger/configuration/projects.ts';
import { headOf, keepAnchor } from '../ledger/evidence.ts';

/**
 * Before money is paid out or goods leave, an authority that is nobody's party puts a time to what stands in the chain (domain.md
 * 1.16: RECORDED and its stamp suffice). Where it refuses, an anchor does instead.
 */
export async function stampCase(run: Run, { stamps, evidence: chain }: Project['systems']): Promise<void> {
  const head = await run.record('evidence to be stamped', (tx) => headOf(tx, run.caseId));
  if (!head) return;
  const no = `${numberFor('TS', run.caseId)}-${head.seq}`;
  try {
    const stamped = await run.call(
      evidence.operations.stamp,
      { anchorNo: no, headSha256: head.sha256 },
      { system: stamps },
    );
    const { serialNo, policy, genTime, token } = stamped;
    await run.record('keep the time stamp', (tx) =>
      keepAnchor(tx, {
        no,
        caseId: run.caseId,
        upto: head.seq,
        headSha256: head.sha256,
        txHash: `rfc3161:${serialNo}`,
        blockNumber: policy,
        anchoredAt: genTime,
        token,
      }),
    );
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    await anchorCase(run, chain);
  }
}

/**
 * Later anchors cover what earlier ones did, so one that is refused stops no business: it comes after the money moved, and must
 * not undo anything.
 */
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
