/**
 * I-30 as the catalogue shows it: every table of business data stands under forced row-level security and its policies, and
 * the roles of the edge have no right beyond columns of tables with a policy for parties. `ledger/isolation/*.test.ts` shows
 * that the policies say what they should.
 */
import { closedTables, fieldSets, openTables, shared } from './fieldSets.ts';

const list = (tables: object): string => `'{${Object.keys(tables).join(',')}}'::text[]`;
const hasPolicy = (name: string, more = ''): string =>
  `exists (select from pg_policy p where p.polrelid = t.oid and p.polname = ${name} and p.polpermissive ${more})`;

/** Names of the policies through which parties read; without one of them the parties of a case miss their own. */
export const isolationPolicies: readonly string[] = [
  ...Object.keys(fieldSets).map((table) => `${table}_party`),
  ...[...Object.keys(fieldSets), ...Object.keys(closedTables)].map((table) => `${table}_hub`),
];

/** Offenders of I-30: tables and rights. */
export const isolationOffenders = `
  with t as (select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity held from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition),
    business as (select * from t where t.relname <> all (${list(openTables)})),
    edge as (select oid, rolname from pg_roles where rolname like 'lianshu\\_edge%')
  select t.relname || ' is not under forced row-level security' from business t where not t.held
  union all select t.relname || ' lacks the policy by which the hub works' from business t
    where not ${hasPolicy("t.relname || '_hub'", `and p.polcmd = '*' and pg_get_expr(p.polqual, p.polrelid) ~ '^\\( SELECT \\(CURRENT_USER !~ ''\\^lianshu_edge''::text\\)( AS \\S+)?\\)$'`)}
  union all select t.relname || ' lacks the policy by which parties read' from business t where t.relname = any (${list(fieldSets)})
    and not ${hasPolicy("t.relname || '_party'", `and p.polcmd = 'r' and pg_get_expr(p.polqual, p.polrelid) ~ '(edge_party|sees_|keeps_)'`)}
  union all select p.polrelid::regclass || ' has one more policy: ' || p.polname from pg_policy p join t on t.oid = p.polrelid
    where p.polname <> t.relname || '_hub' and not (p.polname = t.relname || '_party' and t.relname = any (${list(fieldSets)}))
  union all select edge.rolname || ' may ' || lower(x.privilege_type) || ' ' || c.relname
    from pg_class c, aclexplode(c.relacl) x join edge on edge.oid = x.grantee where c.relnamespace = 'public'::regnamespace
  union all select edge.rolname || ' may ' || lower(x.privilege_type) || ' ' || a.attname || ' of ' || c.relname
    from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) x join edge on edge.oid = x.grantee
    where c.relnamespace = 'public'::regnamespace and (x.privilege_type <> 'SELECT' or c.relname <> all (${list({ ...fieldSets, ...shared })}))
  union all select p.oid::regprocedure || ' runs with the rights of its owner and a search path of its caller' from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosecdef and not coalesce(p.proconfig::text like '%search_path=public, pg_temp%', false)`;
