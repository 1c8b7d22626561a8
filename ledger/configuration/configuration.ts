/** Configuration (配置) in versions: drafted by one person, published by two, never changed after; one version is in force. */
import { isDeepStrictEqual } from 'node:util';
import type { Static } from 'typebox';
import { configurationKinds, type ConfigurationKind } from '../../contracts/configuration/configuration.ts';
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { decide, propose } from '../oversight/approvals.ts';

export type BodyOf<K extends ConfigurationKind> = Static<(typeof configurationKinds)[K]['schema']>;

/** `PRODUCT/spot-pledge@3` */
export type ConfigurationId = string;

/** The next version, as a draft. @throws Failure CONTRACT_VIOLATED naming the field of the body */
export async function draftConfiguration<K extends ConfigurationKind>(
  tx: Tx,
  kind: K,
  code: string,
  body: BodyOf<K>,
  actor: Actor,
): Promise<ConfigurationId> {
  configurationKinds[kind].check(body);
  const last = await tx.query<{ version: number }>(
    'select version from configuration where kind = $1 and code = $2 order by version desc limit 1 for update',
    [kind, code],
  );
  const version = (last.rows[0]?.version ?? 0) + 1;
  const id = `${kind}/${code}@${version}`;
  await tx.query(
    `insert into configuration (id, kind, code, version, body, state) values ($1, $2, $3, $4, $5, 'DRAFT')`,
    [id, kind, code, version, JSON.stringify(body)],
  );
  await begin(tx, 'configuration', id, 'draft', actor);
  return id;
}

/** A draft may still be written. @throws Failure APPROVAL_STALE when it is none any more */
export async function writeDraft<K extends ConfigurationKind>(
  tx: Tx,
  kind: K,
  id: ConfigurationId,
  body: BodyOf<K>,
): Promise<void> {
  configurationKinds[kind].check(body);
  await tx.query('update configuration set body = $2 where id = $1 and kind = $3', [id, JSON.stringify(body), kind]);
}

/** The maker hands it over. Returns the approval for which a checker is due. */
export async function submitConfiguration(tx: Tx, id: ConfigurationId, maker: string, actor: Actor): Promise<string> {
  await move(tx, 'configuration', id, 'submit', actor);
  return propose(tx, { entity: 'configuration', id, event: 'publish' }, maker, actor);
}

/**
 * The checker agrees: it is in force from now on, and the version before it retires.
 * @throws Failure SAME_PERSON_APPROVAL, APPROVAL_STALE
 */
export async function publishConfiguration(
  tx: Tx,
  id: ConfigurationId,
  approval: string,
  checker: string,
  actor: Actor,
): Promise<void> {
  await decide(tx, approval, 'approve', checker, actor);
  const before = await tx.query<{ id: string }>(
    `select o.id from configuration o join configuration n on n.kind = o.kind and n.code = o.code
     where n.id = $1 and o.state = 'PUBLISHED' for update of o`,
    [id],
  );
  for (const old of before.rows)
    await move(tx, 'configuration', old.id, 'retire', actor, {}, { reason: `${id} follows` });
  await move(tx, 'configuration', id, 'publish', actor, {}, { approval });
}

/** @throws Failure NOT_FOUND when no version is in force */
export async function inForce<K extends ConfigurationKind>(
  tx: Tx,
  kind: K,
  code: string,
): Promise<{ id: ConfigurationId; body: BodyOf<K> }> {
  const found = await tx.query<{ id: string; body: BodyOf<K> }>(
    `select id, body from configuration where kind = $1 and code = $2 and state = 'PUBLISHED'`,
    [kind, code],
  );
  if (!found.rows[0]) throw new Failure('NOT_FOUND', { detail: `no ${kind} ${code} is in force` });
  return found.rows[0];
}

/** The body of a version that a case pinned, in force or not. @throws Failure NOT_FOUND */
export async function configurationOf<K extends ConfigurationKind>(
  tx: Tx,
  kind: K,
  id: ConfigurationId,
): Promise<BodyOf<K>> {
  const found = await tx.query<{ body: BodyOf<K> }>('select body from configuration where id = $1 and kind = $2', [
    id,
    kind,
  ]);
  if (!found.rows[0]) throw new Failure('NOT_FOUND', { detail: `there is no ${id}` });
  return found.rows[0].body;
}

/** Puts a version in force when the one in force says something else. For a hub that is set up by a file of two people. */
export async function installConfiguration<K extends ConfigurationKind>(
  tx: Tx,
  kind: K,
  code: string,
  body: BodyOf<K>,
  people: { readonly maker: string; readonly checker: string },
  actor: Actor,
): Promise<ConfigurationId> {
  await tx.query('lock table configuration in share row exclusive mode'); // Two hubs that start at once take turns.
  const known = await tx.query<{ id: string; body: unknown }>(
    `select id, body from configuration where kind = $1 and code = $2 and state = 'PUBLISHED'`,
    [kind, code],
  );
  const [current] = known.rows;
  if (current && isDeepStrictEqual(current.body, body)) return current.id;
  const id = await draftConfiguration(tx, kind, code, body, actor);
  const approval = await submitConfiguration(tx, id, people.maker, actor);
  await publishConfiguration(tx, id, approval, people.checker, actor);
  return id;
}
