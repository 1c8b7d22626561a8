/** RFC 9457 problem documents: what a caller is told when something was not taken, with enough to fix it. */
import { randomUUID } from 'node:crypto';
import { failures, type Failure } from './failures.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly errors?: readonly { pointer: string; code: string; detail: string }[];
}

export function problemOf(
  failure: Failure,
  options: { requestId?: string; language?: 'zh' | 'en' } = {},
): { status: number; body: Problem } {
  const row = failures[failure.type];
  const language = options.language ?? 'zh';
  // The detail of a bug may hold anything; the caller gets the request id instead.
  const detail = failure.type === 'INTERNAL' ? row[language] : failure.message;
  return {
    status: row.status,
    body: {
      type: `https://lianshu.dev/errors/${failure.type.toLowerCase().replaceAll('_', '-')}`,
      title: row[language],
      status: row.status,
      code: failure.type,
      detail,
      request_id: options.requestId ?? `req_${randomUUID()}`,
      retryable: row.consequence === 'later',
      ...(failure.errors.length > 0 ? { errors: failure.errors } : {}),
    },
  };
}
