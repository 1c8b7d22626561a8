/**
 * Proves an evidence export, or says in a sentence why it cannot: offline, with nothing but the file and the hub's public
 * key. Each check stands for itself, so that the sentence names what was done; the seal over the whole file comes last and
 * catches what no other check looks at.
 */
import { isFailure } from '../failures.ts';
import { parseJson } from '../gate/json.ts';
import { EvidenceExport, exportLimits } from './export.ts';
import { finding, type Finding } from './finding.ts';
import { extendsLog } from './merkle.ts';
import { placesOf } from './places.ts';
import { recordFindings } from './records.ts';
import { caseHolds, headHolds, readPublicKey, signatureHolds, type PublicKey } from './signing.ts';

export interface ExportVerdict {
  readonly proven: boolean;
  /** Empty exactly when it is proven. */
  readonly findings: readonly Finding[];
  /** Undefined when the file is no export at all. */
  readonly document: EvidenceExport | undefined;
  /** True when the signatures were checked with keys from outside of the file. Without, a whole forgery is still whole. */
  readonly keyCompared: boolean;
}

const findingsMax = 50;

/** `trusted`: the hub's keys as it published them; undefined takes those that the file brings along. Never throws. */
export function verifyExport(bytes: Uint8Array, trusted?: readonly PublicKey[]): ExportVerdict {
  const keyCompared = trusted !== undefined;
  const document = readExport(bytes);
  if (!('format' in document)) return { proven: false, findings: [document], document: undefined, keyCompared };
  const findings = check(document, trusted).slice(0, findingsMax);
  return { proven: findings.length === 0, findings, document, keyCompared };
}

function readExport(bytes: Uint8Array): EvidenceExport | Finding {
  try {
    return EvidenceExport.check(parseJson(bytes, exportLimits));
  } catch (thrown) {
    const why = isFailure(thrown) ? thrown.message : 'it cannot be read';
    return finding(
      'FORMAT_WRONG',
      `文件被改动，或不是平台导出的存证：${why}`,
      `the file was changed, or is no evidence export of a hub: ${why}`,
    );
  }
}

function check(document: EvidenceExport, trusted: readonly PublicKey[] | undefined): Finding[] {
  const keys = new KeyRing(document, trusted);
  const head = headFindings(document, keys);
  const statement = statementFindings(document, keys);
  const places = placesOf(document, statement.length === 0);
  const findings = [
    ...keys.findings,
    ...places.findings,
    ...recordFindings(document, places.records, head.believed),
    ...anchorFindings(document),
    ...head.findings,
    ...statement,
  ];
  if (findings.length === 0) findings.push(...lastLinkFindings(document), ...manifestFindings(document));
  // Whatever was changed breaks the seal too: said only when nothing else can be said.
  return findings.length > 0 ? findings : sealFindings(document, keys);
}

/** The keys that may have signed this document. */
class KeyRing {
  readonly findings: Finding[] = [];
  readonly #keys = new Map<string, PublicKey>();

  constructor(document: EvidenceExport, trusted: readonly PublicKey[] | undefined) {
    for (const { id, publicKey } of document.keys) {
      const key = readPublicKey(publicKey);
      if (key?.id === id) this.#keys.set(id, key);
      else this.findings.push(notItsFingerprint(id));
    }
    if (trusted) this.#keys.clear();
    for (const key of trusted ?? []) this.#keys.set(key.id, key);
    const signers = new Set([...document.heads, document.statement, document.seal].map(({ keyId }) => keyId));
    for (const id of signers)
      if (!this.#keys.has(id)) this.findings.push(trusted ? unknownSigner(id, trusted) : noKey(id));
  }

  get(id: string): PublicKey | undefined {
    return this.#keys.get(id);
  }
}

function headFindings(
  { heads, consistency, records }: EvidenceExport,
  keys: KeyRing,
): { readonly believed: boolean; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  let believed = false;
  for (const head of heads) {
    const key = keys.get(head.keyId);
    believed = key !== undefined && headHolds(key, head);
    // An unknown key has its own sentence.
    if (key && !believed) findings.push(headNotSigned(head.treeSize, head.keyId));
  }
  heads.slice(1).forEach((later, i) => {
    const earlier = heads[i];
    const proof = (consistency[i] ?? []).map((hash) => Buffer.from(hash, 'hex'));
    if (!earlier || earlier.treeSize >= later.treeSize || !extendsLog(rootOf(earlier), rootOf(later), proof))
      findings.push(rewritten(earlier?.treeSize ?? 0, later.treeSize));
  });
  if (consistency.length !== heads.length - 1)
    findings.push(rewritten(heads[0]?.treeSize ?? 0, heads.at(-1)?.treeSize ?? 0));
  // Signed with a key that is not the hub's, it may still say where a record stands.
  const looked = believed || !keys.get(heads.at(-1)?.keyId ?? '');
  return { believed: looked && records.length > 0, findings };
}

function rootOf({ treeSize, rootHash }: EvidenceExport['heads'][number]): { size: number; root: Buffer } {
  return { size: treeSize, root: Buffer.from(rootHash, 'hex') };
}

function statementFindings({ caseId, statement }: EvidenceExport, keys: KeyRing): Finding[] {
  const key = keys.get(statement.keyId);
  if (!key || (caseHolds(key, statement) && statement.caseId === caseId)) return [];
  const { count } = statement;
  return [
    finding(
      'STATEMENT_WRONG',
      `关于本业务共有 ${count} 条存证的声明不是平台所签：尾部可能被截断`,
      `the statement that case ${caseId} has ${count} records is not what the hub signed: records may have been cut off the end`,
    ),
  ];
}

function lastLinkFindings({ records, statement }: EvidenceExport): Finding[] {
  const last = records.at(-1);
  if (last && last.sha256 === statement.sha256 && last.sm3 === statement.sm3) return [];
  return [
    finding(
      'CHAIN_REBUILT',
      `链被重建：末条摘要不是平台声明中的摘要`,
      `the chain was rebuilt: its last record is not the one that the hub's statement names`,
      statement.count,
    ),
  ];
}

function anchorFindings({ anchors, records }: EvidenceExport): Finding[] {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  return anchors.flatMap((anchor) => {
    const { seq, sha256, txHash, blockNumber } = anchor;
    const found = bySeq.get(seq);
    if (found?.sha256 === sha256) return [];
    const here = found ? `${found.sha256.slice(0, 16)}…` : 'nothing';
    return [
      finding(
        'ANCHOR_MISMATCH',
        `与链上锚定不符：第 ${seq} 条于区块 ${blockNumber} 交易 ${txHash} 锚定的摘要为 ${sha256.slice(0, 16)}…，文件中为 ${found ? here : '无'}`,
        `the chain was rebuilt, cut or its anchor changed: record ${seq} was anchored as ${sha256.slice(0, 16)}… in block ${blockNumber}, transaction ${txHash}; the file holds ${here}`,
        seq,
      ),
    ];
  });
}

function manifestFindings({ manifest, records, anchors, heads, keys }: EvidenceExport): Finding[] {
  const counted = { records: records.length, anchors: anchors.length, heads: heads.length, keys: keys.length };
  return (['records', 'anchors', 'heads', 'keys'] as const).flatMap((name) =>
    counted[name] === manifest[name]
      ? []
      : [
          finding(
            'MANIFEST_WRONG',
            `清单中 ${name} 为 ${manifest[name]}，文件中为 ${counted[name]}`,
            `the manifest counts ${manifest[name]} ${name}, the file holds ${counted[name]}`,
          ),
        ],
  );
}

function sealFindings({ seal, ...content }: EvidenceExport, keys: KeyRing): Finding[] {
  const key = keys.get(seal.keyId);
  if (key && signatureHolds(key, 'evidence-export', content, seal.signature)) return [];
  return [
    finding(
      'SEAL_BROKEN',
      '文件在导出后被改动：存证本身成立，但平台对整个文件的签名不符',
      "the file was changed after its export: the evidence in it holds, but the hub's seal over the whole file does not",
    ),
  ];
}

function notItsFingerprint(id: string): Finding {
  return finding(
    'KEY_WRONG',
    `公钥与其指纹 ${id} 不符`,
    `a public key in the file is not the one with the fingerprint ${id}`,
  );
}

function noKey(id: string): Finding {
  return finding('KEY_WRONG', `文件中没有签名密钥 ${id}`, `the file does not hold the key ${id} that signed it`);
}

function unknownSigner(id: string, trusted: readonly PublicKey[]): Finding {
  const ours = trusted.map((key) => key.id).join(', ');
  return finding(
    'KEY_UNKNOWN',
    `签名密钥 ${id} 不是平台的密钥 ${ours}：链与日志被重建后另行签名，或文件来自另一平台`,
    `signed by the key ${id}, which is not the hub's (${ours}): chain and log were rebuilt and signed anew, or the file is of another hub`,
  );
}

function headNotSigned(treeSize: number, keyId: string): Finding {
  return finding(
    'HEAD_WRONG',
    `日志在 ${treeSize} 条时的树头不是密钥 ${keyId} 所签：树头被改动，或日志被重建`,
    `the log's head of ${treeSize} leaves is not signed by the key ${keyId}: the head was changed, or the log was rebuilt`,
  );
}

function rewritten(earlier: number, later: number): Finding {
  return finding(
    'LOG_REWRITTEN',
    `无法证明 ${later} 条时的日志只是在 ${earlier} 条时的日志之后追加：日志被改写，或证明被改动`,
    `the log of ${later} leaves is not proved to extend that of ${earlier}: the log was rewritten, or the proof was changed`,
  );
}
