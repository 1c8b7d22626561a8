/** `lianshu evidence verify`: proves an export from the file alone. Needs no hub, no database and no home. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exportLimits, type EvidenceExport } from '../../contracts/evidence/export.ts';
import type { PublicKey } from '../../contracts/evidence/signing.ts';
import { verifyExport, type ExportVerdict } from '../../contracts/evidence/verify.ts';
import { projectFolder } from '../home.ts';
import { publicFile, readPublicKeys } from './key.ts';

export interface VerifyOptions {
  readonly key?: string | undefined;
  readonly json: boolean;
}

interface Trust {
  readonly keys: readonly PublicKey[];
  /** Where they are from. */
  readonly file: string;
}

/** 0: proven. 1: not proven. 2: there was nothing to prove. */
export function verifyEvidence(file: string, options: VerifyOptions): number {
  let bytes: Buffer;
  let trust: Trust | undefined;
  try {
    bytes = readBounded(file);
    trust = trustOf(options.key);
  } catch (thrown) {
    process.stderr.write(`${printable(thrown instanceof Error ? thrown.message : 'unknown')}\n`);
    return 2;
  }
  const verdict = verifyExport(bytes, trust?.keys);
  process.stdout.write(options.json ? `${JSON.stringify(reported(verdict, trust))}\n` : told(file, verdict, trust));
  // A forger can sign everything anew with a key of his own: without the hub's key nothing is proven.
  return verdict.proven && verdict.keyCompared ? 0 : 1;
}

function readBounded(file: string): Buffer {
  const about = statSync(file, { throwIfNoEntry: false });
  if (!about?.isFile()) throw new Error(`没有文件 there is no file ${file}`);
  // One byte more than is taken: the check says the rest.
  return about.size > exportLimits.bytesMax ? Buffer.alloc(exportLimits.bytesMax + 1) : readFileSync(file);
}

/** The key that was named, else that of the hub whose home this is, if there is one. */
function trustOf(named: string | undefined): Trust | undefined {
  const own = publicFile(resolve(process.env['LIANSHU_HOME'] ?? join(projectFolder, '.lianshu')));
  if (named === undefined && !existsSync(own)) return undefined;
  const file = named ?? own;
  if (!existsSync(file)) throw new Error(`没有文件 there is no file ${file}`);
  const keys = readPublicKeys(file);
  if (!keys) throw new Error(`${file} 不是 Ed25519 公钥 is not an Ed25519 public key in PEM (or several)`);
  return { keys, file };
}

function reported({ proven, findings, document, keyCompared }: ExportVerdict, trust: Trust | undefined): object {
  const head = document?.heads.at(-1);
  return {
    proven: proven && keyCompared,
    findings,
    keyCompared,
    ...(trust ? { keyFile: trust.file } : {}),
    ...(document && head
      ? {
          caseId: document.caseId,
          records: document.records.length,
          exportedAt: document.exportedAt,
          keyId: document.seal.keyId,
          head: { treeSize: head.treeSize, rootHash: head.rootHash, at: head.at },
          anchors: document.anchors,
        }
      : {}),
  };
}

function told(file: string, { proven, findings, document }: ExportVerdict, trust: Trust | undefined): string {
  const lines = proven && document ? proofLines(document, trust) : [`✗ 未证明 not proven: ${file}`];
  for (const { zh, en } of findings) lines.push(`  ${zh}`, `  ${en}`);
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function proofLines({ caseId, records, heads, anchors, seal }: EvidenceExport, trust: Trust | undefined): string[] {
  const head = heads.at(-1);
  return [
    trust
      ? `✓ 已证明 proven: ${caseId}，${records.length} 条存证 records, unchanged, complete and in order`
      : `◐ 自洽，密钥待核对 holds together, the key was not compared: ${caseId}，${records.length} 条存证 records`,
    `  日志 in the log of ${head?.treeSize ?? 0} leaves that the hub signed at ${head?.at ?? ''}, root ${head?.rootHash ?? ''}`,
    trust
      ? `  签名密钥 signed by key ${seal.keyId}, as in ${trust.file}`
      : `  签名密钥 signed by key ${seal.keyId}; 请与平台公布的指纹核对 compare it with the one that the hub published, or give it: --key <file>`,
    ...anchors.map(
      ({ seq, sha256, txHash, blockNumber }) =>
        `  锚定 record ${seq} anchored in block ${blockNumber}, transaction ${txHash}: that must hold ${sha256}`,
    ),
  ];
}

/** What a hostile file says must not steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}
