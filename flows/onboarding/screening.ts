/** Step 8: nobody who is on the blacklist (黑名单) comes in. A hit freezes the company until two people have looked at it. */
import type { Run } from '../../engine/flow.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import { entriesNaming, isBlacklisted, liftEntry } from '../../ledger/oversight/blacklist.ts';
import type { Applicant } from './applicant.ts';

export async function screen(run: Run, { party, profile, actor }: Applicant): Promise<void> {
  const { state, hits } = await run.record('screen', async (tx) => {
    const before = (await stateOf(tx, 'party', party)) ?? '';
    if (!(await isBlacklisted(tx, party))) return { state: before, hits: [] };
    if (before !== 'FROZEN')
      await move(tx, 'party', party, 'freeze', actor, {}, { word: 'SYS', reason: 'hit of the screening' });
    return { state: before, hits: await entriesNaming(tx, party) };
  });
  if (hits.length === 0) return;
  const decided = await run.ask('a hit of the blacklist', {
    title: { zh: '黑名单命中复核（双人）', en: 'blacklist hit: is it this company?' },
    payload: { name: profile.name, uscc: profile.uscc, hits },
    people: 2,
    within: '10 working days',
    roles: ['operator', 'operator-checker'],
  });
  if (decided.decision === 'rejected') run.stop('refused', 'the company or its representative is on the blacklist');
  const [maker = '', checker = ''] = decided.by;
  const people = { maker, checker, source: 'people' };
  await run.record('clear the hit', async (tx) => {
    for (const { id } of await entriesNaming(tx, party))
      await liftEntry(
        tx,
        id,
        await decidedElsewhere(tx, { entity: 'blacklist', id, event: 'lift' }, people, actor),
        actor,
      );
    // Who was active before is so again; the others go on to the review.
    const event = state === 'VERIFIED' ? 'clear' : 'unfreeze';
    const approval = await decidedElsewhere(tx, { entity: 'party', id: party, event }, people, actor);
    await move(tx, 'party', party, event, actor, {}, { approval });
  });
}
