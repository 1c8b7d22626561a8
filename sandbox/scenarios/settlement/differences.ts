/** F10 steps 5 and 6: what differs is somebody's until the next working day, is corrected by a command or accepted by two, and signed. */
import type { Scenario } from '../scenario.ts';
import { financed, toMonday } from './financed.ts';
import { alertOf, breaksOf, comparedRun, house, repaid, resolve, settle, settlementCase, signedOff } from './story.ts';

const base = { flow: 'F10' } as const;

export const amountDiffers: Scenario = {
  ...base,
  name: 'settlement/amount-differs',
  failures: ['F10.4', 'F10.6'],
  title: { zh: '金额不符，仅以补偿指令更正', en: 'an amount differs: only a compensating command corrects it' },
  async play(stage) {
    const { instructionNo, fen, on } = await repaid(stage);
    await stage.act(house, 'settle', { instructionNo, on, fen: String(BigInt(fen) + 1n) });
    await stage.act(house, 'closeDay', { on });
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    const runNo = await comparedRun(stage, on);
    let [found] = await breaksOf(stage, runNo);
    await stage.until(
      'the break to have an owner',
      async () => ([found] = await breaksOf(stage, runNo))[0]?.owner === 'OPS',
    );
    stage.same(
      'the break',
      { subject: found?.subject, difference: found?.difference },
      { subject: instructionNo, difference: 'AMOUNT_DIFF' },
    );
    const no = found?.no ?? '';
    await resolve(stage, no, { how: 'adjusted', commandNo: 'NO-SUCH-COMMAND' });
    await stage.until('a command that is not in the books to be refused', async () =>
      /no command/.test(
        String(
          await stage.value(
            "select detail from run_done where flow = 'break-resolution' order by finished_at desc limit 1",
          ),
        ),
      ),
    );
    stage.same('still open', (await breaksOf(stage, runNo))[0]?.state, 'OPEN');
    await resolve(stage, no, { how: 'adjusted', commandNo: instructionNo });
    await signedOff(stage, caseNo, runNo);
    stage.same('closed by', await stage.value('select resolution from recon_case where no = $1', [no]), instructionNo);
  },
};

export const aged: Scenario = {
  ...base,
  name: 'settlement/difference-aged',
  failures: ['F10.5'],
  title: { zh: '差异逾一个工作日升级，双人接受', en: 'a difference past its day is escalated, then accepted by two' },
  async play(stage) {
    await stage.advance('1d');
    const on = stage.today();
    const stranger = `XX${on.replaceAll('-', '')}-${stage.unique()}`;
    await stage.act(house, 'settle', { instructionNo: stranger, on, fen: '123456' });
    await stage.act(house, 'closeDay', { on });
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    const runNo = await comparedRun(stage, on);
    await stage.advance('4d');
    await stage.until('the break to be escalated', async () =>
      (await breaksOf(stage, runNo)).some(({ owner }) => owner === 'OPS-C'),
    );
    const [found] = (await breaksOf(stage, runNo)).filter(({ subject }) => subject === stranger);
    stage.same('the break', found?.difference, 'ONLY_EXT');
    stage.same('the alert', (await alertOf(stage, `${house}/${on}`))[0]?.level, 'CALL');
    for (const { no } of await breaksOf(stage, runNo)) {
      await resolve(stage, no, { how: 'accepted' });
      await stage.until('a task', async () =>
        (await stage.tasks()).some(({ payload }) => (payload as { breakNo?: string }).breakNo === no),
      );
      const task = (await stage.tasks()).find(({ payload }) => (payload as { breakNo?: string }).breakNo === no);
      await stage.decide(task?.case ?? '', 'accept the break', { person: '对账复核', role: 'operator' });
    }
    await signedOff(stage, caseNo, runNo);
    stage.same(
      'accepted by two',
      await stage.rows("select a.maker, a.checker from approval a where a.entity = 'recon_case' and a.entity_id = $1", [
        found?.no,
      ]),
      [{ maker: '对账经办', checker: '对账复核' }],
    );
  },
};

const cityBank = 'bank-icbc';

export const notSignedOff: Scenario = {
  ...base,
  name: 'settlement/not-signed-off',
  failures: ['F10.6'],
  title: { zh: '两日未签核，暂停该资金方放款', en: 'two days without sign-off stop the disbursements of that funder' },
  async play(stage) {
    await stage.caseEnds(await financed(stage, { salesOrganization: '2000' }), 'released');
    const paid = stage.effects(cityBank, 'disbursed').at(-1);
    const on = new Date(Date.parse(paid?.at ?? '') + 8 * 3_600_000).toISOString().slice(0, 10);
    await settle(stage, on, cityBank);
    const caseNo = await settlementCase(stage, on, cityBank);
    const runNo = await comparedRun(stage, on, cityBank);
    stage.same(
      'the payment',
      await stage.value('select verdict from recon_item where run_no = $1 and key = $2', [runNo, paid?.number]),
      'MATCHED',
    );
    await stage.until('the sign-off to be late', async () =>
      /not signed off/.test((await alertOf(stage, `${cityBank}/${on}`))[0]?.metric ?? ''),
    );
    await toMonday(stage);
    const second = await stage.placeOrder({ salesOrganization: '2000' });
    stage.people(second);
    const secondCase = await stage.caseOf(second);
    await stage.until('the disbursement to be refused', async () =>
      /RECONCILIATION_OPEN/.test(
        String(await stage.value('select detail from run_done where case_id = $1', [secondCase])),
      ),
    );
    stage.same(
      'nothing was paid',
      stage.effects(cityBank, 'disbursed').filter(({ number }) => number.endsWith(secondCase.slice(-6))).length,
      0,
    );
    await signedOff(stage, caseNo, runNo);
    stage.same(
      'what still stops that funder',
      await stage.value(
        "select count(*)::int from recon_run r where r.funder_id is not null and r.state not in ('SIGNED_OFF', 'VOID')",
      ),
      0,
    );
  },
};

export const signOffRefused: Scenario = {
  ...base,
  name: 'settlement/sign-off-refused',
  failures: ['F10.6'],
  title: { zh: '签核被拒，查明后重新签核', en: 'a refused sign-off says why, and is asked for again' },
  async play(stage) {
    await stage.advance('1d');
    const on = stage.today();
    await stage.act(house, 'closeDay', { on });
    await settle(stage, on);
    const caseNo = await settlementCase(stage, on);
    const runNo = await comparedRun(stage, on);
    await stage.decide(caseNo, 'sign off the settlement', {
      person: '对账经办',
      role: 'operator',
      decision: 'rejected',
      reason: '银行回单未到',
    });
    await stage.until('people to be told why', async () =>
      /银行回单未到/.test((await alertOf(stage, `${house}/${on}`))[0]?.metric ?? ''),
    );
    stage.same('the run', await stage.value('select state from recon_run where no = $1', [runNo]), 'COMPARED');
    await signedOff(stage, caseNo, runNo);
    stage.same('the alert', (await alertOf(stage, `${house}/${on}`))[0]?.state, 'RESOLVED');
  },
};
