/**
 * How a break is settled (F10 step 5): by a compensating command, which must stand in the books under the number that is named, or accepted
 * as it is by two people. Nothing is corrected by editing.
 */
import { hub } from '../contracts/hub/hub.ts';
import { BreakResolution } from '../contracts/portal/settlement.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { acceptBreak, adjustBreak, breakOf, hasCommand } from '../ledger/money/breaks.ts';

export const breakResolution = flow({
  name: 'break-resolution',
  version: 1,
  title: { zh: '差异处理', en: 'A break is settled' },
  input: BreakResolution,
  startedBy: [portal.notices.breakResolved.name],
  keyOf: (asked) => asked.resolutionNo,
  caseOf: (asked) => ({ key: `break/${asked.resolutionNo}`, title: '差异处理' }),
  milestones: [
    { no: 1, name: { zh: '核对更正指令', en: 'what corrects it stands in the books' }, party: 'operator' },
    { no: 2, name: { zh: '差异关闭', en: 'closed' }, party: 'hub' },
  ],
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const found = await run.record('which break', (tx) => breakOf(tx, asked.breakNo));
    if (!found) return run.stop('unknown', `no break ${asked.breakNo} is open`);
    const { commandNo } = asked;
    if (asked.how === 'adjusted') {
      if (commandNo === undefined)
        return run.stop('refused', 'what is adjusted is adjusted by a command, which is named');
      const stands = await run.record('the compensating command', (tx) => hasCommand(tx, commandNo));
      if (!stands) return run.stop('refused', `no command ${commandNo} stands in the books`);
      await run.milestone(1);
      await run.record('adjusted', (tx) => adjustBreak(tx, asked.breakNo, commandNo, actor));
    } else {
      const decided = await run.ask('accept', {
        title: { zh: '接受差异', en: 'accept the break as it is' },
        payload: { ...asked, difference: found.difference, subject: found.subject },
        within: '3 working days',
        roles: ['operator'],
        notBy: [asked.by],
      });
      const [checker] = decided.by;
      if (decided.decision === 'rejected' || checker === undefined) return run.stop('refused', decided.reason);
      await run.milestone(1);
      await run.record('accepted', (tx) =>
        acceptBreak(tx, asked.breakNo, asked.reason, { maker: asked.by, checker }, actor),
      );
    }
    await run.record('keep how it was settled', async (tx) => {
      await keepEvidence(tx, run.caseId, 'N24 reconciliation', asked.breakNo, {
        difference: found.difference,
        how: asked.how,
        command: commandNo ?? '',
      });
      await closeCase(tx, run.caseId, asked.how);
    });
    if (found.runNo !== null) await run.tell(hub.notices.breakClosed, { breakNo: asked.breakNo, runNo: found.runNo });
    await run.milestone(2);
    return { outcome: asked.how, detail: asked.breakNo };
  },
});
