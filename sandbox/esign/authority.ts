/**
 * Whom a signing service verified, and who may use which seal (印章) of which company. Each has it in a form of its own.
 *
 * Magic people: a legal representative may use all seals for ever; an agent two of them until a day; a picker (提货人) had a
 * grant that is over; anybody else of the world is verified and was granted nothing; who is not of the world is unknown.
 */
import { agents, companies, dealers, type WorldCompany } from '../world.ts';

interface Person {
  readonly name: string;
  readonly idNo: string;
  readonly phone: string;
}

type SealKind = 'official' | 'contract' | 'finance';
type GrantState = 'live' | 'over' | 'toCome';

export interface CompanySeal {
  readonly kind: SealKind;
  readonly name: string;
  readonly isInUse: boolean;
}

export interface SealGrant {
  readonly seal: CompanySeal;
  readonly state: GrantState;
  readonly fromMs: number;
  /** Null: for ever. */
  readonly untilMs: number | null;
}

/** What people changed since: by company and person. */
export type Authorities = Record<string, { readonly state: GrantState | 'none'; readonly untilMs: number | null }>;

/** Every company has the same. */
export const seals: readonly CompanySeal[] = [
  { kind: 'official', name: '公章', isInUse: true },
  { kind: 'contract', name: '合同专用章', isInUse: true },
  { kind: 'finance', name: '财务专用章', isInUse: false },
];

export const authorityMagic = [
  {
    where: 'person asked about 被核验人',
    value: 'legal representative 法定代表人',
    effect: 'may use all seals in use for ever',
  },
  { where: 'person asked about 被核验人', value: 'agent 经办人', effect: 'two seals, until 2028-12-31 and 2029-12-31' },
  { where: 'person asked about 被核验人', value: 'picker 提货人', effect: 'the grant is over since 2026-06-30 已失效' },
  { where: 'person asked about 被核验人', value: 'not of the sandbox 非沙箱人员', effect: 'unknown 未认证' },
] as const;

const fromMs = Date.parse('2026-01-01T00:00:00+08:00');
const officialUntilMs = Date.parse('2028-12-31T23:59:59+08:00');
const contractUntilMs = Date.parse('2029-12-31T23:59:59+08:00');
const overSinceMs = Date.parse('2026-06-30T23:59:59+08:00');

/** All whom the service verified, for looking them up by its own ids. */
export const accounts: { readonly companies: readonly WorldCompany[]; readonly people: readonly Person[] } = {
  companies,
  people: [
    ...companies.map(({ legalRep }) => legalRep),
    ...agents.map(({ agent }) => agent),
    ...dealers.map(({ picker }) => picker),
  ],
};

export const companyOf = (uscc: unknown): WorldCompany | undefined => companies.find((one) => one.uscc === uscc);
export const personOf = (what: 'idNo' | 'phone', value: unknown): Person | undefined =>
  accounts.people.find((one) => one[what] === value);

/** Of the legal representative too, for services that list them among those who may use a seal. */
export function grantsOf(company: WorldCompany, person: Person, changed: Authorities | undefined): SealGrant[] {
  const change = changed?.[`${company.uscc}/${person.idNo}`];
  if (change?.state === 'none') return [];
  if (change) return [grant('contract', change.state, change.untilMs)];
  const dealer = dealers.find(({ uscc }) => uscc === company.uscc);
  if (person.idNo === company.legalRep.idNo) return seals.map(({ kind }) => grant(kind, 'live', null));
  if (agents.some(({ uscc, agent }) => uscc === company.uscc && agent.idNo === person.idNo)) {
    return [
      grant('official', 'live', officialUntilMs),
      grant('contract', 'live', contractUntilMs),
      grant('finance', 'live', null),
    ];
  }
  return person.idNo === dealer?.picker.idNo ? [grant('contract', 'over', overSinceMs)] : [];
}

/** An act of its people: `{ uscc, idNo, state, until }`, the state `live`, `over`, `toCome` or `none`, for the contract seal. */
export function changeAuthority(
  authorities: Authorities,
  { uscc, idNo, state, until }: Readonly<Record<string, unknown>>,
): void {
  const wanted = (['live', 'over', 'toCome', 'none'] as const).find((one) => one === state);
  if (!wanted) throw new Error('the state is live, over, toCome or none');
  const untilMs = typeof until === 'string' ? Date.parse(until) : null;
  authorities[`${String(uscc)}/${String(idNo)}`] = { state: wanted, untilMs };
}

function grant(kind: SealKind, state: GrantState, untilMs: number | null): SealGrant {
  const seal = seals.find((one) => one.kind === kind);
  if (!seal) throw new Error(`no company has a ${kind} seal`);
  return { seal, state, fromMs, untilMs };
}
