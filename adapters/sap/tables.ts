/** RFC_READ_TABLE: rows of a table of SAP by a condition. It sends its conditions back, by which an answer is known. */
import { Failure } from '../../contracts/failures.ts';
import { isTree } from './pick.ts';
import type { RfcCall } from './rfc.ts';

const delimiter = '|';
/** A line of OPTIONS. */
const conditionCharsMax = 72;

/** @param where of plain values only: what stands between the quotes is checked by the caller */
export async function readTable<F extends string>(
  call: RfcCall,
  table: string,
  fields: readonly F[],
  where: string,
): Promise<Record<F, string>[]> {
  if (where.length > conditionCharsMax) throw new Error('a condition has one line');
  const answer = await call(
    'RFC_READ_TABLE',
    {
      QUERY_TABLE: table,
      DELIMITER: delimiter,
      OPTIONS: [{ TEXT: where }],
      FIELDS: fields.map((field) => ({ FIELDNAME: field })),
    },
    ['DATA'],
  );
  const said = textsIn(answer, 'OPTIONS', 'TEXT').join(' ');
  if (said !== where || textsIn(answer, 'FIELDS', 'FIELDNAME').join() !== fields.join())
    throw new Failure('ANSWER_UNVERIFIED', { detail: `the answer is not about ${table} where ${where}` });
  return textsIn(answer, 'DATA', 'WA').map((row) => {
    const cells = row.split(delimiter);
    if (cells.length < fields.length)
      throw new Failure('ANSWER_UNVERIFIED', { detail: `a row of ${table} has ${cells.length} fields` });
    return Object.fromEntries(fields.map((field, index) => [field, cells[index]?.trim() ?? ''])) as Record<F, string>;
  });
}

function textsIn(answer: unknown, table: string, field: string): string[] {
  const rows: unknown = isTree(answer) ? answer[table] : undefined;
  return (Array.isArray(rows) ? rows : []).flatMap((row: unknown) => {
    const text = isTree(row) ? row[field] : undefined;
    return typeof text === 'string' ? [text.trim()] : [];
  });
}
