/** The flows that the benches run: ten calls and the end, and one that waits for a fact. */
import { Type } from 'typebox';
import { contract, strict } from '../../contracts/contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../../contracts/kind.ts';
import { flow } from '../../engine/flow.ts';
import { caseId } from './server.ts';

export const stepsPerRun = 10;
export const tenStepsName = 'bench-ten-steps';

const Item = contract('bench/item', strict({ no: Type.String({ maxLength: 64 }) }));

export const shop = kind(
  'bench',
  {
    look: operation({ request: Item, response: Item, effect: 'read', label: { zh: '看', en: 'look' } }),
    order: operation({
      request: Item,
      response: Item,
      effect: 'write',
      idempotent: true,
      query: 'queryOrder',
      numberOf: ({ no }) => no,
      label: { zh: '订', en: 'order' },
    }),
    queryOrder: operation({
      request: QueryByNumber,
      response: enquiry(Item),
      effect: 'read',
      label: { zh: '查询', en: 'query' },
    }),
  },
  {
    told: notice({ contract: Item, label: { zh: '告知', en: 'told' }, keyOf: ({ no }) => no, idOf: ({ no }) => no }),
  },
);

const common = {
  version: 1,
  input: Item,
  startedBy: [],
  keyOf: ({ no }: { no: string }) => no,
  caseOf: () => ({ id: caseId }),
  milestones: [],
};

/** `stepped` is the bench's own count: it changes nothing of what the flow decides. */
export function tenSteps(operation: 'look' | 'order', stepped: () => void) {
  return flow({
    ...common,
    name: tenStepsName,
    title: { zh: '十步', en: 'ten steps' },
    async body(run, { no }) {
      for (let step = 0; step < stepsPerRun; step += 1) {
        await run.call(shop.operations[operation], { no: `${no}/${step}` }, { system: 'bench' });
        stepped();
      }
      return { outcome: 'done' };
    },
  });
}

export const waitingFlow = flow({
  ...common,
  name: 'bench-waiting',
  title: { zh: '等待', en: 'waiting' },
  async body(run, { no }) {
    await run.wait(shop.notices.told, { key: no, within: '3000 days', from: 'bench' });
    await run.wait(shop.notices.told, { key: `${no}/again`, within: '3000 days', from: 'bench' });
    return { outcome: 'done' };
  },
});
