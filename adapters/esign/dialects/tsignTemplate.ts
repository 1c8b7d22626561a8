/**
 * Filling a template (模板填充) at e签宝: which fields it has, the fill, and the file. The file's name is ours and comes back
 * with it, as does its size: so it is the file that was asked for, and all of it.
 */
import type { Message } from '../../../contracts/contract.ts';
import type { esign, TemplateFill } from '../../../contracts/esign/esign.ts';
import * as extras from '../../../contracts/esign/tsignExtras.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { refuseStrangers } from '../../../mappings/esign/limits.ts';
import { toTsignFill } from '../../../mappings/esign/tsignTemplate.ts';
import type { Wire } from '../../wire.ts';
import { answered, asDocument, download } from '../steps.ts';
import { call, untilReady } from './tsignCall.ts';

type Filled = Message<(typeof esign.operations.fillTemplate)['response']>;

export async function fillTemplate(fill: Message<typeof TemplateFill>, wire: Wire): Promise<Filled> {
  const asked = toTsignFill(fill);
  const { docTemplateId, fileName } = asked;
  const template = answered(extras.TsignTemplate, await call(wire, 'GET', `/v3/doc-templates/${docTemplateId}`));
  if (template.docTemplateId !== docTemplateId) throw another(`template ${docTemplateId}`);
  const fields = (template.components ?? []).flatMap(({ componentKey, required }) =>
    componentKey ? [{ name: componentKey, isRequired: required === true }] : [],
  );
  refuseStrangers(fill, fields);
  const filled = await call(wire, 'POST', '/v3/files/create-by-doc-template', asked);
  const { fileId } = answered(extras.TsignFilled, filled);
  const file = await untilReady(wire, fileId, extras.TsignFilledFile);
  if (file.fileId !== fileId || file.fileName !== fileName) throw another(`file ${fileName}`);
  if (!file.fileDownloadUrl) throw new Failure('OUTCOME_UNKNOWN', { detail: `there is no link to ${fileName}` });
  const bytes = await download(wire, file.fileDownloadUrl);
  if (bytes.length !== file.fileSize)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `${fileName} came with ${bytes.length} of ${file.fileSize} bytes` });
  return asDocument(fileName, bytes);
}

const another = (what: string): Failure =>
  new Failure('ANSWER_UNVERIFIED', { detail: `asked about ${what}, and another one was shown` });
