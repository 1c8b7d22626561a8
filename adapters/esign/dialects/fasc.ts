/**
 * 法大大 FASC OpenAPI 5.1.
 *
 * Starting an envelope is three calls for each document and one at the end: ask for an upload link, put the bytes, have
 * the file processed, and `/sign-task/create`. Only the last one does something to the world. The vendor has no request
 * number: sent twice, it opens two tasks. What fails in the last call is looked up by `transReferenceId`, our number, which
 * stands in the vendor's list of tasks.
 *
 * Answers are not signed by the vendor (TLS only), events are.
 */
import { createHash } from 'node:crypto';
import type { Message } from '../../../contracts/contract.ts';
import type { esign } from '../../../contracts/esign/esign.ts';
import * as fasc from '../../../contracts/esign/fasc.wire.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { isTaskMissing, statusOf, toEnvelopeFinished, toFascTask } from '../../../mappings/esign/fasc.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { answered, beforeStart, contentOf, download, ownLink, proven, setting } from '../steps.ts';
import { checkAuthority } from './fascAuthority.ts';
import { call } from './fascCall.ts';
import { receiveFasc } from './fascCallback.ts';
import { fillTemplate } from './fascTemplate.ts';

type Detail = Message<typeof fasc.FascDetail>;

const dayMs = 86_400_000;
const searchWindowMs = 90 * dayMs;
const pageSize = 100;
const pagesMax = 50;
/** A vendor's task id. Numbers of ours that look like it are looked up both ways. */
const taskIdPattern = /^\d{15,20}$/;

export const fascDialect: Dialect<typeof esign> = {
  operations: {
    async startEnvelope(envelope, wire) {
      const given = { envelope, openCorpId: setting(wire, 'openCorpId'), notifyUrl: setting(wire, 'notifyUrl') };
      const contents = envelope.documents.map(contentOf);
      // What cannot be said to this vendor is refused before anything is uploaded.
      toFascTask({ ...given, fileIds: envelope.documents.map(() => 'unsent') });
      const fileIds: string[] = [];
      for (const [index, { fileName }] of envelope.documents.entries())
        fileIds.push(await beforeStart(() => upload(wire, fileName, contents[index] ?? Buffer.alloc(0))));
      const created = await call(wire, '/sign-task/create', toFascTask({ ...given, fileIds }), { mayRepeat: false });
      return { vendorFlowId: answered(fasc.FascTaskStarted, created).signTaskId };
    },

    async queryEnvelope({ no }, wire) {
      const vendorFlowId = await findTask(wire, no);
      return vendorFlowId === undefined
        ? { outcome: 'notFound' }
        : { outcome: 'confirmed', response: { vendorFlowId } };
    },

    /** By our number or, which is one call and no search, by the vendor's task id. */
    async readEnvelope({ no }, wire) {
      const detail = (taskIdPattern.test(no) ? await readTask(wire, no) : undefined) ?? (await searchTask(wire, no));
      if (!detail) return { outcome: 'notFound' };
      const { signTaskId, signTaskStatus, transReferenceId, finishTime } = detail;
      const isCancelled = [true, 1, '1', 'true'].includes(detail.cancelStatus ?? false);
      if (statusOf(signTaskStatus, isCancelled) === 'signing') return { outcome: 'pending' };
      if (!transReferenceId)
        throw new Failure('ANSWER_UNVERIFIED', { detail: `task ${signTaskId} carries no number of ours` });
      const at = finishTime ?? String(wire.now().getTime());
      const told = { envelopeNo: transReferenceId, vendorFlowId: signTaskId, status: signTaskStatus, isCancelled, at };
      return { outcome: 'confirmed', response: toEnvelopeFinished(told) };
    },

    async fetchDocuments({ vendorFlowId, documents }, wire) {
      const asked = fasc.FascFilesAsked.check({ signTaskId: vendorFlowId });
      const { docs } = answered(fasc.FascFiles, await call(wire, '/sign-task/owner/get-file', asked));
      const verified = [];
      for (const wanted of documents) {
        const file = docs.find(({ docName }) => docName === wanted.fileName);
        if (!file) throw new Failure('ANSWER_UNVERIFIED', { detail: `the task holds no file ${wanted.fileName}` });
        verified.push(proven(wire, wanted, await download(wire, file.fddFileUrl)));
      }
      return { vendorFlowId, documents: verified };
    },

    checkAuthority,
    fillTemplate,
  },

  receive: (inbound, wire) =>
    receiveFasc(inbound, wire, async (taskId) => (await readTask(wire, taskId))?.transReferenceId ?? undefined),
};

async function upload(wire: Wire, fileName: string, body: Buffer): Promise<string> {
  const place = answered(
    fasc.FascUploadPlace,
    await call(wire, '/file/get-upload-url', fasc.FascUploadAsked.check({ fileType: 'doc' })),
  );
  const url = ownLink(wire, place.uploadUrl);
  const headers = { 'Content-Type': 'application/octet-stream' };
  const put = await wire.send({ method: 'PUT', path: url.pathname, url: url.href, headers, body });
  // The storage says 200 and nothing else. Its ETag of an object that came in one piece is the MD5 of the bytes.
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  if (put.status !== 200 || put.body.length > 0 || put.headers['etag'] !== etag)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `upload of ${fileName}: HTTP ${put.status}, not as a storage says`,
    });
  const { fddFileUrl } = place;
  const asked = { fddFileUrlList: [{ fileType: 'doc', fddFileUrl, fileName, fileFormat: 'pdf' }] };
  const processed = await call(wire, '/file/process', fasc.FascProcessAsked.check(asked));
  const [file] = answered(fasc.FascProcessed, processed).fileIdList;
  if (file?.fddFileUrl !== fddFileUrl)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'another file was processed than was asked for' });
  return file.fileId;
}

/** The vendor cannot be asked by our number, but its list shows it. */
async function findTask(wire: Wire, envelopeNo: string): Promise<string | undefined> {
  const nowMs = wire.now().getTime();
  const listFilter = { startTimeFrom: String(nowMs - searchWindowMs), startTimeTo: String(nowMs + dayMs) };
  const ownerId = { idType: 'corp', openId: setting(wire, 'openCorpId') };
  const found = new Set<string>();
  for (let listPageNo = 1; ; listPageNo += 1) {
    const asked = { ownerId, ownerRole: 'initiator', listFilter, listPageNo, listPageSize: pageSize };
    const { totalCount, signTasks } = answered(
      fasc.FascList,
      await call(wire, '/sign-task/owner/get-list', fasc.FascListAsked.check(asked)),
    );
    for (const task of signTasks ?? []) if (task.transReferenceId === envelopeNo) found.add(task.signTaskId);
    if (!signTasks || signTasks.length === 0 || listPageNo * pageSize >= totalCount) break;
    if (listPageNo === pagesMax && found.size === 0)
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: `not among the first ${pagesMax * pageSize} tasks, and there are more`,
      });
    if (listPageNo === pagesMax) break;
  }
  if (found.size > 1)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `${found.size} tasks carry ${envelopeNo}: people must call off all but one`,
    });
  return [...found][0];
}

async function searchTask(wire: Wire, envelopeNo: string): Promise<Detail | undefined> {
  const taskId = await findTask(wire, envelopeNo);
  return taskId === undefined ? undefined : readTask(wire, taskId);
}

async function readTask(wire: Wire, signTaskId: string): Promise<Detail | undefined> {
  let data: unknown;
  try {
    data = await call(wire, '/sign-task/get-detail', fasc.FascDetailAsked.check({ signTaskId }));
  } catch (thrown) {
    if (isFailure(thrown) && isTaskMissing(thrown.externalCode)) return undefined;
    throw thrown;
  }
  const detail = answered(fasc.FascDetail, data);
  if (detail.signTaskId !== signTaskId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `asked about task ${signTaskId}, and another one was shown` });
  return detail;
}
