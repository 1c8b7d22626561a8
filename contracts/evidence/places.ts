/** Are all records of an export there, each once, each in its place? Judged by the numbers that they carry. */
import type { EvidenceExport, ExportedRecord } from './export.ts';
import { finding, listed, type Finding } from './finding.ts';

export interface Placed {
  /** By number, those that occur twice left out. */
  readonly records: readonly ExportedRecord[];
  readonly findings: readonly Finding[];
}

/** `stated` is false when the hub's statement about the case is not to be believed. */
export function placesOf({ records, statement }: EvidenceExport, stated: boolean): Placed {
  const findings: Finding[] = [];
  const bySeq = new Map<number, ExportedRecord>();
  for (const record of records) {
    if (bySeq.has(record.seq)) findings.push(repeated(record.seq));
    else bySeq.set(record.seq, record);
  }
  const sorted = [...bySeq.values()].toSorted((a, b) => a.seq - b.seq);
  const unique = records.filter((record) => bySeq.get(record.seq) === record);
  const moved = unique.filter((record, i) => record !== sorted[i]).map(({ seq }) => seq);
  if (moved.length > 0) findings.push(swapped(moved));
  const highest = sorted.at(-1)?.seq ?? 0;
  findings.push(...gaps(sorted));
  if (stated && highest < statement.count) findings.push(cut(highest, statement.count));
  if (stated && highest > statement.count) findings.push(added(highest, statement.count));
  return { records: sorted, findings };
}

function gaps(sorted: readonly ExportedRecord[]): Finding[] {
  return sorted.flatMap(({ seq }, i) => {
    const before = sorted[i - 1]?.seq ?? 0;
    return seq - before > 1 ? [missing(before + 1, seq - 1)] : [];
  });
}

/** Records `from` to `to` are not there. */
export function missing(from: number, to: number): Finding {
  const which = from === to ? `${from}` : `${from}–${to}`;
  const context = from === 1 ? `the file begins with record ${to + 1}` : `record ${from - 1} is followed by ${to + 1}`;
  return finding(
    'RECORD_MISSING',
    `第 ${which} 条存证被删除：${from === 1 ? `文件从第 ${to + 1} 条开始` : `第 ${from - 1} 条之后直接是第 ${to + 1} 条`}`,
    `record ${which} was deleted: ${context}`,
    from,
  );
}

export function swapped(seqs: readonly number[]): Finding {
  const which = listed(seqs.toSorted((a, b) => a - b));
  return finding(
    'RECORDS_SWAPPED',
    `第 ${which} 条存证的顺序被调换`,
    `records ${which} were swapped: they do not stand in the order in which they were kept`,
    Math.min(...seqs),
  );
}

function repeated(seq: number): Finding {
  return finding('RECORD_REPEATED', `第 ${seq} 条存证出现两次`, `record ${seq} occurs twice`, seq);
}

function cut(highest: number, count: number): Finding {
  return finding(
    'TAIL_CUT',
    `尾部被截断：平台签署的声明为 ${count} 条，文件止于第 ${highest} 条`,
    `the tail was cut off: the hub signed that the case has ${count} records, the file ends with record ${highest}`,
    highest + 1,
  );
}

function added(highest: number, count: number): Finding {
  return finding(
    'TAIL_ADDED',
    `尾部被添加：平台签署的声明为 ${count} 条，文件却有第 ${highest} 条`,
    `something was added: the hub signed that the case has ${count} records, the file goes on to record ${highest}`,
    count + 1,
  );
}
