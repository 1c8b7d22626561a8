/** For tests: the project in which the cases of the fixture are financed. */
import type { Books } from '../fixture.ts';
import { spotPledgeProduct } from './configuration.fixture.ts';
import { installConfiguration } from './configuration.ts';
import { installProject, type ProjectSystems } from './projects.ts';

export const project = 'P';

export async function installFixtureProject(the: Books): Promise<void> {
  await the.store.tx(async (tx) => {
    const people = { maker: 'a', checker: 'b' };
    const productId = await installConfiguration(tx, 'PRODUCT', 'p', { ...spotPledgeProduct }, people, 'test');
    await installProject(tx, {
      id: project,
      sellerNo: '1710',
      companyCode: '1000',
      productId,
      unit: the.unit,
      keeper: the.keeper,
      warehouse: 'W',
      pledgeRate: '0.7',
      funders: [{ id: the.funder, system: 'bank-one' }],
      systems: { erp: 'erp-one', warehouse: 'wms-one' } as unknown as Omit<ProjectSystems, 'funder'>,
    });
  });
}
