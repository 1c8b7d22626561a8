/**
 * What two sides settle before they first talk: addresses, keys, numbers. The sandbox writes it as the file that an
 * operator would write for real counterparties (`setup.json`) and puts each side's keys into its own folder.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreed } from './agreed.ts';
import { writeWhole } from './memory.ts';
import type { TwinSpec } from './twin.ts';
import { dealers, funder, unit, warehouse } from './world.ts';

const kindTimeoutMs = 3_000;

/** Those who push to the hub's own API: the trading unit and its dealers. */
const callers = [
  { id: 'unit', party: 'unit' },
  ...dealers.map((dealer) => ({ id: `dealer-${Number(dealer.sapNo)}`, party: 'dealer' })),
];

const usual = {
  erp: 'sap-s4',
  funder: 'bank-open',
  warehouse: 'wms-qimen',
  identity: 'cfca-idv',
  esign: 'esign-tsign',
  clearing: 'clearing-cpcn',
  registry: 'registry-zd',
  evidence: 'evidence-chain',
  price: 'price-quotes',
} as const;

/** Two selling organisations of the unit; what they sell is financed, kept and signed for through different systems. */
const projects = [
  { id: 'XM-SPOT-PLEDGE', sellerNo: unit.salesOrganization, systems: usual },
  {
    id: 'XM-SPOT-PLEDGE-2',
    sellerNo: unit.otherSalesOrganization,
    systems: {
      ...usual,
      funder: 'bank-icbc',
      warehouse: 'wms-flux',
      esign: 'esign-fasc',
      evidence: 'evidence-antchain',
    },
  },
] as const;

/** Keys of one twin, made once: `keys/<system>/{hub,twin}/`. Returns the twin's side. */
export function keysOf(home: string, spec: TwinSpec<object>): Record<string, string> {
  const folder = join(home, 'keys', spec.name);
  const listed = join(folder, 'twin', 'keys.json');
  if (!existsSync(listed)) {
    const made = spec.enrol();
    for (const side of ['hub', 'twin'] as const) {
      mkdirSync(join(folder, side), { recursive: true, mode: 0o700 });
      for (const [name, text] of Object.entries(made[side]))
        writeFileSync(join(folder, side, name), text, { mode: 0o600 });
    }
    writeWhole(listed, JSON.stringify(Object.keys(made.twin)));
  }
  const names = JSON.parse(readFileSync(listed, 'utf8')) as string[];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, 'twin', name), 'utf8')]));
}

/** The webhook secret that a caller shares with the hub. */
export function secretOf(home: string, caller: string): string {
  const folder = join(home, 'keys', caller, 'hub');
  const file = join(folder, 'webhook.txt');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `whsec_${randomBytes(32).toString('base64')}`, { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
}

export function writeSetup(home: string, running: readonly { spec: TwinSpec<object>; url: string }[]): void {
  const account = (company: { account: object }) => company.account;
  const setup = {
    systems: running.map(({ spec, url }) => ({
      id: spec.name,
      kind: spec.kind,
      dialect: spec.dialect,
      url,
      name: spec.title,
      allowPrivate: true,
      timeoutMs: kindTimeoutMs,
      settings: spec.settings,
    })),
    unit: { name: unit.name, uscc: unit.uscc, account: account(unit) },
    funder: { name: funder.name, uscc: funder.uscc, account: account(funder), signer: funder.legalRep },
    keeper: { name: warehouse.name, uscc: warehouse.uscc },
    projects: projects.map((project) => ({
      ...project,
      companyCode: unit.companyCode,
      warehouse: warehouse.code,
      product: 'spot-pledge',
      pledgeRate: '0.700000',
    })),
    configuration: agreed,
    callers,
  };
  writeWhole(join(home, 'setup.json'), JSON.stringify(setup, null, 2));
}
