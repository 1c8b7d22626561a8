import { Type } from 'typebox';
import { contract, strict } from '../../contracts/contract.ts';
import { flow } from '../../engine/flow.ts';

const Rent = contract(
  'example/rent',
  strict({ leaseNo: Type.String({ maxLength: 32 }), months: Type.Integer({ minimum: 1, maximum: 120 }) }),
);

/** One run a month: each ends as `continued` and begins the next, at whatever version the flow has by then. */
export const rent = flow({
  name: 'example-rent',
  version: 1,
  title: { zh: '租金示例', en: 'rent' },
  input: Rent,
  startedBy: [],
  keyOf: (lease) => lease.leaseNo,
  caseOf: (lease) => ({ key: lease.leaseNo, title: `lease ${lease.leaseNo}` }),
  milestones: [],
  async body(run, lease) {
    await run.sleep('until the month is over', '1 second');
    if (lease.months > 1) run.continueAsNew({ ...lease, months: lease.months - 1 });
    return { outcome: 'lease ended' };
  },
});
