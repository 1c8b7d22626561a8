/** F4 as it should go: deposit, four signatures, money to the mill, goods in, one receipt, redeemed lot by lot. */
import type { Scenario } from '../scenario.ts';
import { ends, endorse, open, places, toWarehouse } from './play.ts';

export const happy: Scenario = {
  name: 'future-goods/happy',
  flow: 'F4',
  failures: [],
  title: {
    zh: '未来货权转电子仓单、分批赎货',
    en: 'future goods become a pledged receipt and are redeemed lot by lot',
  },
  async play(stage) {
    const it = await open(stage, 0);
    const lots = await toWarehouse(it);
    stage.same('before the conversion', await places(it), {
      future: '0.000',
      transit: '0.000',
      received: it.quantity,
      receipt: '0.000',
      released: '0.000',
      short: '0.000',
      whole: 'true',
    });
    await endorse(it, lots);
    await ends(it, 'future-delivery', 'converted');
    const books = await stage.rows(
      `select p.state pledge, r.state receipt, g.state registration, g.pledge_no = p.no of_pledge, f.state future, f.unsecured_since is null secured
       from pledge p join warehouse_receipt r on r.no = p.receipt_no join application a on a.no = p.application_no
         join registration g on g.application_no = a.no join future_goods f on f.application_no = a.no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('pledge, receipt and registration', books, [
      {
        pledge: 'EFFECTIVE',
        receipt: 'PLEDGED',
        registration: 'AMENDED',
        of_pledge: true,
        future: 'CONVERTED',
        secured: true,
      },
    ]);
    const signers = await stage.value(
      `select string_agg(p.legal_name, ',' order by s.position) from envelope e join envelope_signer s on s.envelope_no = e.no
       join party p on p.id = s.party_id join application a on a.no = e.application_no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('how many signed', String(signers).split(',').length, 4);
    stage.same(
      'the receipts issued',
      stage.effects('wms-qimen', 'locked').filter(({ number }) => number.endsWith(it.caseNo.slice(-6))).length,
      1,
    );
    await redeem(it, lots[0]?.lotNo ?? '');
    const evidence = await stage.evidence(it.caseNo);
    for (const node of ['N03', 'N05', 'N09', 'N11', 'N12', 'N13', 'N14', 'N15', 'N17', 'N18', 'N19'])
      stage.same(`evidence ${node}`, evidence.includes(node), true);
  },
};

/** A quarter against money in, then all that is left. */
async function redeem(it: Awaited<ReturnType<typeof open>>, lotNo: string): Promise<void> {
  const { stage, caseNo, dealer } = it;
  const picker = { name: dealer.picker.name, idNo: dealer.picker.idNo, vehicle: dealer.picker.vehicle };
  const financing = { caseNo, applicationNo: caseNo.replace('CASE-', 'AP'), borrowerUscc: dealer.uscc };
  await stage.command(it.caller, '/v1/part-releases', {
    releaseNo: caseNo.replace('CASE-', 'RLA'),
    ...financing,
    amount: '900000.00',
    lots: [{ lotNo, materialCode: it.material, quantity: '300.000', unit: 'TNE' }],
    picker,
  });
  await ends(it, 'part-release', 'partReleased');
  const after = await places(it);
  stage.same(
    'after a part',
    { receipt: after['receipt'], released: after['released'], whole: after['whole'] },
    { receipt: '900.500', released: '300.000', whole: 'true' },
  );
  await stage.command(it.caller, '/v1/releases', { releaseNo: caseNo.replace('CASE-', 'RL'), ...financing, picker });
  await stage.caseEnds(caseNo, 'released');
  const all = await places(it);
  stage.same('after all', { released: all['released'], whole: all['whole'] }, { released: it.quantity, whole: 'true' });
}
