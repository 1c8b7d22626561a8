/** F12, rows 1, 2 and 4: what is extracted, what is told of it, and that each delivery stands in the log. */
import type { Scenario, Stage } from '../scenario.ts';
import { funder } from '../../world.ts';
import { caseOf, due, ended, lent, month, yearIn } from './play.ts';

const project = 'XM-SPOT-PLEDGE';
const base = { flow: 'F12' } as const;

interface Effect {
  readonly rows: number;
  readonly withheld: readonly string[];
  readonly versions: readonly string[];
}

/** What the funder registered under that number. */
function registered(stage: Stage, no: string): Effect {
  const [effect, ...more] = stage.effects('bank-open', 'feedback').filter(({ number }) => number === no);
  if (!effect || more.length > 0)
    throw new Error(`the funder registered ${no} ${more.length + (effect ? 1 : 0)} times`);
  return effect.detail as unknown as Effect;
}

const disclosed = (stage: Stage, no: string, borrower: string) =>
  stage.rows<{ purpose: string; kinds: string[]; basis: string | null }>(
    `select d.purpose, d.data_kinds kinds, d.legal_basis basis from disclosure d where d.party_id = $2
       and d.document_sha256 in (select payload ->> 'sha256' from evidence where business_key = $1)`,
    [no, borrower],
  );

export const happy: Scenario = {
  ...base,
  name: 'feedback/happy',
  failures: [],
  title: {
    zh: '月度反馈：提取、最小化、加密报送、留痕',
    en: 'a month is extracted, minimised, delivered sealed, and logged',
  },
  async play(stage) {
    const { orderNo, caseNo, borrower } = await lent(stage);
    await stage.act('sap-s4', 'issueGoods', { orderNo }).catch(() => undefined);
    await stage.act('sap-s4', 'bill', { orderNo });
    const billed = "select count(*)::int from signal where notice = 'sap.billed'";
    await stage.until('the invoice to be told', async () => Number(await stage.value(billed)) > 0);
    const { on, period } = month(await yearIn(stage, 0), 3);
    await due(stage, project, on);
    const cycle = await ended(stage, project, period, borrower.id);
    stage.same('how it ended', [cycle.outcome, cycle.withheld], ['TAKEN', ['returns NOT_HELD']]);
    const effect = registered(stage, cycle.no);
    stage.same('rows of the order, its delivery, its invoice and the open items', effect.rows >= 6, true);
    const [logged, ...more] = await disclosed(stage, cycle.no, borrower.id);
    stage.same(
      'the log of the delivery',
      [logged, more.length],
      [{ purpose: 'financing', kinds: ['TRADE', 'FINANCE'], basis: null }, 0],
    );
    const evidence = 'select case_id from evidence where business_key = $1 and node like $2';
    stage.same('evidence N03 of the case', await stage.rows(evidence, [cycle.no, 'N03%']), [{ case_id: caseNo }]);
    // Asked for once more, the month is not told again.
    const again = on.replace(/05$/, '06');
    await due(stage, project, again);
    await stage.until(
      'the second run to end',
      async () =>
        (await stage.value('select state from cases where key = $1', [`feedback/${project}/${again}`])) === 'nothing',
    );
  },
};

export const correctedRow: Scenario = {
  ...base,
  name: 'feedback/corrected-row',
  failures: ['F12.1'],
  title: { zh: '更正的数据带版本号', en: 'a row that is told otherwise than last month carries the next version' },
  async play(stage) {
    const { orderNo, borrower } = await lent(stage);
    const year = await yearIn(stage, 1);
    const first = month(year, 4);
    await due(stage, project, first.on);
    await ended(stage, project, first.period, borrower.id);
    const quantity = `${300 + Number(stage.unique().slice(0, 2))}.${stage.unique().slice(0, 3)}`;
    await stage.act('sap-s4', 'changeOrder', { orderNo, quantity, event: 'lost' });
    const second = month(year, 5);
    await due(stage, project, second.on);
    const cycle = await ended(stage, project, second.period, borrower.id);
    stage.same('told as corrected', registered(stage, cycle.no).versions.map(Number), [Number(orderNo)]);
  },
};

export const gap: Scenario = {
  ...base,
  name: 'feedback/gap',
  failures: ['F12.1'],
  title: { zh: '提取缺口：补拉；补不齐则如实说明', en: 'a gap in the extract is pulled again; one that stays is said' },
  async play(stage) {
    const { borrower } = await lent(stage);
    const asked = async (on: string) =>
      Number(
        await stage.value("select count(*)::int from exchange where operation = 'sap.readChanges' and case_id = $1", [
          await caseOf(stage, project, on),
        ]),
      );
    const year = await yearIn(stage, 2);
    const told = async (times: number, no: number) => {
      await stage.act('sap-s4', 'loseRows', { times: String(times) });
      const { on, period } = month(year, no);
      await due(stage, project, on);
      const cycle = await ended(stage, project, period, borrower.id);
      await stage.act('sap-s4', 'loseRows', { times: '0' });
      stage.same('how it ended', cycle.outcome, 'TAKEN');
      const memory = (await stage.memory('bank-open')) as {
        feedbacks: Record<string, { request: { gaps: string[] } }>;
      };
      return { gaps: memory.feedbacks[cycle.no]?.request.gaps.length, asks: await asked(on) };
    };
    const once = await told(1, 4);
    stage.same('once short, then whole', [once.gaps, once.asks >= 2], [0, true]);
    const stays = await told(50, 5);
    stage.same('still short: it is said', [stays.gaps, stays.asks >= 3], [1, true]);
  },
};

export const consentNarrowed: Scenario = {
  ...base,
  name: 'feedback/consent-narrowed',
  failures: ['F12.2'],
  title: {
    zh: '授权收窄：缺授权的字段剔除并注明',
    en: 'the borrower narrows its consent: what it does not cover is dropped, and said to be',
  },
  async play(stage) {
    const { borrower } = await lent(stage);
    const wish = (dataKinds: string[]) =>
      stage.command(borrower.caller, '/v1/consents', {
        recipient: funder.name,
        purpose: 'feedback',
        dataKinds,
        validTo: `2099-01-01T00:00:00.${stage.unique().slice(0, 3)}+08:00`,
      });
    await wish(['COMPANY', 'TRADE']);
    try {
      const { on, period } = month(await yearIn(stage, 3), 4);
      await due(stage, project, on);
      const cycle = await ended(stage, project, period, borrower.id);
      stage.same(
        'how it ended',
        [cycle.outcome, cycle.withheld],
        ['TAKEN', ['returns NOT_HELD', 'receivables CONSENT_MISSING', 'invoices CONSENT_MISSING']],
      );
      stage.same('what the funder knows', registered(stage, cycle.no).withheld, ['returns', 'receivables', 'invoices']);
      stage.same('the log', await disclosed(stage, cycle.no, borrower.id), [
        { purpose: 'feedback', kinds: ['TRADE'], basis: null },
      ]);
      const memory = (await stage.memory('bank-open')) as {
        feedbacks: Record<string, { request: { openItems?: string; amounts: { rowType: string }[] } }>;
      };
      const request = memory.feedbacks[cycle.no]?.request;
      stage.same(
        'nothing of what is owed',
        [request?.openItems, [...new Set(request?.amounts.map(({ rowType }) => rowType))]],
        [undefined, ['ORDER']],
      );
    } finally {
      await wish([]);
    }
  },
};

export const consentWithdrawn: Scenario = {
  ...base,
  name: 'feedback/consent-withdrawn',
  failures: ['F12.2'],
  title: { zh: '授权撤回：不报任何数据，只说明缺授权', en: 'the consent is taken back: nothing is told but that' },
  async play(stage) {
    const { borrower } = await lent(stage);
    const every = ['COMPANY', 'PERSON', 'CONTACT', 'ACCOUNT', 'TRADE', 'FINANCE', 'VERIFICATION', 'CREDIT'];
    const wish = (dataKinds: string[]) =>
      stage.command(borrower.caller, '/v1/consents', {
        recipient: funder.name,
        purpose: 'financing',
        dataKinds,
        validTo: `2099-01-01T00:00:00.${stage.unique().slice(0, 3)}+08:00`,
      });
    await wish([]);
    try {
      const { on, period } = month(await yearIn(stage, 4), 4);
      await due(stage, project, on);
      const cycle = await ended(stage, project, period, borrower.id);
      const effect = registered(stage, cycle.no);
      stage.same('rows and what is withheld', [effect.rows, effect.withheld.length], [0, 6]);
      stage.same('the log', await disclosed(stage, cycle.no, borrower.id), [
        { purpose: 'feedback', kinds: ['COMPANY'], basis: 'CONTRACT' },
      ]);
    } finally {
      await wish(every);
    }
  },
};
