/**
 * Is each record of an export what was kept? Two witnesses are asked: the case's chain (do the digests follow from the
 * content and the record before it?) and the signed log (is that link in it, as this number of this case?). Which of them
 * disagrees tells what was done to a record.
 */
import { linkOf, type Link } from './chain.ts';
import type { EvidenceExport, ExportedRecord } from './export.ts';
import { finding, listed, type Finding } from './finding.ts';
import { includes, leafHash } from './merkle.ts';
import { missing, swapped } from './places.ts';
import { leafEntry } from './signing.ts';

interface Witnessed {
  readonly record: ExportedRecord;
  readonly before: Link | undefined;
  /** Undefined when the record before it is not there: then nobody can tell. */
  readonly follows: boolean | undefined;
  readonly logged: boolean;
}

/** More would not make the sentence clearer, and each is tried against each. */
const comparedMax = 64;

/** `records` by number; `logBelieved` is false when the head itself does not hold, and nothing can be looked up in it. */
export function recordFindings(
  { caseId, heads }: EvidenceExport,
  records: readonly ExportedRecord[],
  logBelieved: boolean,
): Finding[] {
  const head = heads.at(-1);
  const inLog = (record: ExportedRecord, link: Link) =>
    !logBelieved ||
    (head !== undefined &&
      includes(
        leafHash(leafEntry(caseId, link)),
        record.leafIndex,
        head.treeSize,
        record.inclusion.map((hash) => Buffer.from(hash, 'hex')),
        Buffer.from(head.rootHash, 'hex'),
      ));
  const all = records.map((record, i) => witness(record, records[i - 1], inLog));
  const wrong = all.filter(({ follows, logged }) => follows === false || !logged);
  const moved = movedFindings(wrong.slice(0, comparedMax), inLog);
  if (moved.length > 0) return moved;
  return rebuilt(wrong, all) ?? wrong.flatMap((one) => changed(one, all, inLog));
}

type InLog = (record: ExportedRecord, link: Link) => boolean;

function witness(record: ExportedRecord, neighbour: ExportedRecord | undefined, inLog: InLog): Witnessed {
  const before = neighbour?.seq === record.seq - 1 ? linkIn(neighbour) : undefined;
  const known = record.seq === 1 || before !== undefined;
  const due = known ? dueOf(before, record) : undefined;
  return { record, before, follows: known ? sameLink(due, record) : undefined, logged: inLog(record, linkIn(record)) };
}

/** Records that are whole, but stand under each other's numbers. */
function movedFindings(wrong: readonly Witnessed[], inLog: InLog): Finding[] {
  const moves = wrong.flatMap(({ record, logged }) => {
    const numbers = wrong.map((other) => other.record.seq);
    // One more than there are places: that of the last record, when one before it was taken out.
    const due = logged
      ? undefined
      : [...numbers, (numbers.at(-1) ?? 0) + 1].find(
          (seq) => seq !== record.seq && inLog(record, { ...linkIn(record), seq }),
        );
    return due === undefined ? [] : [{ at: record.seq, due }];
  });
  const first = moves[0];
  if (first && moves.length > 0 && moves.every(({ at, due }) => due > at && due - at === first.due - first.at))
    return [missing(first.at, first.due - 1)];
  if (moves.length > 1) return [swapped(moves.map(({ at }) => at))];
  const exchanged = wrong.filter((one) =>
    wrong.some(
      (other) => other !== one && sameLink(dueOf(other.before, { ...one.record, seq: other.record.seq }), other.record),
    ),
  );
  return exchanged.length > 1 ? [swapped(exchanged.map(({ record }) => record.seq))] : [];
}

/** From one record to the end the links agree with one another, and none of them is in the log. */
function rebuilt(wrong: readonly Witnessed[], all: readonly Witnessed[]): Finding[] | undefined {
  const first = wrong[0];
  const sound = wrong.every(({ follows, logged }) => follows !== false && !logged);
  if (!first || !sound || wrong.at(-1) !== all.at(-1) || !together(wrong)) return undefined;
  const which = listed(wrong.map(({ record }) => record.seq));
  return [
    finding(
      'CHAIN_REBUILT',
      `链被重建：第 ${which} 条的摘要与内容相符，但平台签名的日志中没有它们`,
      `the chain was rebuilt: the digests of record ${which} fit their content, but the log that the hub signed does not hold them`,
      first.record.seq,
    ),
  ];
}

function together(wrong: readonly Witnessed[]): boolean {
  return wrong.every(({ record }, i) => i === 0 || record.seq === (wrong[i - 1]?.record.seq ?? 0) + 1);
}

function changed({ record, before, follows, logged }: Witnessed, all: readonly Witnessed[], inLog: InLog): Finding[] {
  const { seq } = record;
  const name = `${seq} (${record.node}, ${record.businessKey})`;
  if (logged) {
    // The digests are those of the log. If the ones before are not, it is that record which was changed, not this one.
    if (all.find((one) => one.record.seq === seq - 1)?.logged === false) return [];
    return [
      finding(
        'RECORD_CHANGED',
        `第 ${name} 条存证的内容被改动：与当时的摘要不符`,
        `the content of record ${name} was changed: it does not give the digests that were kept of it`,
        seq,
      ),
    ];
  }
  const due = dueOf(before, record);
  if (follows === false && due && inLog(record, due))
    return [
      finding(
        'RECORD_CHANGED',
        `第 ${name} 条存证的摘要被改动：日志中为另一摘要`,
        `the digests of record ${name} were changed: the signed log holds those that its content gives`,
        seq,
      ),
    ];
  if (follows !== false)
    return [
      finding(
        'PROOF_WRONG',
        `第 ${name} 条存证无法在平台签名的日志中找到：其位置或证明路径被改动，或其内容与摘要一并被改`,
        `record ${name} is not proved to be in the log that the hub signed: its place or its proof was changed, or its content together with its digests`,
        seq,
      ),
    ];
  return [
    finding(
      'RECORD_FOREIGN',
      `第 ${name} 条存证不属于本业务的链：既不承接前一条，平台签名的日志中也没有它`,
      `record ${name} is not of this case's chain: it neither follows the record before it nor is it in the log that the hub signed`,
      seq,
    ),
  ];
}

function linkIn({ seq, sha256, sm3 }: ExportedRecord): Link {
  return { seq, sha256, sm3 };
}

/** A record that cannot be written down was never linked. */
function dueOf(before: Link | undefined, { node, businessKey, payload, at }: ExportedRecord): Link | undefined {
  try {
    return linkOf(before, { node, businessKey, payload, at });
  } catch {
    return undefined;
  }
}

function sameLink(due: Link | undefined, { seq, sha256, sm3 }: ExportedRecord): boolean {
  return due !== undefined && due.seq === seq && due.sha256 === sha256 && due.sm3 === sm3;
}
