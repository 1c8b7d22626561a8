/** F10 steps 1 to 4: the file of the clearing house comes, comes late, comes broken, or tells what nobody else told. */
import type { Scenario } from '../scenario.ts';
import { financed } from './financed.ts';
import { alertOf, comparedRun, gateway, house, repaid, settle, settlementCase, signedOff } from './story.ts';

const base = { flow: 'F10' } as const;

export const happy: Scenario = {
  ...base,
  name: 'settlement/happy',
  failures: [],
  title: { zh: '日终对账一致、双人签核', en: 'a day that agrees is signed off by two' },
  async play(stage) {
    const { instructionNo, on } = await repaid(stage);
    await stage.act(house, 'closeDay', { on });
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    const runNo = await comparedRun(stage, on);
    stage.same(
      'the movement',
      await stage.rows('select verdict, ext_state from recon_item where run_no = $1 and key = $2', [
        runNo,
        instructionNo,
      ]),
      [{ verdict: 'MATCHED', ext_state: 'SUCCEEDED' }],
    );
    stage.same(
      'differences',
      await stage.value("select count(*)::int from recon_item where run_no = $1 and verdict <> 'MATCHED'", [runNo]),
      0,
    );
    await signedOff(stage, caseNo, runNo);
    stage.same('evidence', await stage.evidence(caseNo), ['N15', 'N24']);
    const issued = stage.effects(house, 'issued').at(-1);
    stage.same(
      'the file',
      await stage.value('select file_sha256 from recon_run where no = $1', [runNo]),
      issued?.detail['sha256'],
    );
  },
};

export const missing: Scenario = {
  ...base,
  name: 'settlement/file-missing-at-nine',
  failures: ['F10.1'],
  title: { zh: '九点仍无对账文件', en: 'no file at nine: people are told, and it is taken when it comes' },
  async play(stage) {
    await stage.advance('1d');
    const on = stage.today();
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    await stage.advance('2d');
    await stage.until('an alert', async () => (await alertOf(stage, `${house}/${on}`))[0]?.level === 'CALL');
    stage.same(
      'the day stands open',
      await stage.rows('select state, control_count from recon_run where connector = $1 and on_date = $2', [
        `${house}/parked`,
        on,
      ]),
      [{ state: 'PARKED', control_count: 0 }],
    );
    await stage.act(house, 'closeDay', { on });
    const runNo = await comparedRun(stage, on);
    // In a transaction of its own, after the comparison.
    await stage.until(
      'the alert to be over',
      async () => (await alertOf(stage, `${house}/${on}`))[0]?.state === 'RESOLVED',
    );
    await signedOff(stage, caseNo, runNo);
    stage.same(
      'what was open',
      await stage.value('select state from recon_run where connector = $1 and on_date = $2', [`${house}/parked`, on]),
      'VOID',
    );
  },
};

export const byHand: Scenario = {
  ...base,
  name: 'settlement/file-brought-by-hand',
  failures: ['F10.1'],
  title: { zh: '对账文件人工上传', en: 'the file comes by another road, brought by one and confirmed by another' },
  async play(stage) {
    await stage.advance('1d');
    const on = stage.today();
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    await stage.advance('2d');
    await stage.until('an alert', async () => (await alertOf(stage, `${house}/${on}`))[0]?.level === 'CALL');
    await stage.act(house, 'closeDay', { on, courier: true });
    const sha256 = stage.effects(house, 'issued').at(-1)?.detail['sha256'];
    await stage.command('operator', '/v1/settlement-uploads', {
      system: house,
      on,
      sha256,
      by: '对账经办',
      reason: '文件服务器停机',
    });
    await stage.decide(caseNo, 'brought by hand', { person: '对账复核', role: 'operator' });
    const runNo = await comparedRun(stage, on);
    stage.same('the file', await stage.value('select file_sha256 from recon_run where no = $1', [runNo]), sha256);
    await signedOff(stage, caseNo, runNo);
  },
};

export const parked: Scenario = {
  ...base,
  name: 'settlement/file-parked-whole',
  failures: ['F10.2'],
  title: {
    zh: '文件合计不符整体隔离，重出后对账',
    en: 'a file that is not what it says is parked whole; the re-issued one counts',
  },
  async play(stage) {
    const { instructionNo, on } = await repaid(stage);
    await stage.act(house, 'closeDay', { on, fault: 'wrong-sum' });
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    await stage.until('the file to be parked', async () =>
      /parked/.test((await alertOf(stage, `${house}/${on}`))[0]?.metric ?? ''),
    );
    stage.same(
      'items',
      await stage.value(
        'select count(*)::int from recon_item i join recon_run r on r.no = i.run_no where r.on_date = $1 and r.connector = $2',
        [on, house],
      ),
      0,
    );
    await stage.act(house, 'closeDay', { on });
    const runNo = await comparedRun(stage, on);
    stage.same(
      'the movement',
      await stage.value('select verdict from recon_item where run_no = $1 and key = $2', [runNo, instructionNo]),
      'MATCHED',
    );
    await signedOff(stage, caseNo, runNo);
    stage.same(
      'the parked file',
      await stage.value('select state from recon_run where on_date = $1 and no <> $2 and connector = $3', [
        on,
        runNo,
        house,
      ]),
      'VOID',
    );
  },
};

export const empty: Scenario = {
  ...base,
  name: 'settlement/empty-file',
  failures: ['F10.2'],
  title: { zh: '空文件有效', en: 'an empty file is a file' },
  async play(stage) {
    await stage.advance('1d');
    const on = stage.today();
    await stage.act(house, 'publish', { on, form: 'csv-utf8-zip', generate: { count: 0 } });
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    // In UTF-8, where GBK was agreed: nothing in an empty file can tell.
    const runNo = await comparedRun(stage, on);
    stage.same('its lines', await stage.value('select control_count from recon_run where no = $1', [runNo]), 0);
    await signedOff(stage, caseNo, runNo);
  },
};

export const callbackLost: Scenario = {
  ...base,
  name: 'settlement/callback-lost',
  failures: ['F10.4'],
  title: { zh: '回调丢失，由日终文件落定', en: 'callback and query are lost; the file of the day ends the payment' },
  async play(stage) {
    await stage.act(gateway, 'goQuiet', { on: true });
    try {
      const caseNo = await financed(stage);
      await stage.until('the clearing house to collect', async () => {
        const no = await stage.value(
          "select p.no from payment p join application a on a.no = p.application_no where a.case_id = $1 and p.purpose = 'REPAY'",
          [caseNo],
        );
        return stage.effects(gateway, 'collected').some(({ number }) => number === no);
      });
      const done = stage.effects(gateway, 'collected').at(-1);
      const instructionNo = done?.number ?? '';
      const on = new Date(Date.parse(done?.at ?? '') + 8 * 3_600_000).toISOString().slice(0, 10);
      const stateOf = () => stage.value('select state from payment where no = $1', [instructionNo]);
      await stage.until('the instruction to be taken', async () => (await stateOf()) !== 'SUBMITTING');
      stage.same('the hub knows nothing', await stateOf(), 'ACCEPTED');
      await stage.act(house, 'closeDay', { on });
      await settle(stage, on);
      const runNo = await comparedRun(stage, on);
      await stage.caseEnds(caseNo, 'released');
      stage.same(
        'the payment',
        await stage.value('select state from payment where no = $1', [instructionNo]),
        'SUCCEEDED',
      );
      stage.same(
        'collected once',
        stage.effects(gateway, 'collected').filter(({ number }) => number === instructionNo).length,
        1,
      );
      stage.same(
        'the alert',
        /callback lost: 1/.test((await alertOf(stage, `${house} callbacks`))[0]?.metric ?? ''),
        true,
      );
      stage.same('evidence of the posting', (await stage.evidence(caseNo)).includes('N17'), true);
      await signedOff(stage, await settlementCase(stage, on), runNo);
    } finally {
      await stage.act(gateway, 'goQuiet', { on: false });
    }
  },
};
