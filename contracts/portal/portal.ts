/**
 * What parties tell the hub themselves, over its own JSON API. Each command is a notice like any other: signed, kept raw,
 * committed before it is answered.
 */
import { kind, type Notice } from '../kind.ts';
import type { CommandAddress } from './command.ts';
import { financingCommands } from './financing.ts';
import { operationCommands } from './operations.ts';

const commands = { ...financingCommands, ...operationCommands };

export const portal = kind('portal', {}, commands);

/** Every command with its notice: what the gateway serves. */
export const portalCommands: readonly (CommandAddress & { readonly notice: Notice })[] = Object.entries(commands).map(
  ([name, { path, by, volatile }]) => ({
    path: `/v1/${path}`,
    by,
    ...(volatile ? { volatile } : {}),
    notice: portal.notices[name as keyof typeof commands] as unknown as Notice,
  }),
);
