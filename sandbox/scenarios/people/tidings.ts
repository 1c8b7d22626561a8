/** What parties hear by themselves, and what they are told when they ask. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scenario, Stage } from '../scenario.ts';
import { subscribe } from '../feedback/play.ts';
import { dealers } from '../../world.ts';

const dealer = dealers[1] ?? dealers[0];
const base = { flow: 'F3', failures: [] } as const;

interface Heard {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A dealer's own address. It is down the first time, and takes nothing whose signature it cannot verify. */
async function listener(secret: string): Promise<{ server: Server; url: string; heard: Heard[]; refused: string[] }> {
  const heard: Heard[] = [];
  const refused: string[] = [];
  let down = 1;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const header = (name: string) => String(request.headers[name] ?? '');
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
      const due = createHmac('sha256', key)
        .update(`${header('webhook-id')}.${header('webhook-timestamp')}.`)
        .update(body)
        .digest();
      const given = Buffer.from(header('webhook-signature').replace(/^v1,/, ''), 'base64');
      if (given.length !== due.length || !timingSafeEqual(given, due)) {
        refused.push(header('webhook-id'));
        return response.writeHead(401).end();
      }
      if (down-- > 0) return response.writeHead(503).end();
      const { type, data } = JSON.parse(body.toString()) as Heard;
      if (!heard.some(({ id }) => id === header('webhook-id'))) heard.push({ id: header('webhook-id'), type, data });
      return response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`, heard, refused };
}

async function read(stage: Stage, caller: string): Promise<Heard[]> {
  const events: Heard[] = [];
  for (let after = '0.0'; ;) {
    const { body } = await stage.read(caller, `/v1/events?after=${after}`);
    const page = body as unknown as { events: Heard[]; next: string };
    if (page.events.length === 0) return events;
    events.push(...page.events);
    after = page.next;
  }
}

export const subscriptions: Scenario = {
  ...base,
  name: 'people/subscriptions',
  title: {
    zh: '订阅：额度、质押、放款逐方告知，互不泄露',
    en: 'limit, collateral and loan are told to each party, and to no other',
  },
  async play(stage) {
    const sapNo = dealer?.sapNo ?? '';
    const caller = `dealer-${Number(sapNo)}`;
    const kinds = ['limit.granted', 'limit.changed', 'collateral.effective', 'loan.active', 'loan.settled'];
    const orderNo = await stage.placeOrder({ dealer: sapNo });
    stage.people(orderNo, {}, sapNo);
    const caseNo = await stage.caseOf(orderNo);
    await stage.until(
      'the dealer to be known',
      async () => (await stage.read(caller, `/v1/cases/${caseNo}`)).status === 200,
    );
    const own = await listener(stage.secretOf(caller));
    try {
      await stage.command(caller, '/v1/subscriptions', { channel: 'WEBHOOK', kinds, url: own.url });
      for (const party of ['unit', 'funder', 'city-bank', 'keeper']) await subscribe(stage, party, kinds);
      await stage.caseEnds(caseNo, 'released');
      await stage.until('the last of it at the dealer', async () =>
        own.heard.some(({ type }) => type === 'loan.settled'),
      );
    } finally {
      own.server.close();
      await stage.command(caller, '/v1/subscriptions', { channel: 'WEBHOOK', kinds: [], url: own.url });
    }
    const mine = own.heard.filter(({ data }) => data['case'] === caseNo);
    for (const kind of kinds)
      stage.same(
        `the dealer hears ${kind}`,
        mine.some(({ type }) => type === kind),
        true,
      );
    stage.same('no signature failed', own.refused, []);
    const of = async (party: string) =>
      (await read(stage, party)).filter(({ type, data }) => data['case'] === caseNo && kinds.includes(type));
    const [unit, funder, stranger, keeper] = [
      await of('unit'),
      await of('funder'),
      await of('city-bank'),
      await of('keeper'),
    ];
    const loan = (events: Heard[]) =>
      Object.keys(events.find(({ type }) => type === 'loan.active')?.data ?? {}).toSorted();
    stage.same('the unit hears of the loan, not how much', loan(unit), ['application_no', 'case', 'no', 'state']);
    stage.same('the funder hears how much', loan(funder).includes('balance'), true);
    stage.same('another funder hears nothing', stranger, []);
    stage.same(
      'the keeper hears of collateral only',
      [...new Set(keeper.map(({ type }) => type))],
      ['collateral.effective'],
    );
  },
};

interface Progress {
  readonly milestones: readonly { readonly no: number; readonly name: { zh: string; en: string } }[];
  readonly waiting: readonly {
    readonly who: { en: string };
    readonly what: { en: string };
    readonly since: string;
    readonly deadline: string | null;
  }[];
  readonly next: { readonly zh: string; readonly en: string } | null;
  readonly words: { readonly zh: string; readonly en: string };
}

export const progress: Scenario = {
  ...base,
  name: 'people/progress',
  title: {
    zh: '客户随时查询进度：等谁、何时起、期限、下一步',
    en: 'a customer asks how far it is: who is waited for, since when, until when, what is next',
  },
  async play(stage) {
    const sapNo = dealer?.sapNo ?? '';
    const caller = `dealer-${Number(sapNo)}`;
    const orderNo = await stage.placeOrder({ dealer: sapNo });
    stage.people(orderNo, { apply: () => undefined }, sapNo);
    const caseNo = await stage.caseOf(orderNo);
    const ask = async (who: string) =>
      (await stage.read(who, `/v1/cases/${caseNo}`)).body['progress'] as Progress | undefined;
    let told: Progress | undefined;
    await stage.until('the application to be waited for', async () => {
      told = await ask(caller);
      return told?.waiting.some(({ what }) => what.en === 'financing application') === true;
    });
    const [waited] = told?.waiting ?? [];
    stage.same('who is waited for', waited?.who.en, 'Dealer');
    stage.same(
      'with a deadline',
      waited?.deadline !== null && Date.parse(waited?.deadline ?? '') > stage.now().getTime(),
      true,
    );
    stage.same('reached', (told?.milestones.length ?? 0) >= 2, true);
    stage.same(
      'words of both languages',
      [told?.words.zh.includes('等待链属企业：融资申请'), told?.words.en.includes('Next: ')],
      [true, true],
    );
    stage.same('a stranger is told nothing', (await stage.read('city-bank', `/v1/cases/${caseNo}`)).status, 404);
    stage.same('the unit is told the same', (await ask('unit'))?.next?.en, told?.next?.en);
    // Whoever has no wish to go on is waited for until the deadline.
    await stage.advance('16d');
    await stage.until('nobody to be waited for', async () => (await ask(caller))?.waiting.length === 0);
  },
};
