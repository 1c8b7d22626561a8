/** F3, steps 2 and 3: papers that are not in order go back, and whoever handed them in is told why. */
import { cityBank } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import { advised, begun, ended, funder, lent, loanState, numberOf, projectDocuments, unit } from './cases.ts';

export const agreementWithoutCreditor: Scenario = {
  name: 'spot-pledge/agreement-without-creditor',
  flow: 'F3',
  failures: ['F3.2'],
  title: { zh: '监管协议未以债权人为委托人', en: 'the supervision agreement does not name the creditor' },
  async play(stage) {
    const played = await begun(stage, { changes: { documents: () => undefined, apply: () => undefined } });
    await stage.until('the papers to be waited for', async () => {
      const { body } = await stage.read('unit', `/v1/cases?order=${played.orderNo}`);
      return (body['needs'] as string[] | undefined)?.includes('portal.documentsSubmitted') === true;
    });
    // The trading unit's own man, or the creditor of somebody else: neither holds the goods for this creditor.
    for (const [place, principals] of [[unit], [cityBank]].entries()) {
      await stage.command(
        'unit',
        '/v1/project-documents',
        projectDocuments(played, `HT-${played.digits}-${place}`, principals),
      );
      await advised(stage, played, funder.name);
    }
    stage.same('the evidence', (await stage.evidence(played.caseNo)).filter((node) => node === 'N03').length, 1);
    await stage.command('unit', '/v1/project-documents', projectDocuments(played, `HT-${played.digits}-9`, [funder]));
    await stage.until('the application to be asked for', async () => {
      const { body } = await stage.read('unit', `/v1/cases?order=${played.orderNo}`);
      return (body['needs'] as string[] | undefined)?.includes('portal.applicationSubmitted') === true;
    });
    stage.same('the evidence', (await stage.evidence(played.caseNo)).filter((node) => node === 'N03').length, 2);
  },
};

export const noOwnershipProof: Scenario = {
  name: 'spot-pledge/no-ownership-proof',
  flow: 'F3',
  failures: ['F3.3'],
  title: { zh: '缺货权证明，退回后补交', en: 'without proof of ownership it goes back, and comes again' },
  async play(stage) {
    let first: Record<string, unknown> = {};
    const played = await begun(stage, {
      changes: {
        apply: (usual) => {
          first = usual;
          const documents = (usual['documents'] as { type: string }[]).filter(({ type }) => type === 'invoice');
          return { ...usual, documents };
        },
        release: () => undefined,
      },
    });
    await advised(stage, played, 'ownershipProof');
    const no = numberOf('AP', played);
    const state = () => stage.value('select state from application where no = $1', [no]);
    stage.same('the application', await state(), 'RETURNED');
    stage.same(
      'what the bank heard',
      stage.effects('bank-open', 'applied').filter(({ number }) => number === no),
      [],
    );
    await stage.command(played.caller, '/v1/applications', { ...first, applicationNo: `${no}-2` });
    await stage.until('the loan', async () => (await loanState(stage, played)) === 'ACTIVE');
    stage.same('the first one', await state(), 'RETURNED');
    const locks = await stage.rows<{ no: string }>(
      'select application_no no from asset_lock l join application a on a.no = l.application_no where a.case_id = $1',
      [played.caseNo],
    );
    stage.same('for whom the order is locked', locks, [{ no: `${no}-2` }]);
  },
};

export const resultTold: Scenario = {
  name: 'spot-pledge/partly-approved',
  flow: 'F3',
  failures: ['F3.4'],
  title: { zh: '部分批准并短信通知客户', en: 'four fifths are approved, and the dealer is told' },
  async play(stage) {
    const played = await lent(stage, { changes: { apply: (usual) => ({ ...usual, amount: '2000000.04' }) } });
    const loan = await stage.rows(
      `select l.principal::text, a.amount::text asked, a.approved_amount::text approved from loan l join application a on a.no = l.application_no where a.case_id = $1`,
      [played.caseNo],
    );
    stage.same('the loan', loan, [{ principal: '1600000.00', asked: '2000000.04', approved: '1600000.00' }]);
    const paid = stage.effects('bank-open', 'disbursed').filter(({ number }) => number === numberOf('DB', played));
    stage.same(
      'what was paid',
      paid.map(({ detail }) => detail['amt']),
      ['1600000.00'],
    );
    const stamps = await stage.rows<{ token: string }>(
      'select token from anchor where case_id = $1 and token is not null',
      [played.caseNo],
    );
    stage.same('time stamps before the money', stamps.length, 1);
    await ended(stage, played, 'spot-pledge', 'disbursed');
    const { sent } = (await stage.memory('notify-sms')) as { sent: { session: string }[] };
    stage.same('text messages', sent.filter(({ session }) => session.includes(numberOf('MS', played))).length, 1);
  },
};
