/** What the suite has no word for: a chain that is late, and one that is busy. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { evidenceAntchain } from '../../../sandbox/evidence/antchain.twin.ts';
import service from '../../../adapters/evidence/evidence.service.ts';
import { bench, type Bench } from '../../adapter.ts';

/** The adapter keeps below what the gateway takes; only a machine that stands still makes a second round. */
const roundsMax = 5;
const head = (anchorNo: string) => ({ anchorNo, headSha256: 'a'.repeat(64), headSm3: 'b'.repeat(64), count: 7 });

describe('on a bad day', () => {
  let chain: Bench;
  beforeAll(async () => {
    chain = await bench(service, evidenceAntchain, { speed: 1 });
  });
  afterAll(() => chain.stop());
  const query = (no: string) => chain.call('evidence.queryAnchor', { no });

  test('a deposit is known by its number at once and by its hash hours later', async () => {
    expect(await chain.call('evidence.anchor', head('EV-1-LATE'))).toMatchObject({
      outcome: 'unknown',
      code: 'OUTCOME_UNKNOWN',
    });
    expect(await query('EV-1-LATE')).toMatchObject({ response: { outcome: 'pending' } });
    await chain.control('POST', 'acts/mine', { orderId: 'EV-1-LATE' });
    const found = (await query('EV-1-LATE')) as { response: { response: object } };
    expect(found).toMatchObject({
      response: { outcome: 'confirmed', response: { txHash: expect.stringMatching(/^0x/) } },
    });
    expect(await chain.call('evidence.anchor', head('EV-1-LATE'))).toMatchObject({ response: found.response.response });
  });

  test('a gateway that says FLOW_CONTROL took nothing, and is asked again', async () => {
    const refused = { outcome: 'later', code: 'SYSTEM_BUSY', externalCode: 'FLOW_CONTROL' };
    expect(await chain.call('evidence.anchor', head('EV-2-BUSY'))).toMatchObject(refused);
    expect(await query('EV-2-BUSY')).toMatchObject({ response: { outcome: 'notFound' } });
    await chain.call('evidence.anchor', head('EV-2-BUSY'));
    expect(await query('EV-2-BUSY')).toMatchObject({ response: { outcome: 'pending' } });
  });

  test('a gateway that heard nothing from behind it says nothing about the deposit', async () => {
    const unknown = { outcome: 'unknown', externalCode: 'PROVIDER_TIMEOUT' };
    expect(await chain.call('evidence.anchor', head('EV-3-LOST'))).toMatchObject(unknown);
    expect(await query('EV-3-LOST')).toMatchObject({ response: { outcome: 'pending' } });
  });

  test('forty at once are all answered, and who met a busy gateway by asking again', async () => {
    let open = Array.from({ length: 40 }, (_, i) => `EV-R${i}`);
    for (let round = 0; open.length > 0 && round < roundsMax; round += 1) {
      const outcomes = await Promise.all(open.map(async (no) => ({ no, ...(await query(no)) })));
      const busy = outcomes.filter(({ outcome }) => outcome !== 'confirmed');
      for (const answer of busy) expect(answer).toMatchObject({ outcome: 'later', externalCode: 'FLOW_CONTROL' });
      open = busy.map(({ no }) => no);
    }
    expect(open).toEqual([]);
  });
});
