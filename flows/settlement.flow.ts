/**
 * F10 daily settlement reconciliation (日终对账): what a clearing house or a bank says it did on a day, beside what the hub knows. Pulled,
 * never pushed; whole or not at all; what differs is somebody's until the next working day; two people sign the day off.
 *
 * `on` is the day that is settled. The flow may begin on that day or later: it looks from 01:00 of the next one.
 */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Milestone } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { settlementSource } from '../ledger/money/settlementDay.ts';
import { settleDifferences } from './settlement/differences.ts';
import { receiveFile } from './settlement/files.ts';
import { signOff } from './settlement/signOff.ts';
import { readStatement } from './settlement/statement.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

export const settlement = flow({
  name: 'settlement',
  version: 1,
  title: { zh: '日终对账', en: 'Daily settlement reconciliation' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, { what }) => what === 'settlement',
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '日终对账' }),
  milestones: [
    milestone(1, '获取对账文件', 'settlement fetched', 'clearing'),
    milestone(2, '整文件校验', 'guards of the whole file', 'hub'),
    milestone(3, '逐笔匹配', 'movements matched', 'hub'),
    milestone(4, '差异分类、未知付款落定', 'differences told apart, unknown payments ended', 'hub'),
    milestone(5, '差异处理', 'differences settled', 'operator'),
    milestone(6, '双人签核', 'signed off by two', 'operator'),
  ],
  async body(run, due) {
    const actor = `run:${run.id}`;
    const source = await run.record('where it comes from', (tx) => settlementSource(tx, due.scope));
    const runNo =
      source.by === 'file' ? await receiveFile(run, due, actor) : await readStatement(run, due, source, actor);
    if (runNo === undefined) {
      await run.record('nothing is offered', (tx) => closeCase(tx, run.caseId, 'not offered'));
      return { outcome: 'not offered', detail: `${due.scope} offers no statements` };
    }
    await settleDifferences(run, due, runNo, actor);
    await signOff(run, due, runNo, actor);
    return { outcome: 'signed-off', detail: runNo };
  },
});
