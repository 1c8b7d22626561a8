/**
 * Filling a template (模板填充) at 法大大: which fields it has, the fill, and the file behind the link. What the storage calls
 * the file (`ETag`) is the digest of its bytes, as for uploads: so all of it came.
 */
import { createHash } from 'node:crypto';
import type { Message } from '../../../contracts/contract.ts';
import type { esign, TemplateFill } from '../../../contracts/esign/esign.ts';
import * as extras from '../../../contracts/esign/fascExtras.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { toFascFill } from '../../../mappings/esign/fascTemplate.ts';
import { refuseStrangers } from '../../../mappings/esign/limits.ts';
import type { Wire } from '../../wire.ts';
import { answered, asDocument, ownLink, setting } from '../steps.ts';
import { call } from './fascCall.ts';

type Filled = Message<(typeof esign.operations.fillTemplate)['response']>;

export async function fillTemplate(fill: Message<typeof TemplateFill>, wire: Wire): Promise<Filled> {
  const openCorpId = setting(wire, 'openCorpId');
  const asked = toFascFill({ fill, openCorpId });
  const { docTemplateId, fileName } = asked;
  const about = extras.FascTemplateAsked.check({ ownerId: { idType: 'corp', openId: openCorpId }, docTemplateId });
  const template = answered(extras.FascTemplate, await call(wire, '/doc-template/get-detail', about));
  if (template === null) throw new Failure('SYSTEM_REFUSED', { detail: `there is no template ${docTemplateId}` });
  if (template.docTemplateId !== docTemplateId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `asked about template ${docTemplateId}, another was shown` });
  const fields = (template.docFields ?? []).map(({ fieldName, required, maxLength }) => ({
    name: fieldName,
    isRequired: required === true,
    charsMax: maxLength ?? undefined,
  }));
  refuseStrangers(fill, fields);
  const { fileDownloadUrl } = answered(extras.FascFilled, await call(wire, '/doc-template/fill-values', asked));
  return asDocument(fileName, await downloadWhole(wire, fileName, fileDownloadUrl));
}

async function downloadWhole(wire: Wire, fileName: string, link: string): Promise<Buffer> {
  const url = ownLink(wire, link);
  const { status, headers, body } = await wire.send({ method: 'GET', path: url.pathname, url: url.href, headers: {} });
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  if (status !== 200 || headers['etag'] !== etag)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `${fileName} came with HTTP ${status}, not as the storage names it`,
    });
  return body;
}
