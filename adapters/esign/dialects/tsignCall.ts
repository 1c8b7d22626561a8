/** One request to e签宝 v3 and its answer; and waiting for a file, which several operations do. */
import type { TSchema } from 'typebox';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { TsignAnswer, TsignFileState } from '../../../contracts/esign/tsign.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { failureOf } from '../../../mappings/esign/tsign.ts';
import type { Wire } from '../../wire.ts';
import { answered, jsonOf, setting } from '../steps.ts';
import { tsignHeaders } from './tsignSignature.ts';

const fileReadyTriesMax = 10;
const fileReadyPauseMs = 300;
/** Uploaded, or uploaded and converted. */
const fileReady: readonly number[] = [2, 5];
const fileFailed: readonly number[] = [3, 6];

/**
 * Sends, and returns `data` of an answer that says code 0.
 *
 * @param shown the path as it is kept, where somebody's number stands in it
 * @throws Failure
 */
export async function call(
  wire: Wire,
  method: 'GET' | 'POST',
  path: string,
  message?: unknown,
  shown?: string,
): Promise<unknown> {
  const body = message === undefined ? undefined : Buffer.from(JSON.stringify(message));
  const headers = tsignHeaders(setting(wire, 'appId'), wire.keys.secret('appSecret'), { method, path, body });
  const answer = await wire.send({ method, path, headers, ...(body ? { body } : {}), ...(shown ? { shown } : {}) });
  const { code, message: text, data } = answered(TsignAnswer, jsonOf(answer));
  if (code !== 0) throw failureOf(code, text);
  if (answer.status !== 200) throw new Failure('ANSWER_UNVERIFIED', { detail: `code 0 with HTTP ${answer.status}` });
  return data;
}

/** What the vendor says of a file when it is ready. @throws Failure */
export async function untilReady<S extends TSchema>(
  wire: Wire,
  fileId: string,
  state: Contract<S>,
): Promise<Message<Contract<S>>> {
  for (let attempt = 1; attempt <= fileReadyTriesMax; attempt += 1) {
    const data = await call(wire, 'GET', `/v3/files/${encodeURIComponent(fileId)}`);
    const { fileStatus } = answered(TsignFileState, data);
    if (fileReady.includes(fileStatus)) return answered(state, data);
    if (fileFailed.includes(fileStatus)) {
      throw new Failure('SYSTEM_REFUSED', {
        detail: 'the file was not accepted',
        externalCode: `fileStatus ${fileStatus}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, fileReadyPauseMs));
  }
  throw new Failure('SYSTEM_BUSY', { detail: `a file was not ready after ${fileReadyTriesMax} looks` });
}
