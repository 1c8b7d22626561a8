/**
 * Books against books (跨方核对), each night and without end: the funder's loan book, the ERP's receipts, the warehouse's lots beside what
 * the hub holds. A difference is a break with an owner and the act that corrects it; it is closed when the next comparison agrees.
 */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { compareLoans, compareReceipts, compareStock, type Compared } from './reconciliation/comparisons.ts';

export const reconciliation = flow({
  name: 'reconciliation',
  version: 1,
  title: { zh: '跨方核对', en: 'Books against books' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, { what }) => what === 'reconciliation',
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '跨方核对' }),
  milestones: [
    { no: 1, name: { zh: '资金方借据', en: 'the loan book of the funders' }, party: 'bank' },
    { no: 2, name: { zh: 'ERP 收款', en: 'receipts in the ERP' }, party: 'sap' },
    { no: 3, name: { zh: '仓库批次', en: 'lots of the warehouse' }, party: 'wms' },
  ],
  async body(run, { scope, on }) {
    const actor = `run:${run.id}`;
    const project = await run.record('which project', (tx) => projectNamed(tx, scope));
    const compared: Compared[] = [];
    compared.push(await compareLoans(run, project, on, actor));
    await run.milestone(1);
    compared.push(await compareReceipts(run, project, on, actor));
    await run.milestone(2);
    compared.push(await compareStock(run, project, on, actor));
    await run.milestone(3);
    const sum = (of: (one: Compared) => number) => compared.reduce((total, one) => total + of(one), 0);
    const totals = { opened: sum((one) => one.opened), closed: sum((one) => one.closed), open: sum((one) => one.open) };
    await run.record('keep what was compared', async (tx) => {
      await keepEvidence(tx, run.caseId, 'N24 reconciliation', `${scope} ${on}`, { ...totals });
      await closeCase(tx, run.caseId, totals.open === 0 ? 'agreed' : 'breaks');
    });
    return {
      outcome: totals.open === 0 ? 'agreed' : 'breaks',
      detail: `opened ${totals.opened}, closed ${totals.closed}, open ${totals.open}`,
    };
  },
});
