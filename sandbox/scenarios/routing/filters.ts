/** F13, steps 1 to 3: who may be asked, in which order, and who chooses. */
import type { Scenario, Stage } from '../scenario.ts';
import { city, own, south } from '../credit/limit.ts';
import { attemptIs, attemptsOf, begin, decides, disbursed, ended, repay } from '../credit/play.ts';

const base = { flow: 'F13' } as const;

async function lane(stage: Stage, system: string, act: 'pause' | 'resume'): Promise<void> {
  const reason = '接口维护 maintenance of the interface';
  const { status, body } = await stage.post(`/v1/lanes/${system}/${act}`, { by: '运营经办', reason });
  if (status >= 300) throw new Error(`${act} ${system}: ${status} ${JSON.stringify(body)}`);
}

export const noFunder: Scenario = {
  ...base,
  name: 'routing/no-funder',
  failures: ['F13.1', 'F13.6'],
  title: { zh: '无可用资方，逐家给出原因', en: 'no funder is left, with the reason of each' },
  async play(stage) {
    const { caseNo, applicationNo } = await begin(stage, {
      material: 'NI-9996-CATH',
      quantity: '700.000',
      amount: '60000000.00',
    });
    const { outcome, detail } = await ended(stage, caseNo, 'credit');
    stage.same('the end', outcome, 'returned');
    for (const why of ['NO_FUNDER_AVAILABLE', '超过金控单笔上限', '超过银行单笔上限', '超过保理单笔上限'])
      stage.same(why, detail.includes(why), true);
    const decisions = await stage.rows<{ outcome: string; version: string; told: boolean }>(
      `select d.outcome, d.rules_id version, d.inputs ? 'amount' told from decision d join party p on p.id::text = d.subject where d.case_id = $1`,
      [caseNo],
    );
    stage.same('each is decided by a version of the rules, with what it was told', decisions.length, 3);
    stage.same(
      'all refused',
      decisions.every((one) => one.outcome === 'refuse' && one.version.includes('funder-routing') && one.told),
      true,
    );
    stage.same('nobody was asked', (await attemptsOf(stage, applicationNo)).length, 0);
    for (const system of ['bank-open', 'bank-icbc', 'bank-south'])
      stage.same(
        `${system} heard nothing`,
        stage.effects(system, 'applied').some(({ number }) => number.startsWith(applicationNo)),
        false,
      );
    const kept = await stage.value(
      "select payload -> 'leftOut' from evidence where case_id = $1 and business_key = $2",
      [caseNo, `${applicationNo}/route`],
    );
    stage.same('the log names each and why', (kept as unknown[]).length, 3);
  },
};

export const connectorDown: Scenario = {
  ...base,
  name: 'routing/connector-down',
  failures: ['F13.1'],
  title: { zh: '首选资方接口暂停，不参与路由', en: 'the interface of the wanted funder is down: it is left out' },
  async play(stage) {
    await lane(stage, 'bank-icbc', 'pause');
    try {
      const played = await begin(stage, { amount: '110000.00', preferred: [city.uscc] });
      await disbursed(stage, played);
      const asked = await attemptsOf(stage, played.applicationNo);
      stage.same(
        'it is not among them',
        asked.some(({ system }) => system === 'bank-icbc'),
        false,
      );
      await repay(stage, played);
    } finally {
      await lane(stage, 'bank-icbc', 'resume');
    }
  },
};

/** What this funder would lend at, by its own word. */
const quote = (stage: Stage, caller: string, funderUscc: string, applicationNo: string, rate: string) =>
  stage.command(caller, '/v1/indicative-quotes', {
    quoteNo: `BJ-${stage.unique()}`,
    applicationNo,
    funderUscc,
    amount: '120000.00',
    rate,
    tenorDays: 90,
    validTo: '2028-12-31T16:00:00+08:00',
  });

export const offers: Scenario = {
  ...base,
  name: 'routing/offers',
  failures: ['F13.2', 'F13.3'],
  title: {
    zh: '并行意向报价，最低者先推，同价从客户',
    en: 'indicative quotes side by side: the cheapest is asked first, the customer breaks a tie',
  },
  async play(stage) {
    const wish = { amount: '120000.00', mode: 'OFFER', preferred: [south.uscc, own.uscc] } as const;
    const played = await begin(stage, wish);
    const { applicationNo, caseNo } = played;
    await stage.until(
      'the quotes to be waited for',
      async () =>
        (await stage.value('select count(*)::int from wait where key like $1', [
          `portal.quoteOffered:${applicationNo}/%`,
        ])) === 3,
    );
    stage.same(
      'nothing is locked while they quote',
      await stage.value('select count(*)::int from application where case_id = $1', [caseNo]),
      0,
    );
    await quote(stage, 'funder', own.uscc, applicationNo, '0.049000');
    await quote(stage, 'city-bank', city.uscc, applicationNo, '0.045000');
    await quote(stage, 'factor', south.uscc, applicationNo, '0.049000');
    await disbursed(stage, played);
    const order = (await attemptsOf(stage, applicationNo)).map(({ system }) => system);
    stage.same('the order', order, ['bank-icbc', 'bank-south', 'bank-open']);
    await repay(stage, played);
  },
};

export const manual: Scenario = {
  ...base,
  name: 'routing/manual',
  failures: ['F13.3'],
  title: { zh: '人工选择资方', en: 'people choose the funder' },
  async play(stage) {
    const played = await begin(stage, { amount: '130000.00', mode: 'MANUAL' });
    const chosen = { person: '运营经办', role: 'operator' } as const;
    const proposals: string[] = [own, city, south].map(({ name }) => name);
    // In whatever order the rules propose them, only the factor is taken.
    while (proposals.length > 0) {
      let name = '';
      await stage.until('a proposal', async () => {
        const task = (await stage.tasks(played.caseNo)).find(({ title }) => title.en.startsWith('choose the funder'));
        name = task?.title.en.split(': ')[1] ?? '';
        return proposals.includes(name);
      });
      proposals.splice(proposals.indexOf(name), 1);
      await stage.decide(played.caseNo, name, { ...chosen, decision: name === south.name ? 'approved' : 'rejected' });
    }
    await disbursed(stage, played);
    const asked = await attemptsOf(stage, played.applicationNo);
    stage.same(
      'only the chosen one is asked',
      asked.map(({ system, state }) => [system, state]),
      [['bank-south', 'APPROVED']],
    );
    await repay(stage, played);
  },
};

export const pledgeRouted: Scenario = {
  ...base,
  name: 'routing/spot-pledge',
  failures: ['F13.5'],
  title: {
    zh: '现货质押的多资方路由：首家否决，次家放款',
    en: 'a spot pledge with two funders: the first rejects, the second lends',
  },
  async play(stage) {
    const played = await begin(stage, { salesOrganization: '5000', quantity: '1200.500', amount: '1000000.05' });
    const first = await attemptIs(stage, played.applicationNo, 1, 'PUSHED');
    await decides(stage, first, { verdict: 'rejected', reason: '行业限额' });
    const second = await attemptIs(stage, played.applicationNo, 2, 'PUSHED');
    await decides(stage, second);
    await disbursed(stage, played);
    const pledgee = await stage.value(
      'select pf.system from pledge p join project_funder pf on pf.funder_id = p.pledgee_id and pf.project_id = $2 where p.application_no = $1',
      [played.applicationNo, 'XM-SPOT-PLEDGE-3'],
    );
    stage.same('the pledge is to the one that lends', pledgee, second.system);
    stage.same(
      'its money',
      stage.effects(second.system, 'disbursed').filter(({ number }) => number.endsWith(played.caseNo.slice(-6))).length,
      1,
    );
    await stage.command('dealer-17101', '/v1/releases', {
      releaseNo: played.caseNo.replace('CASE-', 'RL'),
      caseNo: played.caseNo,
      applicationNo: played.applicationNo,
      borrowerUscc: '91350100MA32000B1T',
      picker: { name: '刘大勇', idNo: '350600199509090090', vehicle: '闽A12345' },
    });
    await stage.caseEnds(played.caseNo, 'released');
  },
};
