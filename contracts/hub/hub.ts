/**
 * What the hub tells itself (`run.tell`): facts by which one flow starts another or wakes it. They are kept like facts from outside, and
 * nobody outside is told of them. Each area of business lists its own beside its contracts.
 */
import { kind } from '../kind.ts';
import { dueNotices } from './due.ts';

export const hub = kind('hub', {}, { ...dueNotices });
