/** In which relation to a case somebody reads: each one is a role of the database (store/migrations/0030-isolation.sql). */
export const relations = ['borrower', 'unit', 'funder', 'keeper', 'core'] as const;

/**
 * `borrower`: chain enterprise, dealer or supplier (客户, 资产方). `unit`: trading unit that sells (经营单位). `funder`: 资金方.
 * `keeper`: warehouse or supervisor (保管人, 监管方). `core`: debtor of a receivable (核心企业).
 */
export type Relation = (typeof relations)[number];

export const edgeRole = (relation: Relation): string => `lianshu_edge_${relation}`;

/** The columns that each relation may read of one table, separated by spaces. A relation that is not named reads nothing. */
export type FieldSet = Partial<Readonly<Record<Relation, string>>>;
