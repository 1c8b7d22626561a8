/** One question to CPCN's direct interface (`InterfaceII`) and its answer, whatever the transaction code. */
import type { TSchema } from 'typebox';
import type { Contract } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { verdictOf } from '../../../mappings/clearing/cpcn.codes.ts';
import type { Wire } from '../../wire.ts';
import { formOf, openAnswer, xmlOf, type CpcnMessage } from './cpcnEnvelope.ts';

const gatewayPath = '/Gateway/InterfaceII';

interface Question {
  readonly head: Readonly<Record<string, string>>;
  readonly body: CpcnMessage['body'];
  readonly groups?: NonNullable<CpcnMessage['groups']>;
  /** What the answer must repeat. A signature says who speaks, not about what: another request's answer is signed as well. */
  readonly mine: Readonly<Record<string, string>>;
}

interface Answer {
  readonly verdict: ReturnType<typeof verdictOf>;
  readonly message: CpcnMessage;
}

export async function ask(wire: Wire, { mine, ...question }: Question): Promise<Answer> {
  const xml = xmlOf({ root: 'Request', ...question });
  const answer = await wire.send({
    method: 'POST',
    path: gatewayPath,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: formOf(xml, wire.keys.privateKey('institution-private')),
  });
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const message = openAnswer(answer.body, (holds) => wire.keys.publicKey('cpcn-public', holds));
  const { Code: code = '', Message: words = '' } = message.head;
  if (Object.entries(mine).some(([name, value]) => message.body[name] !== value)) {
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: 'the answer does not name the request that it answers',
      externalCode: code,
    });
  }
  return { verdict: verdictOf({ code, message: words }), message };
}

/** The setting `noticeUrl` goes with what is told about later; without it the gateway uses the address of the contract [X]. */
const toldAbout: ReadonlySet<string> = new Set(['4601', '5011', '5021']);

type Value = string | Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[];

/**
 * The codes of the 4600 and 5000 series carry the institution in the body; the answer repeats it and the fields that are named,
 * the number of what is asked before all. Values that have fields of their own go behind the plain ones.
 */
export function question<M extends object>(
  wire: Wire,
  txCode: string,
  message: M & Readonly<Record<keyof M, Value>>,
  repeated: readonly (keyof M & string)[],
): Question {
  const fields = Object.entries(message as Readonly<Record<string, Value>>);
  const plain = (value: Value): value is string => typeof value === 'string';
  const InstitutionID = institutionOf(wire);
  const { noticeUrl } = wire.system.settings;
  const values = Object.fromEntries(fields.flatMap(([name, value]) => (plain(value) ? [[name, value]] : [])));
  return {
    head: { TxCode: txCode },
    body: {
      InstitutionID,
      ...values,
      ...(noticeUrl !== undefined && toldAbout.has(txCode) ? { NoticeURL: noticeUrl } : {}),
    },
    groups: Object.fromEntries(
      fields.flatMap(([name, value]) => (plain(value) ? [] : [[name, Array.isArray(value) ? value : [value]]])),
    ),
    mine: {
      InstitutionID,
      ...Object.fromEntries(Object.entries(values).filter(([name]) => repeated.includes(name as keyof M & string))),
    },
  };
}

/** What is held about it; undefined: the gateway never heard of it. */
export async function held<S extends TSchema>(
  wire: Wire,
  asked: Question,
  shape: Contract<S>,
): Promise<ReturnType<Contract<S>['check']> | undefined> {
  const { verdict, message } = await ask(wire, asked);
  if (verdict === 'duplicate') throw unexpected(verdict);
  return verdict === 'taken' ? bodyOf(shape, message) : undefined;
}

/** "Duplicate" means that an earlier attempt was taken. What became of it, the gateway must say. */
export async function heldBefore<T>(asking: Promise<T | undefined>): Promise<T> {
  const found = await asking.catch((cause: unknown) => {
    // Whatever went wrong with asking ("not connected" too) is no longer a statement about the request: it was taken.
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'a duplicate, and the query for it failed', cause });
  });
  if (found === undefined)
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the gateway calls it a duplicate of what it does not know' });
  return found;
}

/** The answer of an enquiry to an earlier attempt. */
export function confirmedIn<R>(enquiry: { outcome: string; response?: R; detail?: string }): R {
  if (enquiry.outcome === 'confirmed' && enquiry.response !== undefined) return enquiry.response;
  throw new Failure('SYSTEM_REFUSED', { detail: enquiry.detail ?? enquiry.outcome });
}

export function otherUnderThisNumber(): Failure {
  return new Failure('IDEMPOTENCY_CONFLICT', { detail: 'the gateway holds something else under this number' });
}

/** Only the fields that we know: the gateway may add others at any time. */
export function bodyOf<S extends TSchema>(shape: Contract<S>, { body, groups = {} }: CpcnMessage) {
  return shape.check(known(shape.schema, { ...groups, ...body }));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

function known(schema: unknown, value: unknown): unknown {
  const { properties, items } = schema as Schema;
  if (Array.isArray(value)) return items ? value.map((each) => known(items, each)) : value;
  if (!properties || typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, inner]) =>
      Object.hasOwn(fields, name) ? [[name, known(inner, fields[name])]] : [],
    ),
  );
}

export function unexpected(verdict: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `"${verdict}" is no answer to this request` });
}

export function institutionOf(wire: Wire): string {
  const institutionId = wire.system.settings['institutionId'];
  if (institutionId === undefined) throw new Error(`${wire.system.id} has no setting institutionId`);
  return institutionId;
}
