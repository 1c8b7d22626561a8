/**
 * How an entity and a message of the domain are written down: name, version, Chinese title, English description with its
 * source, fields. All look alike, so that one program can list, show, publish and compare them.
 */
import { Type, type TObject, type TProperties, type TSchema } from 'typebox';
import { contract, strict, type Contract } from '../contract.ts';
import { exampleOf } from './example.ts';
import { bizText, describe, integer, label, one, opt, ulid } from './fields.ts';
import { BusinessDate, Instant } from './primitives.ts';

/** Where a contract is spoken: between the hub and its books, as a message, or with one kind of external system. */
export type DefinitionKind = 'entity' | 'message' | 'operation' | 'notice';

export interface Definition<S extends TSchema = TSchema> {
  readonly kind: DefinitionKind;
  readonly name: string;
  /** Begins at 1; grows with every change that could break a reader or a writer (see `compatibility.ts`). */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  /** Partners speak it: it is published, and a breaking change needs a new version. */
  readonly published: boolean;
  readonly contract: Contract<S>;
  readonly example: unknown;
  /** Messages only: the field of the payload by which messages are kept in order. */
  readonly key?: string;
}

export interface About {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  /** Law article, standard, or the decision that forces this contract. */
  readonly source: string;
  readonly version?: number;
  /** Values of the example that must agree with each other; everything else is made from the fields. */
  readonly example?: Readonly<Record<string, unknown>>;
}

/** One thing of the domain as it crosses a boundary. */
export function entity<P extends TProperties>(about: About, fields: P): Definition<TObject<P>> {
  const description = describe(about.en, about.source);
  const schema = strict(fields, { title: about.zh, description });
  return {
    kind: 'entity',
    name: about.name,
    version: about.version ?? 1,
    title: about.zh,
    description,
    published: true,
    contract: contract(about.name, schema),
    example: { ...(exampleOf(schema) as object), ...about.example },
  };
}

const actorKind = one(['PARTY', 'OPERATOR', 'SYSTEM', 'CONNECTOR'], '执行者类别', 'Who acted');

/** One change of state. History is append-only and state is its fold (I-27). */
const Transition = strict({
  from: label(Type.String({ maxLength: 40 }), '原状态', 'State before; empty for the first'),
  to: bizText('新状态', 'State after'),
  event: bizText('事件', 'What made it change'),
  actorKind,
  actor: bizText('执行者', 'Number of the person, system or rule in the hub; never a name'),
  approvalId: opt(ulid('复核单', 'The four-eyes approval it was done under')),
  at: label(Instant, '时间', 'When it took effect'),
  reason: opt(label(Type.String({ minLength: 1, maxLength: 500 }), '原因', 'Why, for people')),
  evidenceId: opt(ulid('存证编号', 'The evidence record of it')),
});

/** What every stateful entity carries; `states` are the life cycle of domain.md, and of the books. */
export function stateful<const S extends readonly string[]>(states: S, first: S[number] | undefined = states[0]) {
  return {
    id: ulid('标识', 'Identity in the hub, a ULID; never reused'),
    version: integer('版本', 'Grows by one with every change; the optimistic lock', 1),
    state: one(states, '状态', 'State of its life cycle; only transitions write it', undefined, first),
    stateSince: label(Instant, '状态起始时间', 'Since when it is in that state'),
    extRefs: opt(
      label(
        Type.Array(
          strict({
            system: bizText('外部系统', 'Which system'),
            type: bizText('类型', 'What the number counts'),
            value: bizText('编号', 'The number there'),
          }),
          { maxItems: 50 },
        ),
        '外部编号',
        'Under which numbers other systems know it',
      ),
    ),
    history: opt(
      label(Type.Array(Transition, { maxItems: 1000 }), '状态历史', 'Every change of state, oldest first', 'I-27'),
    ),
  };
}

const roads = ['CALLBACK', 'POLL', 'FILE', 'MANUAL', 'INTERNAL'] as const;

export interface MessageAbout extends About {
  /** The field of the payload that all messages about one thing share: they are delivered in its order. */
  readonly key: string;
}

/** One command (`cmd.*`) or event (`evt.*`): the same envelope for all, the payload by name. */
export function message<P extends TProperties>(about: MessageAbout, payload: P) {
  const command = about.name.startsWith('cmd.');
  const description = describe(about.en, about.source);
  const schema = strict(
    {
      eventId: ulid(
        '消息编号',
        command
          ? 'Number of the request, made by the sender: the same number with the same payload is answered the same'
          : 'Number of the fact, made by the producer: producer and eventId together are one fact (I-26)',
      ),
      type: label(Type.Literal(about.name), '消息名称', 'Name in the catalogue'),
      version: label(Type.Literal(about.version ?? 1), '版本', 'Version of this contract'),
      producer: bizText('生产方', 'The system that made it'),
      occurredAt: label(Instant, '发生时间', 'When it happened where it happened'),
      recordedAt: opt(label(Instant, '收到时间', 'When the hub had it on disk')),
      orderingKey: bizText('排序键', `Messages with the same key keep their order; equals payload.${about.key}`),
      channel: one(roads, '来路', 'By which road the fact came; every road leads to the same one fact', 'I-26, I-36'),
      caseNo: opt(bizText('业务编号', 'The case it belongs to')),
      causationId: opt(ulid('起因消息', 'eventId of the message that this one answers')),
      businessDate: opt(label(BusinessDate, '业务日期', 'Business day in Asia/Shanghai on which it counts')),
      payload: strict(payload, { title: `${about.zh}内容`, description }),
    },
    { title: about.zh, description },
  );
  const made = exampleOf(schema) as { payload: Record<string, unknown> };
  const body: Record<string, unknown> = { ...made.payload, ...about.example };
  return {
    kind: 'message',
    name: about.name,
    version: about.version ?? 1,
    title: about.zh,
    description,
    published: true,
    contract: contract(about.name, schema),
    example: { ...made, orderingKey: body[about.key], payload: body },
    key: about.key,
  } satisfies Definition<typeof schema>;
}

/** Several messages about one thing with one payload, each perhaps with more of its own. */
export function family(
  prefix: string,
  about: Omit<MessageAbout, 'name' | 'zh' | 'en'>,
  payload: TProperties,
  members: Readonly<Record<string, { readonly zh: string; readonly en: string; readonly more?: TProperties }>>,
): Definition[] {
  return Object.entries(members).map(([name, { zh, en, more }]) =>
    message({ ...about, name: `${prefix}.${name}`, zh, en }, { ...payload, ...more }),
  );
}
