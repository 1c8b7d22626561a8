/** The field sets as a page for people: `node ledger/isolation/page.ts` writes docs/isolation.md, and a test compares it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedTables, fieldSets, openTables } from './fieldSets.ts';
import { relations } from './relations.ts';

export const isolationPage = join(import.meta.dirname, '..', '..', 'docs', 'isolation.md');

export function isolationText(): string {
  const tables = Object.entries(fieldSets).map(([table, fields]) => {
    const readers = Map.groupBy(
      relations.filter((relation) => fields[relation]),
      (relation) => fields[relation] ?? '',
    );
    const rows = [...readers].map(([columns, who]) => `| ${who.join(', ')} | ${columns.replaceAll(' ', ', ')} |`);
    return `### ${table}\n\n| Who | Columns |\n| --- | --- |\n${rows.join('\n')}\n`;
  });
  const reasons = (listed: Readonly<Record<string, string>>) =>
    [...Map.groupBy(Object.keys(listed), (table) => listed[table] ?? '')]
      .map(([why, of]) => `- ${why}: ${of.join(', ')}`)
      .join('\n');
  return `<!-- Made by: node ledger/isolation/page.ts. Do not edit. -->
# Isolation (隔离): who reads what

A party reads rows of cases in which it takes part, in the relation in which it takes part, and of these the columns below.
Rows are chosen by the policies of \`store/migrations/0030-isolation.sql\`, columns are granted from
\`ledger/isolation/fieldSets.ts\`. \`borrower\`: chain enterprise (链属企业) or supplier; \`unit\`: trading unit (经营单位);
\`funder\`: 资金方; \`keeper\`: warehouse or supervisor (保管人, 监管方); \`core\`: debtor of a receivable (核心企业).

## What parties read

${tables.join('\n')}
## Closed to parties, under row-level security all the same

${reasons(closedTables)}

## Not under row-level security; parties have no right to them, but to the clock

${reasons(openTables)}
`;
}

if (import.meta.main) writeFileSync(isolationPage, isolationText());
