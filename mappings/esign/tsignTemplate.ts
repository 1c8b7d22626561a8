/** Filling a template (模板填充) in the words of e签宝 v3. */
import { TemplateFill } from '../../contracts/esign/esign.ts';
import { TsignFillAsked } from '../../contracts/esign/tsignExtras.wire.ts';
import { mapping } from '../../contracts/mapping.ts';
import { refuseTwice } from './limits.ts';

/** Fields are named by the key that their maker gave them. `requiredCheck`, or what is missing stays blank without a word. */
export const toTsignFill = mapping('esign.tsign.fill', TemplateFill, TsignFillAsked, (fill) => {
  refuseTwice(fill);
  return {
    docTemplateId: fill.templateId,
    fileName: `${fill.requestNo}.pdf`,
    components: fill.fields.map(({ name, value }) => ({ componentKey: name, componentValue: value })),
    requiredCheck: true as const,
  };
});
