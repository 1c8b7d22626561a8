/**
 * Looks for plain text in every column of every table of a database, as somebody with a stolen backup would: in text, in
 * JSON, and in bytes as UTF-8, base64 or hex.
 */
import type pg from 'pg';

export interface Sighting {
  readonly marker: string;
  /** `schema.table.column`, of partitions their parent. */
  readonly where: string;
  readonly rows: number;
}

export async function sweep(client: Pick<pg.Client, 'query'>, markers: readonly string[]): Promise<Sighting[]> {
  const columns = await client.query<{ schema: string; name: string; column: string; bytes: boolean }>(
    `select n.nspname schema, c.relname name, a.attname "column", a.atttypid = 'bytea'::regtype bytes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
     order by 1, 2, a.attnum`,
  );
  const found: Sighting[] = [];
  for (const { schema, name, column, bytes } of columns.rows) {
    const quoted = `"${column}"`;
    for (const marker of markers) {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int n from "${schema}"."${name}" where ${bytes ? inBytes(quoted) : `strpos(${quoted}::text, $1) > 0`}`,
        [marker],
      );
      const count = rows[0]?.n ?? 0;
      if (count > 0) found.push({ marker, where: `${schema}.${name}.${column}`, rows: count });
    }
  }
  return found;
}

/** Base64 of what stands at any of the three places in a group of three bytes, without the ends that its neighbours change. */
function inBytes(column: string): string {
  const plain = `convert_to($1::text, 'UTF8')`;
  const forms = [
    plain,
    `convert_to(encode(${plain}, 'hex'), 'UTF8')`,
    ...[0, 1, 2].map(
      (shift) =>
        `convert_to(substring(replace(encode(${shift === 0 ? '' : `decode('${'00'.repeat(shift)}', 'hex') || `}${plain}, 'base64'), chr(10), '') from 5 for 12), 'UTF8')`,
    ),
  ];
  return `(${forms.map((form) => `position(${form} in ${column}) > 0`).join(' or ')})`;
}
