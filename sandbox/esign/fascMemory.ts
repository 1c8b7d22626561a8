/** What 法大大 remembers, and the form in which it shows a task. */
import type { Authorities } from './authority.ts';

interface StoredFile {
  readonly size: number;
  readonly base64: string;
}

export interface Actor {
  readonly actorId: string;
  readonly orderNo: number;
  readonly corpName: string;
  readonly certNo: string;
  readonly notifyAddress: string;
  status: 'waiting' | 'turn' | 'signed' | 'rejected';
}

export interface Task {
  readonly id: string;
  readonly subject: string;
  readonly transReferenceId: string;
  readonly callbackUrl: string;
  readonly autoFinish: boolean;
  readonly createdMs: number;
  readonly expiresMs: number;
  status: string;
  cancelled: boolean;
  note: string;
  finishedMs: number | null;
  readonly docs: { readonly docId: string; readonly docName: string; base64: string }[];
  readonly actors: Actor[];
}

export interface FascMemory {
  token: { readonly text: string; untilMs: number } | null;
  /** By nonce, when it was seen, in real time. */
  readonly nonces: Record<string, number>;
  /** How many places for uploads it gave out: nobody says what for. */
  placed: number;
  /** Places for uploads, by id; null until the bytes are there. */
  readonly places: Record<string, StoredFile | null>;
  /** By fileId, after processing. */
  readonly files: Record<string, { readonly base64: string }>;
  readonly tasks: Record<string, Task>;
  /** Who may use which seal, where people changed it. */
  authorities?: Authorities;
  /** How events misbehave from now on. */
  manner: { duplicate: boolean; outOfOrder: boolean };
}

export function detailOf(task: Task, openCorpId: string): object {
  return {
    signTaskId: task.id,
    signTaskSubject: task.subject,
    signTaskStatus: task.status,
    signDocType: 'contract',
    cancelStatus: task.cancelled,
    faultStatus: false,
    terminationNote: task.note,
    createTime: String(task.createdMs),
    startTime: String(task.createdMs),
    finishTime: task.finishedMs === null ? null : String(task.finishedMs),
    deadlineTime: String(task.expiresMs),
    signTaskSource: 'api',
    autoFinish: task.autoFinish,
    signInOrder: true,
    transReferenceId: task.transReferenceId,
    initiator: { idType: 'corp', ownerId: openCorpId },
  };
}

export function listItemOf(task: Task): object {
  return {
    signTaskId: task.id,
    signTaskSubject: task.subject,
    signTaskStatus: task.status,
    createTime: String(task.createdMs),
    finishTime: task.finishedMs === null ? null : String(task.finishedMs),
    transReferenceId: task.transReferenceId,
    actorResults: task.actors.map(({ actorId, corpName, status }) => ({ actorId, actorName: corpName, status })),
  };
}
