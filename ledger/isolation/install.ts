/** Grants the field sets: at every start of a hub, and nothing where they stand already. */
import type { Store } from '../../store/store.ts';
import { fieldSets, shared } from './fieldSets.ts';
import { edgeRole, relations, type FieldSet } from './relations.ts';

/** Any fixed number: two hubs that start together grant one after the other. */
const advisoryKey = 0x69736f6c;

/** `role table column`, one for each right. */
export function wantedRights(): ReadonlySet<string> {
  const rights = relations.flatMap((relation) =>
    [...Object.entries(fieldSets), ...Object.entries(shared).map(everybody)].flatMap(([table, fields]) =>
      columnsOf(fields, relation).map((column) => `${edgeRole(relation)} ${table} ${column}`),
    ),
  );
  return new Set(rights);
}

const everybody = ([table, columns]: readonly [string, string]): [string, FieldSet] => [
  table,
  Object.fromEntries(relations.map((relation) => [relation, columns])),
];

function columnsOf(fields: FieldSet, relation: keyof FieldSet): readonly string[] {
  return fields[relation]?.split(' ') ?? [];
}

/** Every right that a role of the edge has on any table or view: to read a column, or anything else, which none should have. */
export const rightsQuery = `
  select g.rolname || ' ' || c.relname || ' ' || a.attname || case x.privilege_type when 'SELECT' then '' else ' ' || x.privilege_type end "right"
    from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) x join pg_roles g on g.oid = x.grantee
    where c.relnamespace = 'public'::regnamespace and g.rolname like 'lianshu\\_edge%'
  union all select g.rolname || ' ' || c.relname || ' * ' || x.privilege_type
    from pg_class c, aclexplode(c.relacl) x join pg_roles g on g.oid = x.grantee
    where c.relnamespace = 'public'::regnamespace and g.rolname like 'lianshu\\_edge%'`;

export async function installFieldSets(store: Store): Promise<void> {
  const wanted = wantedRights();
  await store.tx(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [advisoryKey]);
    const found = await tx.query<{ right: string }>(rightsQuery);
    const granted = new Set(found.rows.map((row) => row.right));
    const spoilt = new Set(
      [...wanted, ...granted].filter((right) => wanted.has(right) !== granted.has(right)).map(roleAndTable),
    );
    if (spoilt.size === 0) return;
    const statements = [...spoilt].flatMap((pair) => {
      const [role = '', table = ''] = pair.split(' ');
      const columns = [...wanted].filter((right) => roleAndTable(right) === pair).map((right) => right.split(' ')[2]);
      const revoke = `revoke all on ${table} from ${role}`;
      return columns.length === 0 ? [revoke] : [revoke, `grant select (${columns.join(', ')}) on ${table} to ${role}`];
    });
    await tx.query(statements.join('; '));
  });
}

const roleAndTable = (right: string): string => right.split(' ').slice(0, 2).join(' ');
