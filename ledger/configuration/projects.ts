/** Financing projects (融资项目): who finances whom, through which systems. Configuration, read by flows at their start. */
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';

export type ProductType = 'CREDIT' | 'SPOT_PLEDGE' | 'FUTURE_GOODS' | 'FACTORING';

/** The system that plays each part in a project. */
export interface ProjectSystems {
  readonly erp: string;
  /** Of the funder that is asked first; another one is chosen by `financedBy`. */
  readonly funder: string;
  readonly warehouse: string;
  readonly identity: string;
  readonly esign: string;
  readonly clearing: string;
  readonly registry: string;
  readonly evidence: string;
  readonly price: string;
  readonly invoice: string;
  /** Face verification. */
  readonly face: string;
  readonly sms: string;
  readonly mail: string;
  /** Group messages of the unit's people. */
  readonly group: string;
  /** Time stamps by an authority that is nobody's party (RFC 3161). */
  readonly stamps: string;
}

export interface ProjectCompany {
  readonly id: string;
  readonly name: string;
  readonly uscc: string;
}

export interface ProjectFunder extends ProjectCompany {
  readonly system: string;
}

export interface Project {
  readonly id: string;
  /** The organisation that sells (销售组织), under its ERP number. */
  readonly sellerNo: string;
  /** The company whose books carry the receivables (公司代码). */
  readonly companyCode: string;
  /** The version of its product that new cases pin. */
  readonly productId: string;
  readonly productType: ProductType;
  readonly unit: ProjectCompany;
  /** The first of those that finance it. */
  readonly funder: ProjectCompany;
  readonly funders: readonly ProjectFunder[];
  readonly keeper: ProjectCompany;
  readonly warehouse: string;
  readonly pledgeRate: string;
  readonly systems: ProjectSystems;
}

export async function projectOf(tx: Tx, sellerNo: string): Promise<Project> {
  const project = await readProject(tx, 'pr.seller_no = $1', sellerNo);
  if (project) return project;
  throw new Failure('NOT_FOUND', { detail: `no financing project covers the selling organisation ${sellerNo}` });
}

/** @throws Failure NOT_FOUND */
export async function projectNamed(tx: Tx, id: string): Promise<Project> {
  const project = await readProject(tx, 'pr.id = $1', id);
  if (project) return project;
  throw new Failure('NOT_FOUND', { detail: `there is no financing project ${id}` });
}

/** Which flow an order starts is the matter of the product that its selling organisation is financed by. */
export async function isFinancedBy(tx: Tx, sellerNo: string, type: ProductType): Promise<boolean> {
  const project = await readProject(tx, 'pr.seller_no = $1', sellerNo);
  return project?.productType === type;
}

/** The selling organisations that are financed by this product; by any, when none is named. */
export async function sellersOf(tx: Tx, type?: ProductType): Promise<readonly string[]> {
  const found = await tx.query<{ sellerNo: string }>(
    `select pr.seller_no "sellerNo" from project pr join configuration c on c.id = pr.product_id where $1::text is null or c.body ->> 'type' = $1`,
    [type ?? null],
  );
  return found.rows.map(({ sellerNo }) => sellerNo);
}

/** The same project as one of its funders finances it: what a flow does with the first, it does with this one. */
export function financedBy(project: Project, funderId: string): Project {
  const funder = project.funders.find(({ id }) => id === funderId);
  if (!funder) throw new Failure('NOT_FOUND', { detail: `the project ${project.id} has no such funder` });
  const { system, ...company } = funder;
  return { ...project, funder: company, systems: { ...project.systems, funder: system } };
}

async function readProject(tx: Tx, where: string, value: string): Promise<Project | undefined> {
  const found = await tx.query<Omit<Project, 'funder'>>(
    `select pr.id, pr.seller_no "sellerNo", pr.company_code "companyCode", pr.product_id "productId", c.body ->> 'type' "productType",
       pr.warehouse, pr.pledge_rate "pledgeRate", pr.systems,
       jsonb_build_object('id', u.id, 'name', u.legal_name, 'uscc', u.uscc) unit,
       jsonb_build_object('id', k.id, 'name', k.legal_name, 'uscc', k.uscc) keeper,
       (select jsonb_agg(jsonb_build_object('id', f.id, 'name', f.legal_name, 'uscc', f.uscc, 'system', pf.system) order by pf.place)
        from project_funder pf join party f on f.id = pf.funder_id where pf.project_id = pr.id) funders
     from project pr join party u on u.id = pr.unit_id join party k on k.id = pr.keeper_id left join configuration c on c.id = pr.product_id
     where ${where}`,
    [value],
  );
  const [row] = found.rows;
  const first = row?.funders[0];
  if (!row || !first) return undefined;
  // As the type has it, and the column has not: an installation of an older release may have left it out.
  if ((row.productId as string | null) === null)
    throw new Failure('NOT_FOUND', { detail: `project ${row.id} runs on no product` });
  return financedBy({ ...row, funder: first }, first.id);
}

export interface DailyScopes {
  readonly projects: readonly string[];
  /** Systems whose day is settled: they lay down files, or are a funder's own bank. */
  readonly settled: readonly string[];
}

/** For what the daily work is due. */
export async function dailyScopes(tx: Tx): Promise<DailyScopes> {
  const found = await tx.query<DailyScopes>(
    `select array(select id from project order by id) projects,
       array(select id from system where kind = 'clearing' and dialect = 'files'
         or kind = 'bank' and id in (select system from project_funder) order by id) settled`,
  );
  return found.rows[0] ?? { projects: [], settled: [] };
}

export async function installProject(
  tx: Tx,
  project: {
    id: string;
    sellerNo: string;
    companyCode: string;
    productId: string;
    unit: string;
    keeper: string;
    warehouse: string;
    pledgeRate: string;
    /** In the order in which they are asked. */
    funders: readonly { readonly id: string; readonly system: string }[];
    systems: Omit<ProjectSystems, 'funder'>;
  },
): Promise<void> {
  await tx.query(
    `insert into project (id, seller_no, unit_id, keeper_id, warehouse, pledge_rate, systems, product_id, company_code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (id) do update set warehouse = excluded.warehouse, pledge_rate = excluded.pledge_rate, systems = excluded.systems,
       product_id = excluded.product_id, company_code = excluded.company_code`,
    [
      project.id,
      project.sellerNo,
      project.unit,
      project.keeper,
      project.warehouse,
      project.pledgeRate,
      JSON.stringify(project.systems),
      project.productId,
      project.companyCode,
    ],
  );
  await tx.query('delete from project_funder where project_id = $1', [project.id]);
  for (const [place, { id, system }] of project.funders.entries())
    await tx.query('insert into project_funder (project_id, place, funder_id, system) values ($1, $2, $3, $4)', [
      project.id,
      place,
      id,
      system,
    ]);
}
