/** Whether the hub's books and the counterparties' own logs tell the same, to the fen and to the kilogram. */
import type { Stage } from '../scenarios/scenario.ts';

export interface Agreement {
  readonly what: string;
  readonly counterparty: string;
  readonly hub: string;
  readonly theirs: string;
  readonly agrees: boolean;
}

const banks = ['bank-open', 'bank-icbc', 'bank-south'];
const warehouses = ['wms-qimen', 'wms-flux'];

export async function agreementsOn(stage: Pick<Stage, 'effects' | 'value'>): Promise<Agreement[]> {
  const all: Agreement[] = [];
  const compare = (what: string, counterparty: string, hub: string, theirs: string) =>
    all.push({ what, counterparty, hub, theirs, agrees: hub === theirs });
  const paid = new Map<string, bigint>();
  for (const bank of banks)
    for (const { number, detail } of stage.effects(bank, 'disbursed'))
      paid.set(`${bank} ${number}`, fenOf(detail['amt']));
  const returned = new Set(
    banks.flatMap((bank) => stage.effects(bank, 'returned').map(({ number }) => `${bank} ${number}`)),
  );
  for (const bank of banks) {
    const theirs = sum(
      [...paid].filter(([key]) => key.startsWith(`${bank} `) && !returned.has(key)).map(([, fen]) => fen),
    );
    const ours = await stage.value(
      `select coalesce(sum(p.amount), 0)::text from payment p
       where p.purpose like 'DISBURSE%' and p.state = 'SUCCEEDED' and exists (select from effect e where e.system = $1 and e.number = p.no)`,
      [bank],
    );
    compare('disbursed, less returned', bank, yuanOf(fenOf(ours)), yuanOf(theirs));
  }
  const collected = stage
    .effects('clearing-cpcn', 'collected')
    .map(({ detail }) => (typeof detail['fen'] === 'string' ? BigInt(detail['fen']) : 0n));
  const repaid = await stage.value(
    "select coalesce(sum(amount), 0)::text from payment where purpose = 'REPAY' and state = 'SUCCEEDED'",
  );
  compare('collected', 'clearing-cpcn', yuanOf(fenOf(repaid)), yuanOf(sum(collected)));
  for (const warehouse of warehouses) {
    const theirs = stage.effects(warehouse, 'outbound').length;
    const ours = await stage.value(
      `select count(*)::text from release_order r where r.state in ('EXECUTED', 'CLOSED')
       and exists (select from effect e where e.system = $1 and e.number = r.no and e.operation = 'wms.orderOutbound')`,
      [warehouse],
    );
    compare('goods that left', warehouse, String(ours), String(theirs));
  }
  return all;
}

function fenOf(yuan: unknown): bigint {
  const [, whole = '0', cents = ''] = /^(\d+)(?:\.(\d{1,2}))?$/.exec(String(yuan)) ?? [];
  return BigInt(whole) * 100n + BigInt(cents.padEnd(2, '0'));
}

function yuanOf(fen: bigint): string {
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const sum = (all: readonly bigint[]): bigint => all.reduce((total, fen) => total + fen, 0n);
