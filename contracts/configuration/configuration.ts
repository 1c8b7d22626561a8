/**
 * Configuration (配置): what people agree on before business begins, each kind with the schema of its body. Versions, states
 * and the two people who publish it are the books' (ledger/configuration); a body is only what was agreed.
 */
import { Type, type TObject, type TProperties } from 'typebox';
import { ContractTemplate, Product } from '../canonical/entities/configuration.ts';
import { contract, strict } from '../contract.ts';
import { RuleSetBody } from './rules.ts';

/** What the books keep beside a body. */
const kept = ['id', 'version', 'state', 'stateSince', 'extRefs', 'history'] as const;

function bodyOf<P extends TProperties>(name: string, schema: TObject<P>) {
  return contract(`configuration/${name}`, strict(Type.Omit(schema, kept).properties));
}

/** Terms of a product (融资产品). */
export const ProductBody = bodyOf('product', Product.contract.schema);
/** A text to be signed (合同模板). */
const TemplateBody = bodyOf('template', ContractTemplate.contract.schema);

export const configurationKinds = {
  PRODUCT: ProductBody,
  TEMPLATE: TemplateBody,
  RULES: RuleSetBody,
} as const;

export type ConfigurationKind = keyof typeof configurationKinds;
