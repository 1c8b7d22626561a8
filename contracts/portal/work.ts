/**
 * Work lists (待办): what people do with a task. The same for operators of the installation (`/v1/tasks`) and for the people of a party
 * (`/v1/work`, signed by its caller): each names the person who acts, and the role in which.
 */
import { Type } from 'typebox';
import { ShortText, Text } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

const who = { by: ShortText, role: Type.Optional(ShortText) };

/** Taking up (领用). */
export const TaskClaim = contract('hub/task-claim', strict(who));

/** Giving back to the pool (退回). */
export const TaskRelease = contract('hub/task-release', strict({ ...who, reason: Type.Optional(Text) }));

/** Handing on to somebody (转办). */
export const TaskDelegation = contract(
  'hub/task-delegation',
  strict({ ...who, to: ShortText, toRole: Type.Optional(ShortText), reason: Text }),
);

export const TaskDecision = contract(
  'hub/task-decision',
  strict({
    ...who,
    decision: Type.Union([Type.Literal('approved'), Type.Literal('rejected')]),
    /** As the task says: what one has looked at is what one decides on. */
    payloadHash: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
    reason: Text,
  }),
);
