/** `lianshu evidence`: the evidence of one case as a file that proves itself, and the log that it is in. */
import { resolve } from 'node:path';
import type { Signer } from '../contracts/evidence/signing.ts';
import { exportEvidence } from '../ledger/evidence/export.ts';
import { sequenceEvidence } from '../ledger/evidence/sequencer.ts';
import { openStore, type Store } from '../store/store.ts';
import { knownEvidenceSigner } from './evidence/key.ts';
import { verifyEvidence } from './evidence/verify.ts';
import { homeFolder, writeWhole } from './home.ts';
import { runningHub } from './running.ts';

export interface EvidenceOptions {
  /** Where the export goes; `-` is the standard output. */
  readonly out?: string | undefined;
  /** File with the hub's public key. */
  readonly key?: string | undefined;
  readonly json: boolean;
}

export async function evidence(positionals: readonly string[], options: EvidenceOptions): Promise<number> {
  const [verb, subject, ...rest] = positionals;
  const takesSubject = verb === 'export' || verb === 'verify';
  if (rest.length > 0 || takesSubject !== (subject !== undefined)) return misused();
  switch (verb) {
    case 'export':
      return exported(subject ?? '', options);
    case 'verify':
      return verifyEvidence(subject ?? '', options);
    case 'head':
      return head(options.json);
    case 'key':
      process.stdout.write(knownEvidenceSigner(homeFolder()).publicKey);
      return 0;
    default:
      return misused();
  }
}

function misused(): number {
  process.stderr.write('用法 usage: npx lianshu evidence export <case> | verify <file> | head | key\n');
  return 2;
}

async function exported(subject: string, options: EvidenceOptions): Promise<number> {
  return withBooks(async (store, signer) => {
    const caseId = await caseOf(store, subject);
    const document = await exportEvidence(store, signer, caseId);
    // One space: a person may look into it, and a line that was changed can be pointed at.
    const text = `${JSON.stringify(document, null, 1)}\n`;
    if (options.out === '-') {
      process.stdout.write(text);
      return 0;
    }
    const file = resolve(options.out ?? `${caseId.replaceAll(/[^\w.-]/g, '_')}.evidence.json`);
    writeWhole(file, text);
    const { records, anchors, heads } = document;
    const treeSize = heads.at(-1)?.treeSize ?? 0;
    const about = { file, caseId, records: records.length, anchors: anchors.length, treeSize, keyId: signer.keyId };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(about)}\n`
        : `${file}\n${caseId}: ${about.records} 条存证 records, ${about.anchors} 次锚定 anchors, 日志 log of ${treeSize} leaves\n签名密钥 signed by key ${signer.keyId}\n校验 check it anywhere: npx lianshu evidence verify ${file} --key <evidence.pub>\n`,
    );
    return 0;
  });
}

/** The signed head of the log as it is now: kept elsewhere, it shows later that nothing before it was changed. */
async function head(json: boolean): Promise<number> {
  return withBooks(async (store, signer) => {
    const found = (await sequenceEvidence(store, signer)).head;
    if (!found) {
      process.stdout.write(json ? 'null\n' : '日志为空 the log is empty\n');
      return 0;
    }
    const { treeSize, rootHash, at, keyId, signature } = found;
    process.stdout.write(
      json
        ? `${JSON.stringify({ treeSize, rootHash, at, keyId, signature })}\n`
        : `日志 log of ${treeSize} leaves at ${at}\n根 root ${rootHash}\n签名密钥 signed by key ${keyId}\n签名 signature ${signature}\n`,
    );
    return 0;
  });
}

/** By its own number, or by that of the order that began it. */
async function caseOf(store: Store, subject: string): Promise<string> {
  const found = await store.pool.query<{ id: string }>(
    'select id from cases where id = $1 or key = $1 order by id = $1 desc limit 1',
    [subject],
  );
  const id = found.rows[0]?.id;
  if (id === undefined) throw new Error(`没有该业务 there is no case or order ${subject}`);
  return id;
}

async function withBooks(use: (store: Store, signer: Signer) => Promise<number>): Promise<number> {
  const databaseUrl = process.env['DATABASE_URL'] ?? (await runningHub()).databaseUrl;
  const signer = knownEvidenceSigner(homeFolder());
  const store = await openStore(databaseUrl, { maxConnections: 2, applicationName: 'lianshu-evidence' });
  try {
    return await use(store, signer);
  } finally {
    await store.close();
  }
}
