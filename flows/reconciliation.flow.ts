/**
 * Books against books (跨方核对), each night and without end: the funder's loan book, the ERP's receipts, the warehouse's lots beside what
 * the hub holds. A difference is a break with an owner and the act that corrects it; it is closed when the next comparison agrees.
 */
import { Type } from 'typebox';
import { ShortText } from '../contracts/canonical/primitives.ts';
import { contract, strict, type Message } from '../contracts/contract.ts';
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { compareLoans, compareReceipts, compareStock, type Compared } from './reconciliation/comparisons.ts';

const Count = Type.Integer({ minimum: 0 });

/** The work that is due; a book too long for one run is read on by the next, behind what the last one compared. */
const Comparing = contract(
  'hub/comparing',
  strict({
    ...Due.schema.properties,
    goesOn: Type.Optional(
      strict({
        /** Of whom, by the number of the milestone. */
        book: Type.Integer({ minimum: 1, maximum: 3 }),
        behind: ShortText,
        opened: Count,
        closed: Count,
        open: Count,
      }),
    ),
  }),
);

export const reconciliation = flow({
  name: 'reconciliation',
  version: 1,
  title: { zh: '跨方核对', en: 'Books against books' },
  input: Comparing,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, { what }) => what === 'reconciliation',
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '跨方核对' }),
  milestones: [
    { no: 1, name: { zh: '资金方借据', en: 'the loan book of the funders' }, party: 'bank' },
    { no: 2, name: { zh: 'ERP 收款', en: 'receipts in the ERP' }, party: 'sap' },
    { no: 3, name: { zh: '仓库批次', en: 'lots of the warehouse' }, party: 'wms' },
  ],
  async body(run, { goesOn, ...due }) {
    const { scope, on } = due;
    const actor = `run:${run.id}`;
    const project = await run.record('which project', (tx) => projectNamed(tx, scope));
    const totals = { opened: goesOn?.opened ?? 0, closed: goesOn?.closed ?? 0, open: goesOn?.open ?? 0 };
    const first = goesOn?.book ?? 1;
    const behindIn = (book: number) => (goesOn?.book === book ? goesOn.behind : '');
    const [withLoans, withReceipts] = [first <= 1, first <= 2];
    if (withLoans) {
      turnPage(run, due, totals, 1, await compareLoans(run, project, on, actor, behindIn(1)));
      await run.milestone(1);
    }
    if (withReceipts) {
      turnPage(run, due, totals, 2, await compareReceipts(run, project, on, actor, behindIn(2)));
      await run.milestone(2);
    }
    turnPage(run, due, totals, 3, await compareStock(run, project, on, actor, behindIn(3)));
    await run.milestone(3);
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

/** Adds up what was compared. Behind a full page there may be more: the next run goes on there. */
function turnPage(
  run: Run,
  due: Message<typeof Due>,
  totals: { opened: number; closed: number; open: number },
  book: number,
  { opened, closed, open, last }: Compared,
): void {
  totals.opened += opened;
  totals.closed += closed;
  totals.open += open;
  const moreThere = last !== undefined;
  if (moreThere) run.continueAsNew({ ...due, goesOn: { ...totals, book, behind: last } });
}
