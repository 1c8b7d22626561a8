/**
 * e签宝 OpenAPI v3.
 *
 * Starting an envelope is four calls for each document and one at the end: ask for an upload link, put the bytes, wait
 * until the file is ready, and `create-by-file`. Only the last one does something to the world. The vendor has no
 * request number: sent twice, it opens two flows. So what fails before the last call may be sent again, and what fails
 * in it is looked up by the envelope's number, which every signature field carries as `customBizNum`.
 *
 * Answers are not signed by the vendor (TLS only), callbacks are.
 */
import type { Message } from '../../../contracts/contract.ts';
import type { esign } from '../../../contracts/esign/esign.ts';
import * as tsign from '../../../contracts/esign/tsign.wire.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import {
  failureOf,
  flowStatusOf,
  isFlowMissing,
  titleTag,
  toEnvelopeFinished,
  toTsignFlow,
} from '../../../mappings/esign/tsign.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { answered, beforeStart, contentOf, download, jsonOf, ownLink, proven, setting } from '../steps.ts';
import { checkAuthority } from './tsignAuthority.ts';
import { call, untilReady } from './tsignCall.ts';
import { receiveTsign } from './tsignCallback.ts';
import { contentMd5 } from './tsignSignature.ts';
import { fillTemplate } from './tsignTemplate.ts';

type Detail = Message<typeof tsign.TsignDetail>;

const dayMs = 86_400_000;
/** A flow lives at most 90 days. */
const searchWindowMs = 90 * dayMs;
const pageSize = 100;
const pagesMax = 50;
const linkSeconds = 3_600;
/** A vendor's flow id; our own numbers do not look like this. */
const flowIdPattern = /^[0-9a-f]{32}$/;

export const tsignDialect: Dialect<typeof esign> = {
  operations: {
    async startEnvelope(envelope, wire) {
      const notifyUrl = setting(wire, 'notifyUrl');
      const contents = envelope.documents.map(contentOf);
      // What cannot be said to this vendor is refused before anything is uploaded.
      toTsignFlow({ envelope, notifyUrl, fileIds: envelope.documents.map(() => 'unsent') });
      const fileIds: string[] = [];
      for (const [index, { fileName }] of envelope.documents.entries()) {
        fileIds.push(await beforeStart(() => upload(wire, fileName, contents[index] ?? Buffer.alloc(0))));
      }
      const flow = toTsignFlow({ envelope, notifyUrl, fileIds });
      const data = await call(wire, 'POST', '/v3/sign-flow/create-by-file', flow);
      return { vendorFlowId: answered(tsign.TsignFlowStarted, data).signFlowId };
    },

    async queryEnvelope({ no }, wire) {
      const flow = await findFlow(wire, no);
      return flow ? { outcome: 'confirmed', response: { vendorFlowId: flow.flowId } } : { outcome: 'notFound' };
    },

    /** By our number or, which is one call and no search, by the vendor's flow id. */
    async readEnvelope({ no }, wire) {
      const flow = flowIdPattern.test(no) ? await readFlow(wire, no) : await findFlow(wire, no);
      if (!flow) return { outcome: 'notFound' };
      const { flowId, detail } = flow;
      if (flowStatusOf(detail.signFlowStatus) === 'signing') return { outcome: 'pending' };
      const envelopeNo = envelopeNoIn(detail);
      if (envelopeNo === undefined)
        throw new Failure('ANSWER_UNVERIFIED', { detail: `flow ${flowId} carries no number of ours` });
      const atMs = detail.signFlowFinishTime ?? wire.now().getTime();
      const response = toEnvelopeFinished({ envelopeNo, vendorFlowId: flowId, status: detail.signFlowStatus, atMs });
      return { outcome: 'confirmed', response };
    },

    async fetchDocuments({ vendorFlowId, documents }, wire) {
      const path = `${flowPath(vendorFlowId)}/file-download-url?urlAvailableDate=${linkSeconds}`;
      const { files } = answered(tsign.TsignDownloads, await call(wire, 'GET', path));
      const verified = [];
      for (const { fileName, sha256 } of documents) {
        const file = files.find((one) => one.fileName === fileName);
        if (!file) throw new Failure('ANSWER_UNVERIFIED', { detail: `the flow holds no file ${fileName}` });
        verified.push(proven(wire, { fileName, sha256 }, await download(wire, file.downloadUrl)));
      }
      return { vendorFlowId, documents: verified };
    },

    checkAuthority,
    fillTemplate,
  },

  receive: (inbound, wire) =>
    receiveTsign(inbound, wire, async (flowId) => {
      const flow = await readFlow(wire, flowId);
      return flow && envelopeNoIn(flow.detail);
    }),
};

async function upload(wire: Wire, fileName: string, body: Buffer): Promise<string> {
  const md5 = contentMd5(body);
  const asked = tsign.TsignUploadAsked.check({
    contentMd5: md5,
    contentType: 'application/pdf',
    fileName,
    fileSize: body.length,
    convertToPDF: false,
  });
  const place = answered(tsign.TsignUploadPlace, await call(wire, 'POST', '/v3/files/file-upload-url', asked));
  const url = ownLink(wire, place.fileUploadUrl);
  const headers = { 'Content-MD5': md5, 'Content-Type': 'application/pdf' };
  const put = await wire.send({ method: 'PUT', path: url.pathname, url: url.href, headers, body });
  const { errCode } = answered(tsign.TsignUploaded, jsonOf(put));
  if (put.status !== 200 || errCode !== 0) throw failureOf(errCode, `upload of ${fileName}, HTTP ${put.status}`);
  await untilReady(wire, place.fileId, tsign.TsignFileState);
  return place.fileId;
}

/** The list shows titles only, so a title's end picks the candidates and the detail decides. */
async function findFlow(wire: Wire, envelopeNo: string): Promise<{ flowId: string; detail: Detail } | undefined> {
  const found = [];
  for (const { flowId, title } of await candidates(wire, envelopeNo)) {
    const flow = await readFlow(wire, flowId);
    const shown = flow && envelopeNoIn(flow.detail);
    // No flow of ours has a title that does not end in its own number: this is the detail of another flow.
    if (shown !== undefined && !title.endsWith(titleTag(shown)))
      throw new Failure('ANSWER_UNVERIFIED', { detail: `asked about flow ${flowId}, and another one was shown` });
    if (flow && shown === envelopeNo) found.push(flow);
  }
  if (found.length > 1) {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `${found.length} flows carry ${envelopeNo}: people must revoke all but one`,
    });
  }
  return found[0];
}

interface Candidate {
  readonly flowId: string;
  readonly title: string;
}

async function candidates(wire: Wire, envelopeNo: string): Promise<Candidate[]> {
  const nowMs = wire.now().getTime();
  const range = { signFlowStartTimeFrom: nowMs - searchWindowMs, signFlowStartTimeTo: nowMs + dayMs };
  const found: Candidate[] = [];
  for (let pageNum = 1; pageNum <= pagesMax; pageNum += 1) {
    const asked = tsign.TsignListAsked.check({ pageNum, pageSize, ...range });
    const { total, signFlowInfos } = answered(
      tsign.TsignList,
      await call(wire, 'POST', '/v3/sign-flow/sign-flow-list', asked),
    );
    const infos = signFlowInfos ?? [];
    const titled = infos.map((i) => ({ flowId: i.signFlowId, title: i.signFlowTitle ?? '' }));
    found.push(...titled.filter(({ title }) => title.endsWith(titleTag(envelopeNo))));
    if (infos.length === 0 || pageNum * pageSize >= total) return found;
  }
  if (found.length > 0) return found;
  throw new Failure('OUTCOME_UNKNOWN', {
    detail: `not among the first ${pagesMax * pageSize} flows, and there are more`,
  });
}

async function readFlow(wire: Wire, flowId: string): Promise<{ flowId: string; detail: Detail } | undefined> {
  try {
    return { flowId, detail: answered(tsign.TsignDetail, await call(wire, 'GET', `${flowPath(flowId)}/detail`)) };
  } catch (thrown) {
    if (isFailure(thrown) && isFlowMissing(thrown.externalCode)) return undefined;
    throw thrown;
  }
}

function envelopeNoIn({ signers }: Detail): string | undefined {
  const fields = signers.flatMap((signer) => signer.signFields ?? []);
  return (
    fields.find((field) => typeof field.customBizNum === 'string' && field.customBizNum !== '')?.customBizNum ??
    undefined
  );
}

const flowPath = (flowId: string): string => `/v3/sign-flow/${encodeURIComponent(flowId)}`;
