/**
 * RFC over SAP's own protocol. node-rfc is optional (its upstream is archived and it needs SAP's SDK on the machine), so it
 * is imported when a system asks for it, and its few shapes are declared here.
 */
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import type { System } from '../adapter.ts';
import type { Keys } from '../crypto/keys.ts';
import { isTree } from './pick.ts';
import type { RfcCall, RfcTransport } from './rfc.ts';

interface RfcClient {
  open(): Promise<unknown>;
  close(): Promise<unknown>;
  call(functionModule: string, parameters: object, options: { timeout: number }): Promise<unknown>;
}

/** What of the package is used. */
export interface NodeRfc {
  readonly Client: new (connection: Readonly<Record<string, string>>, options: { bcd: 'string' }) => RfcClient;
}

/** One connection for one call or session: they are rare, and a connection that failed has lost its state. */
export function nodeRfc(system: System, keys: Keys, load: () => Promise<NodeRfc> = loadNodeRfc): RfcTransport {
  const seconds = Math.max(1, Math.ceil(system.timeoutMs / 1000));
  const session: RfcTransport['session'] = async (act) => {
    const { Client } = await load();
    const client = new Client(connectionTo(system, keys), { bcd: 'string' });
    await within('open', () => client.open());
    // After an error node-rfc opens the connection anew by itself, and says nothing: `alive` stays true.
    let lost = false;
    const call: RfcCall = async (functionModule, imports, tables) => {
      if (lost) throw new Failure('SYSTEM_UNREACHABLE', { detail: 'RFC: the unit of work is gone; nothing was sent' });
      lost = true;
      const parameters = { ...imports, ...Object.fromEntries(tables.map((table) => [table, []])) };
      const answer = await within('call', () => client.call(functionModule, parameters, { timeout: seconds }));
      lost = false;
      return answer;
    };
    try {
      return await act({ call, end: call });
    } finally {
      await client.close().catch(() => undefined); // The answer is what counts. What was not committed is rolled back.
    }
  };
  return {
    date: (date) => date.replaceAll('-', ''),
    call: (functionModule, imports, tables) => session(({ call }) => call(functionModule, imports, tables)),
    session,
  };
}

/** Numbers are the positions in SAP's enum RFC_RC. While a connection is opened, nothing was sent. */
const codes: Readonly<Record<number, { readonly open: FailureCode; readonly call: FailureCode }>> = {
  1: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_COMMUNICATION_FAILURE
  2: { open: 'SYSTEM_REFUSED', call: 'SYSTEM_REFUSED' }, // RFC_LOGON_FAILURE
  3: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_ABAP_RUNTIME_FAILURE: a dump
  4: { open: 'SYSTEM_REFUSED', call: 'SYSTEM_REFUSED' }, // RFC_ABAP_MESSAGE
  5: { open: 'SYSTEM_REFUSED', call: 'SYSTEM_REFUSED' }, // RFC_ABAP_EXCEPTION
  6: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_CLOSED
  7: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_CANCELED: what its own timeout yields
  8: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_TIMEOUT
  13: { open: 'SYSTEM_UNREACHABLE', call: 'SYSTEM_UNREACHABLE' }, // RFC_INVALID_HANDLE
  17: { open: 'SYSTEM_REFUSED', call: 'SYSTEM_REFUSED' }, // RFC_NOT_FOUND: no such function
  20: { open: 'SYSTEM_REFUSED', call: 'SYSTEM_REFUSED' }, // RFC_INVALID_PARAMETER
  22: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_CONVERSION_FAILURE: of what came back, too
  23: { open: 'SYSTEM_UNREACHABLE', call: 'OUTCOME_UNKNOWN' }, // RFC_BUFFER_TOO_SMALL
  29: { open: 'SYSTEM_REFUSED', call: 'SYSTEM_REFUSED' }, // RFC_AUTHORIZATION_FAILURE
};

/** What may be concluded from what node-rfc throws: plain objects, told apart by `name` and `code` only. */
export function failureOfRfc(thrown: unknown, phase: 'open' | 'call'): Failure {
  const error =
    isTree(thrown) || thrown instanceof Error ? (thrown as { name?: unknown; code?: unknown; key?: unknown }) : {};
  if (error.name === 'nodeRfcError') return failureOfCall(thrown);
  const known = error.name === 'RfcLibError' || error.name === 'ABAPError';
  const row =
    known && typeof error.code === 'number' && Object.hasOwn(codes, error.code) ? codes[error.code] : undefined;
  const key = typeof error.key === 'string' ? error.key.slice(0, 60).replace(/[^\w ./-]/g, '?') : 'no key';
  const externalCode = messageCodeOf(thrown) ?? key;
  if (row) return new Failure(row[phase], { detail: `RFC ${phase}: ${externalCode}`, externalCode });
  if (phase === 'open') return new Failure('SYSTEM_UNREACHABLE', { detail: `RFC open: ${externalCode}`, externalCode });
  return new Failure(known ? 'EXT_CODE_UNMAPPED' : 'OUTCOME_UNKNOWN', {
    detail: `RFC call: ${externalCode} has no mapping`,
    externalCode,
  });
}

/** node-rfc's own errors: the call was not made. `rfmPath` tells which parameter it did not like. */
function failureOfCall(thrown: unknown): Failure {
  const path = isTree(thrown) && isTree(thrown['rfmPath']) ? thrown['rfmPath'] : undefined;
  if (!path) return new Failure('SYSTEM_UNREACHABLE', { detail: 'RFC: the connection is closed' });
  const at = ['rfm', 'parameter', 'table', 'structure', 'field']
    .map((step) => path[step])
    .filter((step) => typeof step === 'string');
  return new Failure('CONTRACT_VIOLATED', { detail: `RFC: ${at.join('/')} has the wrong type` });
}

/** Message class and number (`V1311`), when an ABAP message is behind it. */
function messageCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { abapMsgClass, abapMsgNumber } = thrown as { abapMsgClass?: unknown; abapMsgNumber?: unknown };
  return typeof abapMsgClass === 'string' && abapMsgClass !== ''
    ? `${abapMsgClass}${typeof abapMsgNumber === 'string' ? abapMsgNumber : ''}`
    : undefined;
}

async function within<T>(phase: 'open' | 'call', act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw failureOfRfc(thrown, phase);
  }
}

function connectionTo({ settings }: System, keys: Keys): Record<string, string> {
  const names = {
    ashost: 'rfcHost',
    sysnr: 'rfcSystemNumber',
    client: 'client',
    user: 'rfcUser',
    lang: 'language',
  } as const;
  const given = Object.entries(names).flatMap(([name, setting]) => {
    const value = settings[setting];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(given), passwd: keys.secret('rfc-password') };
}

async function loadNodeRfc(): Promise<NodeRfc> {
  const name: string = 'node-rfc'; // A name that the compiler does not look up: the package may not be there.
  try {
    const loaded = (await import(name)) as { default?: NodeRfc } & Partial<NodeRfc>;
    const found = loaded.Client ? { Client: loaded.Client } : loaded.default;
    if (found) return found;
  } catch {
    // The text of a loading error is a page of environment.
  }
  throw new Failure('SYSTEM_UNREACHABLE', {
    detail: 'transport=rfc needs node-rfc and the SAP NW RFC SDK, which this node does not have',
  });
}
