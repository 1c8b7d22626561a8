/** Financing projects (融资项目): who finances whom, through which systems. Configuration, read by flows at their start. */
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';

/** The system that plays each part in a project. */
export interface ProjectSystems {
  readonly erp: string;
  readonly funder: string;
  readonly warehouse: string;
  readonly identity: string;
  readonly esign: string;
  readonly clearing: string;
  readonly registry: string;
  readonly evidence: string;
  readonly price: string;
}

export interface ProjectCompany {
  readonly id: string;
  readonly name: string;
  readonly uscc: string;
}

export interface Project {
  readonly id: string;
  /** The organisation that sells (销售组织), under its ERP number. */
  readonly sellerNo: string;
  /** The company whose books carry the receivables (公司代码). */
  readonly companyCode: string;
  /** The version of its product that new cases pin. */
  readonly productId: string;
  readonly unit: ProjectCompany;
  readonly funder: ProjectCompany;
  readonly keeper: ProjectCompany;
  readonly warehouse: string;
  readonly pledgeRate: string;
  readonly systems: ProjectSystems;
}

export async function projectOf(tx: Tx, sellerNo: string): Promise<Project> {
  const found = await tx.query<{
    id: string;
    seller_no: string;
    company_code: string;
    product_id: string | null;
    warehouse: string;
    pledge_rate: string;
    systems: ProjectSystems;
    unit: ProjectCompany;
    funder: ProjectCompany;
    keeper: ProjectCompany;
  }>(
    `select pr.id, pr.seller_no, pr.company_code, pr.product_id, pr.warehouse, pr.pledge_rate, pr.systems,
       jsonb_build_object('id', u.id, 'name', u.legal_name, 'uscc', u.uscc) unit,
       jsonb_build_object('id', f.id, 'name', f.legal_name, 'uscc', f.uscc) funder,
       jsonb_build_object('id', k.id, 'name', k.legal_name, 'uscc', k.uscc) keeper
     from project pr join party u on u.id = pr.unit_id join party f on f.id = pr.funder_id join party k on k.id = pr.keeper_id
     where pr.seller_no = $1`,
    [sellerNo],
  );
  const row = found.rows[0];
  if (!row)
    throw new Failure('NOT_FOUND', { detail: `no financing project covers the selling organisation ${sellerNo}` });
  const { seller_no, company_code, product_id, pledge_rate, ...rest } = row;
  if (product_id === null) throw new Failure('NOT_FOUND', { detail: `project ${rest.id} runs on no product` });
  return { ...rest, sellerNo: seller_no, companyCode: company_code, productId: product_id, pledgeRate: pledge_rate };
}

export async function installProject(
  tx: Tx,
  project: {
    id: string;
    sellerNo: string;
    companyCode: string;
    productId: string;
    unit: string;
    funder: string;
    keeper: string;
    warehouse: string;
    pledgeRate: string;
    systems: ProjectSystems;
  },
): Promise<void> {
  await tx.query(
    `insert into project (id, seller_no, unit_id, funder_id, keeper_id, warehouse, pledge_rate, systems, product_id, company_code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do update set warehouse = excluded.warehouse, pledge_rate = excluded.pledge_rate, systems = excluded.systems,
       product_id = excluded.product_id, company_code = excluded.company_code`,
    [
      project.id,
      project.sellerNo,
      project.unit,
      project.funder,
      project.keeper,
      project.warehouse,
      project.pledgeRate,
      JSON.stringify(project.systems),
      project.productId,
      project.companyCode,
    ],
  );
}
