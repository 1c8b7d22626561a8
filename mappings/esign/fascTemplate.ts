/** Filling a template (模板填充) in the words of 法大大 FASC 5.1. */
import { Type } from 'typebox';
import { contract, strict } from '../../contracts/contract.ts';
import { TemplateFill } from '../../contracts/esign/esign.ts';
import { FascFillAsked } from '../../contracts/esign/fascExtras.wire.ts';
import { mapping } from '../../contracts/mapping.ts';
import { refuseTwice } from './limits.ts';

const FascFill = contract('esign/fasc/fill', strict({ fill: TemplateFill.schema, openCorpId: Type.String() }));

/** By name: fields of one name are filled alike. */
export const toFascFill = mapping('esign.fasc.fill', FascFill, FascFillAsked, ({ fill, openCorpId }) => {
  refuseTwice(fill);
  return {
    openCorpId,
    docTemplateId: fill.templateId,
    fileName: `${fill.requestNo}.pdf`,
    docFieldValues: fill.fields.map(({ name, value }) => ({ fieldName: name, fieldValue: value })),
  };
});
