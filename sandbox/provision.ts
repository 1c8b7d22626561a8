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
import {
  applicants,
  cityBank,
  core,
  dealers,
  factor,
  funder,
  mill,
  suppliers,
  unit,
  warehouse,
  type WorldCompany,
} from './world.ts';

const kindTimeoutMs = 3_000;

/** Those who speak to the hub's own API, and as whom. A dealer is known to the unit's ERP before it is known by its USCC. */
export const callers: readonly Caller[] = [
  { id: 'unit', as: 'unit', company: unit.uscc },
  ...dealers.map((dealer) => ({ id: `dealer-${Number(dealer.sapNo)}`, as: 'dealer' as const })),
  { id: 'core', as: 'core', company: core.uscc },
  ...suppliers.map(({ uscc }, place) => ({ id: `supplier-${place + 1}`, as: 'supplier' as const, company: uscc })),
  // Known by no number before they have come in.
  ...applicants.map((_, place) => ({ id: `applicant-${place + 1}`, as: 'dealer' as const })),
  { id: 'mill', as: 'seller', company: mill.uscc },
  { id: 'funder', as: 'funder', company: funder.uscc },
  { id: 'city-bank', as: 'funder', company: cityBank.uscc },
  { id: 'factor', as: 'funder', company: factor.uscc },
  { id: 'keeper', as: 'keeper', company: warehouse.uscc },
  { id: 'operator', as: 'operator' },
  { id: 'operator-checker', as: 'operator' },
];

interface Caller {
  readonly id: string;
  readonly as: 'unit' | 'dealer' | 'core' | 'supplier' | 'seller' | 'funder' | 'keeper' | 'operator';
  readonly company?: string;
}

const usual = {
  erp: 'sap-s4',
  warehouse: 'wms-qimen',
  identity: 'cfca-idv',
  esign: 'esign-tsign',
  clearing: 'clearing-cpcn',
  registry: 'registry-zd',
  evidence: 'evidence-chain',
  price: 'price-quotes',
  invoice: 'invoice-vat',
  face: 'identity-faceid',
  sms: 'notify-sms',
  mail: 'notify-smtp',
  group: 'notify-wecom',
  stamps: 'evidence-tsa',
} as const;

const own = { company: funder.uscc, system: 'bank-open' };
const city = { company: cityBank.uscc, system: 'bank-icbc' };
const south = { company: factor.uscc, system: 'bank-south' };
const forDealers = {
  unit: unit.uscc,
  keeper: warehouse.uscc,
  companyCode: unit.companyCode,
  warehouse: warehouse.code,
  pledgeRate: '0.700000',
};

/** What a selling organisation sells is financed by its project: its product, its funders in their order, its systems. */
const projects = [
  { id: 'XM-SPOT-PLEDGE', sellerNo: unit.salesOrganization, product: 'spot-pledge', funders: [own], systems: usual },
  {
    id: 'XM-SPOT-PLEDGE-2',
    sellerNo: unit.otherSalesOrganization,
    product: 'spot-pledge',
    funders: [city],
    systems: { ...usual, warehouse: 'wms-flux', esign: 'esign-fasc', evidence: 'evidence-antchain' },
  },
  { id: 'XM-CREDIT', sellerNo: '3000', product: 'credit', funders: [own, city, south], systems: usual },
  // Goods are pledged to whichever of the two takes them.
  { id: 'XM-SPOT-PLEDGE-3', sellerNo: '5000', product: 'spot-pledge', funders: [own, city], systems: usual },
  { id: 'XM-FUTURE-GOODS', sellerNo: '4000', product: 'future-goods', funders: [own], systems: usual },
  {
    id: 'SD-FACTORING',
    sellerNo: 'SD01',
    product: 'factoring',
    funders: [south, own, city],
    unit: core.uscc,
    systems: { ...usual, esign: 'esign-qiyuesuo' },
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
  const named = ({ name, uscc, account }: WorldCompany) => ({ name, uscc, account });
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
    companies: [
      { ...named(unit), roles: ['TRADING_UNIT'] },
      ...[funder, cityBank, factor].map((company) => ({
        ...named(company),
        roles: ['FUNDER'],
        signer: company.legalRep,
      })),
      { ...named(warehouse), roles: ['WAREHOUSE'], signer: warehouse.legalRep },
      { ...named(core), roles: ['CORE'], signer: core.legalRep },
      ...suppliers.map((company) => ({ ...named(company), roles: ['SUPPLIER'], signer: company.legalRep })),
      { ...named(mill), roles: ['SUPPLIER'], signer: mill.legalRep },
    ],
    projects: projects.map((project) => ({ ...forDealers, ...project })),
    ...(process.env['LIANSHU_DAILY'] === undefined ? {} : { daily: true }),
    configuration: agreed,
    callers,
  };
  writeWhole(join(home, 'setup.json'), JSON.stringify(setup, null, 2));
}
