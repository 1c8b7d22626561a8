/** A desk on a bad day: people who mistype, send back, take their time, and know former names. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import service from '../../../adapters/registry/registry.service.ts';
import { registryManual } from '../../../sandbox/registry/manual.twin.ts';
import { dealers, funder } from '../../../sandbox/world.ts';
import { bench, type Bench } from '../../adapter.ts';

const [dealer] = dealers;
const registration = (requestNo: string) => ({
  requestNo,
  business: 'warehouseReceiptPledge',
  pledgor: { name: dealer?.name ?? '', uscc: dealer?.uscc ?? '' },
  pledgee: { name: funder.name, uscc: funder.uscc },
  contractNo: 'PLEDGE-2026-0001',
  securedAmount: '950000.00',
  termMonths: 3,
  description: '电子仓单 EWR-2026-0001',
});

let desk: Bench;
beforeAll(async () => {
  desk = await bench(service, registryManual, { speed: 36_000 });
});
afterAll(() => desk.stop());

const read = (no: string) => desk.call('registry.readRegistration', { no });

test.each([
  ['TYPO', '登记证明编号（再次录入）：两次录入不一致'],
  ['SHORT', '登记证明编号：应为 20 位数字'],
  ['NOPDF', '证明文件：不是完整的 PDF 文件'],
])(
  'a result with %s is answered with what must be typed again, and is one fact when it is right',
  async (how, words) => {
    const no = `REG-1-${how}`;
    await desk.call('registry.register', registration(no));
    await until(() => desk.facts.some(({ key }) => key === no));
    const refused = desk.exchanges.filter(
      ({ direction, parts }) =>
        direction === 'in' && parts[0]?.request.includes(no) === true && parts[0].status === 422,
    );
    expect(JSON.parse(refused[0]?.parts[0]?.answer?.toString() ?? '{}')).toMatchObject({
      code: 'RETYPE',
      fields: expect.arrayContaining([expect.objectContaining({ message: words })]),
    });
    expect(await read(no)).toMatchObject({ response: { outcome: 'confirmed' } });
    expect(desk.facts.filter(({ key }) => key === no)).toHaveLength(1);
    expect((await desk.effects()).filter(({ number }) => number === no)).toHaveLength(1);
  },
);

test('an order that is sent back is refused by the query, and the telling of it is no fact', async () => {
  await desk.call('registry.register', registration('REG-2-BACK'));
  await until(async () => JSON.stringify(await read('REG-2-BACK')).includes('refused'));
  expect(await read('REG-2-BACK')).toMatchObject({ response: { outcome: 'refused', code: 'SYSTEM_REFUSED' } });
  expect(desk.facts.some(({ key }) => key === 'REG-2-BACK')).toBe(false);
});

test('a search is ordered once a day, comes hours later, and finds what stands under a former name', async () => {
  const search = () => desk.call('registry.search', { debtorName: '漳州金阳物资有限公司' });
  expect(await search()).toMatchObject({ outcome: 'later', code: 'SYSTEM_BUSY' });
  await until(async () => (await search()).outcome === 'confirmed');
  const [first, second] = [await search(), await search()];
  expect(first).toMatchObject({
    response: { hits: [{ description: expect.stringMatching(/^【曾用名 漳州金阳贸易有限公司】/) }] },
  });
  expect(second).toEqual(first);
});

test('a desk that is closed takes nothing, and does when it is open', async () => {
  await desk.control('POST', 'acts/close');
  expect(await desk.call('registry.register', registration('REG-3'))).toMatchObject({
    outcome: 'later',
    externalCode: 'DESK_CLOSED',
  });
  await desk.control('POST', 'acts/open');
  expect(await desk.call('registry.queryRequest', { no: 'REG-3' })).toMatchObject({
    response: { outcome: 'notFound' },
  });
  expect(await desk.call('registry.register', registration('REG-3'))).toMatchObject({ outcome: 'confirmed' });
});

test('the amend code stands in no field of the form', async () => {
  const [registered] = desk.facts as unknown as { message: { registrationNo: string; amendCode: string } }[];
  const { registrationNo = '', amendCode = '' } = registered?.message ?? {};
  const request = { requestNo: 'CAN-1', registrationNo, amendCode, reason: '主债权消灭' };
  expect(await desk.call('registry.cancel', request)).toMatchObject({ outcome: 'confirmed' });
  const sent = JSON.parse(desk.exchanges.at(-1)?.parts[0]?.request.toString() ?? '{}') as {
    form: object;
    amendCode: string;
  };
  expect(sent.amendCode).toBe(amendCode);
  expect(JSON.stringify(sent.form)).not.toContain(amendCode);
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 8_000; !(await holds());) {
    if (Date.now() > end) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
