/** The file in which an operator says which systems there are, who the parties are, and what the project binds together. */
import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import {
  Account,
  CompanyName,
  IdNo,
  PersonName,
  Phone,
  Rate,
  ShortText,
  Text,
  Uscc,
} from '../contracts/canonical/primitives.ts';
import { CallerRole } from '../contracts/portal/command.ts';
import { contract, strict, type Message } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import { authorise } from '../ledger/parties/authorities.ts';
import { admitParty } from '../ledger/parties/parties.ts';
import { ProductBody } from '../contracts/configuration/configuration.ts';
import { RuleSetBody } from '../contracts/configuration/rules.ts';
import { inForce, installConfiguration } from '../ledger/configuration/configuration.ts';
import { installProject } from '../ledger/configuration/projects.ts';
import type { Store } from '../store/store.ts';

const setupRoles = [
  'TRADING_UNIT',
  'FUNDER',
  'WAREHOUSE',
  'SUPERVISOR',
  'CORE',
  'SUPPLIER',
  'GUARANTOR',
  'OPERATOR',
] as const;
const SetupRole = Type.Enum([...setupRoles], { type: 'string' });

export const Setup = contract(
  'setup',
  strict({
    systems: Type.Array(
      strict({
        id: ShortText,
        kind: ShortText,
        dialect: ShortText,
        url: Text,
        name: strict({ zh: ShortText, en: ShortText }),
        allowPrivate: Type.Boolean(),
        timeoutMs: Type.Integer({ minimum: 100, maximum: 120_000 }),
        settings: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 500 })),
      }),
      { minItems: 1, maxItems: 200 },
    ),
    /** The parties that were there before business began. Dealers come by invitation. */
    companies: Type.Array(
      strict({
        name: CompanyName,
        uscc: Uscc,
        account: Account,
        roles: Type.Array(SetupRole, { minItems: 1, maxItems: 4 }),
        /** Its legal representative, who may sign for it. */
        signer: Type.Optional(strict({ name: PersonName, idNo: IdNo, phone: Phone })),
      }),
      { minItems: 1, maxItems: 1000 },
    ),
    /** Each binds a selling organisation to those who finance and keep its goods, and to the systems through which they speak. */
    projects: Type.Array(
      strict({
        id: ShortText,
        sellerNo: ShortText,
        companyCode: ShortText,
        unit: Uscc,
        keeper: Uscc,
        /** In the order in which they are asked, each by its own system. */
        funders: Type.Array(strict({ company: Uscc, system: ShortText }), { minItems: 1, maxItems: 20 }),
        warehouse: ShortText,
        product: ShortText,
        pledgeRate: Rate,
        systems: strict({
          erp: ShortText,
          warehouse: ShortText,
          identity: ShortText,
          esign: ShortText,
          clearing: ShortText,
          registry: ShortText,
          evidence: ShortText,
          price: ShortText,
          invoice: ShortText,
          face: ShortText,
          sms: ShortText,
          mail: ShortText,
          group: ShortText,
          stamps: ShortText,
        }),
      }),
      { minItems: 1, maxItems: 200 },
    ),
    /** What people agreed on before (产品与规则): each becomes a version in force, under the names of the two who agreed. */
    configuration: strict({
      maker: ShortText,
      checker: ShortText,
      products: Type.Array(strict({ code: ShortText, body: ProductBody.schema }), { minItems: 1, maxItems: 100 }),
      rules: Type.Array(strict({ code: ShortText, body: RuleSetBody.schema }), { maxItems: 100 }),
    }),
    /** Who speaks to the hub's own API, and for which company; a dealer's caller is `dealer-<number in the ERP>`. */
    /** Whether the hub's clock begins the daily work (估值、对账、逾期); default: only when an operator asks for it. */
    daily: Type.Optional(Type.Boolean()),
    callers: Type.Array(strict({ id: ShortText, as: CallerRole, company: Type.Optional(Uscc) }), { maxItems: 1000 }),
  }),
);

export function readSetup(file: string): Message<typeof Setup> {
  return Setup.check(parseJson(readFileSync(file)));
}

/** Idempotent: what is there already is brought up to date. */
export async function applySetup(store: Store, setup: Message<typeof Setup>): Promise<void> {
  await store.tx(async (tx) => {
    for (const system of setup.systems) {
      await tx.query(
        `insert into system (id, kind, dialect, url, name_zh, name_en, allow_private, timeout_ms, settings) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (id) do update set kind = excluded.kind, dialect = excluded.dialect, url = excluded.url, name_zh = excluded.name_zh, name_en = excluded.name_en,
           allow_private = excluded.allow_private, timeout_ms = excluded.timeout_ms, settings = excluded.settings`,
        [
          system.id,
          system.kind,
          system.dialect,
          system.url,
          system.name.zh,
          system.name.en,
          system.allowPrivate,
          system.timeoutMs,
          JSON.stringify(system.settings),
        ],
      );
    }
    const ids = new Map<string, string>();
    for (const { roles, signer, ...company } of setup.companies) {
      for (const role of roles) ids.set(company.uscc, await admitParty(tx, { ...company, role }, 'setup'));
      if (signer) await authorise(tx, idOf(ids, company.uscc), signer, 'LEGAL_REP', 'setup');
    }
    const { products, rules, ...people } = setup.configuration;
    for (const { code, body } of products) await installConfiguration(tx, 'PRODUCT', code, body, people, 'setup');
    for (const { code, body } of rules) await installConfiguration(tx, 'RULES', code, body, people, 'setup');
    for (const { product, unit, keeper, funders, ...project } of setup.projects) {
      const { id: productId } = await inForce(tx, 'PRODUCT', product);
      await installProject(tx, {
        ...project,
        productId,
        unit: idOf(ids, unit),
        keeper: idOf(ids, keeper),
        funders: funders.map(({ company, system }) => ({ id: idOf(ids, company), system })),
      });
    }
    for (const { id, as, company } of setup.callers)
      await tx.query(
        'insert into caller (id, role, party_id) values ($1, $2, $3) on conflict (id) do update set role = excluded.role, party_id = excluded.party_id',
        [id, as, company === undefined ? null : idOf(ids, company)],
      );
  });
}

function idOf(ids: ReadonlyMap<string, string>, uscc: string): string {
  const id = ids.get(uscc);
  if (id === undefined) throw new Failure('NOT_FOUND', { detail: `setup.json names no company ${uscc}` });
  return id;
}
